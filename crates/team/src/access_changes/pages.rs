//! The published list as a page.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    Column, Html, Row, Table, Weight, button_link, empty_state, instant, lede, section, table,
};
use maud::html;

use super::list_access_changes::{AccessChange, ListAccessChanges};
use super::releases::Release;

pub(super) fn changes(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let answer = visit.ask(asked(request)?)?;
    let body = html! {
        (lede("Who may do what here, and since when. Every member reads this list, and nobody can change what stands in it."))
        @if answer.changes.is_empty() {
            (empty_state(
                "Every change of who may do what is published here: a role, a suspension, a policy, a grant.",
                "21 Nov 2026, ada@example.com: grace@example.com, Member, now Manager",
                "See the members",
                &request.link("team/members"),
            ))
        } @else {
            (list(&answer.changes))
        }
        @if let Some(next) = answer.next {
            p { (button_link("Older", &request.link(&format!("team/access-changes?before={next}")), Weight::Plain)) }
        }
        (section("daybook", "What Daybook changed in its own rules", releases(&answer.releases)))
    };
    Ok(PageView {
        title: "Changes of access".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

/// The part of the list that the address names.
fn asked(request: &PageRequest) -> Result<ListAccessChanges, Error> {
    let number = |text: &str| {
        text.parse()
            .map_err(|_| Error::fault("before", "This is no number of a change."))
    };
    let before = request.get("before").map(number).transpose()?;
    Ok(ListAccessChanges { before })
}

fn list(changes: &[AccessChange]) -> Html {
    let rows = changes.iter().map(|change| {
        Row::new(vec![
            instant(&change.at),
            html! { (change.actor) },
            html! { (change.kind) },
            html! { (change.subject) },
            said(change, &change.old),
            said(change, &change.new),
        ])
    });
    table(&Table {
        caption: "Changes of access".to_owned(),
        columns: vec![
            Column::head("When"),
            Column::text("Who"),
            Column::short("What"),
            Column::text("About"),
            Column::text("Before"),
            Column::text("After"),
        ],
        rows: rows.collect(),
    })
}

fn said(change: &AccessChange, text: &str) -> Html {
    // Which account it is, only those are told who see it.
    let hidden = change.kind == "assignment" && change.old.is_empty() && change.new.is_empty();
    html! {
        @if hidden { span.muted { "not shown" } }
        @else if text.is_empty() { span.muted { "–" } }
        @else { (text) }
    }
}

fn releases(releases: &[Release]) -> Html {
    html! {
        dl.definitions {
            @for release in releases {
                div { dt { (daybook_ui::date(release.on)) } dd { (release.change) } }
            }
        }
    }
}
