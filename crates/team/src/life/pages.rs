//! What Owners and Admins see of the workspace's life: how it stands and what it
//! has stored, with what an Owner may order; and the one page of a workspace
//! that is deleted.

use daybook_kernel::page::{After, Undo};
use daybook_kernel::road::Visit;
use daybook_kernel::standing::KEPT_DAYS;
use daybook_kernel::time::day_of;
use daybook_kernel::{Error, PageRequest, PageView, Standing};
use daybook_ui::{
    Act, Field, Html, Tone, Weight, button_link, definition_list, lede, section, status,
};
use maud::html;

use super::show_workspace::{ShowWorkspace, WorkspaceShown};

/// The parts of the settings page, for whoever may see them.
pub(crate) fn of_settings(
    request: &PageRequest,
    visit: &mut Visit<'_>,
) -> Result<Option<Html>, Error> {
    if !visit.may("team.show_workspace") {
        return Ok(None);
    }
    let shown = visit.ask(ShowWorkspace {})?;
    let may = |operation| visit.may(operation);
    let frozen = visit.standing() == Standing::Frozen;
    Ok(Some(html! {
        (section("stored", "What is stored", stored(&shown)))
        @if frozen && may("team.thaw_workspace") {
            (section("freeze", "This workspace is frozen", thaw(request)))
        }
        @if !frozen && may("team.freeze_workspace") {
            (section("freeze", "Freeze this workspace", freeze(request)))
        }
        @if may("team.delete_workspace") {
            (section("delete", "Delete this workspace", delete(request, &shown)))
        }
    }))
}

fn stored(shown: &WorkspaceShown) -> Html {
    let standing = if shown.standing == "frozen" {
        status(Tone::Waiting, "Frozen")
    } else {
        status(Tone::Good, "Active")
    };
    let limit = shown
        .bytes_max
        .map_or_else(|| "No limit is set".to_owned(), size);
    html! {
        (definition_list(&[
            ("State", standing),
            ("Stored", html! { (size(shown.bytes_used)) }),
            ("At most", html! { (limit) }),
        ]))
        @if let Some(max) = shown.bytes_max {
            @if shown.bytes_used > max / 10 * 9 {
                p { "Little room is left. Once there is none, nothing new is stored here; reading and exporting go on. Ask whoever runs this instance for more." }
            }
        }
    }
}

/// Bytes as people read them.
fn size(bytes: i64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut tenths = bytes.saturating_mul(10) / 1_024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1_024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

fn freeze(request: &PageRequest) -> Html {
    let undo = Undo::by("team.thaw_workspace", &[], "It is not frozen any more.");
    let act = Act::new(request, "team.freeze_workspace").then("settings");
    let act = act.after(After::says("The workspace is frozen.").undone_by(undo));
    html! {
        p { "Everybody reads and exports as before, and nothing changes until an Owner ends it: no entry, no member, no setting." }
        (act.form("Freeze", &html! { (act.field("reason", reason())) }))
    }
}

fn thaw(request: &PageRequest) -> Html {
    let act = Act::new(request, "team.thaw_workspace").then("settings");
    let act = act.after(After::says("The workspace is not frozen any more."));
    html! {
        p { "It is read and exported, and nothing in it changes." }
        (act.form("End the freeze", &html! { (act.field("reason", reason())) }))
    }
}

fn delete(request: &PageRequest, shown: &WorkspaceShown) -> Html {
    let act = Act::new(request, "team.delete_workspace").to("/?switch");
    let address = Field::text("address", "Address of this workspace")
        .hint(format!("Type {} to confirm.", shown.address))
        .length_max(100)
        .autocomplete("off")
        .required();
    html! {
        p {
            "It is closed for everybody at once. For " (KEPT_DAYS) " days an Owner can take it back; then all that it holds is destroyed with its key, and nobody can bring it back. What stays for a year is who did what and when, without any content."
        }
        p {
            "The law asks most businesses to keep their books for years. Take an export first: after that there is none."
        }
        div.buttons { (button_link("Export the books", &request.link("books/exports"), Weight::Plain)) }
        details open[!act.faults().is_empty()] {
            summary { "Delete" }
            (act.form("Delete this workspace", &html! {
                (act.field("address", address))
                (act.field("reason", reason()))
            }))
        }
    }
}

fn reason() -> Field {
    Field::text("reason", "Reason")
        .length_max(500)
        .hint("For the log; leave it empty if it goes without saying.")
}

/// The one page of a workspace that is deleted.
pub(super) fn deletion(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let act = Act::new(request, "team.keep_workspace").to("/?switch");
    let body = if let Standing::Deleted { gone_at_ms } = visit.standing() {
        html! {
            (lede(&format!("This workspace is closed for everybody, and will be gone on {}.", day_of(gone_at_ms))))
            p { "Until then you can take it back as it was. Afterwards nobody can." }
            (act.button("Keep this workspace", Weight::Primary, "", ""))
        }
    } else {
        html! {
            p { "This workspace is not deleted." }
            div.buttons { (button_link("Settings", &request.link("settings"), Weight::Plain)) }
        }
    };
    Ok(PageView {
        title: "Deleted".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        for (bytes, told) in [
            (0, "0.0 KiB"),
            (1_536, "1.5 KiB"),
            (1_048_576, "1.0 MiB"),
            (5_368_709_120, "5.0 GiB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }
}
