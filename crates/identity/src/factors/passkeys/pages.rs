//! The page of passkeys: what there is, and how to add one.

use daybook_kernel::page::After;
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    Act, Column, Field, Html, PasskeyDeed, Row, Table, Weight, instant, lede, passkey_button,
    section, table,
};
use maud::html;

use super::PasskeyRow;
use crate::factors::security::show_security::ShowSecurity;

pub(super) fn passkeys(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let security = visit.ask(ShowSecurity {})?;
    let passkeys = &security.passkeys;
    let body = html! {
        (lede("A passkey lives on a device and opens with its fingerprint, face or PIN. It is enough to sign in by itself, and no copy of this site can ask for it."))
        @if passkeys.is_empty() {
            p.muted { "There are none yet. Add one for the device before you." }
        } @else {
            (list(request, passkeys))
            @for passkey in passkeys { (rename(request, passkey)) }
        }
        (section("new", "Add a passkey", new(request)))
    };
    Ok(PageView {
        title: "Passkeys".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn list(request: &PageRequest, passkeys: &[PasskeyRow]) -> Html {
    let remove = Act::new(request, "identity.remove_passkey")
        .then("security/passkeys")
        .after(After::says(
            "The passkey is removed. Delete it on its device too.",
        ));
    let rows = passkeys.iter().map(|passkey| {
        Row::new(vec![
            html! { (passkey.name) },
            instant(&passkey.created_at),
            html! {
                @if let Some(used) = &passkey.last_used_at { (instant(used)) } @else { "Never" }
            },
            remove.button("Remove", Weight::Danger, "id", &passkey.id),
        ])
    });
    table(&Table {
        caption: "Passkeys".to_owned(),
        columns: vec![
            Column::head("Name"),
            Column::short("Added").spare(),
            Column::short("Last used"),
            Column::short("Remove"),
        ],
        rows: rows.collect(),
    })
}

fn rename(request: &PageRequest, passkey: &PasskeyRow) -> Html {
    let act = Act::new(request, "identity.rename_passkey")
        .then("security/passkeys")
        .after(After::says("The passkey is renamed."));
    let field = Field::text("name", "New name")
        .value(&passkey.name)
        .required()
        .length_max(60);
    let fields = html! { (daybook_ui::hidden("id", &passkey.id)) (field) };
    html! {
        details {
            summary { "Rename “" (passkey.name) "”" }
            (act.form("Rename", &fields))
        }
    }
}

fn new(request: &PageRequest) -> Html {
    let act = Act::new(request, "identity.add_passkey")
        .then("security/passkeys")
        .after(After::says("The passkey is added."));
    let name = Field::text("name", "Name")
        .required()
        .length_max(60)
        .hint("So that you know it again, such as Work laptop.");
    let fields = html! {
        (act.field("name", name))
        (passkey_button("Add a passkey", PasskeyDeed::Make, "identity.start_passkey", Weight::Primary))
        p.without-script { "Adding a passkey needs JavaScript, as browsers ask for one only by it. An authenticator app works without." }
    };
    act.form("", &fields)
}
