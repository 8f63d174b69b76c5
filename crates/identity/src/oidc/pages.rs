//! The page of linked accounts.

use daybook_kernel::page::After;
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    Act, Column, Form, Html, Row, Table, Weight, button, hidden, instant, lede, section, table,
};
use maud::html;

use super::links::LinkRow;
use super::list_oidc_links::{ListOidcLinks, OidcLinks, ProviderRow};

pub(super) fn providers(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let known = visit.ask(ListOidcLinks {})?;
    let body = html! {
        (lede("An account elsewhere can open yours here, once you link it. The provider learns when you sign in, and tells us your address and name and nothing else."))
        @if known.links.is_empty() {
            p.muted { "None is linked." }
        } @else {
            (list(request, &known))
        }
        @if known.providers.is_empty() {
            p { "No provider is set up here. Whoever runs this server does that, in the settings." }
        } @else {
            (section("new", "Link an account", html! {
                @for provider in &known.providers { (link(request, provider)) }
            }))
        }
    };
    Ok(PageView {
        title: "Linked accounts".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn list(request: &PageRequest, known: &OidcLinks) -> Html {
    let unlink = Act::new(request, "identity.unlink_oidc")
        .then("security/providers")
        .after(After::says(
            "The account is unlinked. It opens nothing here any more.",
        ));
    let rows = known.links.iter().map(|link| {
        Row::new(vec![
            html! { (link.account) },
            html! { (provider_of(known, link)) },
            instant(&link.linked_at),
            html! {
                @if let Some(used) = &link.last_used_at { (instant(used)) } @else { "Never" }
            },
            unlink.button("Unlink", Weight::Danger, "id", &link.id),
        ])
    });
    table(&Table {
        caption: "Linked accounts".to_owned(),
        columns: vec![
            Column::head("Account"),
            Column::short("Of"),
            Column::short("Linked").spare(),
            Column::short("Last used"),
            Column::short("Unlink"),
        ],
        rows: rows.collect(),
    })
}

/// The provider's name, or its address if it is not set up any more.
fn provider_of<'k>(known: &'k OidcLinks, link: &'k LinkRow) -> &'k str {
    let provider = known.providers.iter().find(|it| it.issuer == link.issuer);
    provider.map_or(&link.issuer, |it| &it.name)
}

/// The edge sends the browser on, and keeps what it must show when it is back.
fn link(request: &PageRequest, provider: &ProviderRow) -> Html {
    let sheet = Form {
        action: format!("/sign-in/with/{}", provider.id),
        csrf: request.csrf.clone(),
        ..Form::default()
    };
    let label = format!("Link an account of {}", provider.name);
    daybook_ui::form(
        &sheet,
        html! {
            (hidden("deed", "link"))
            (hidden("next", &request.link("security/providers")))
            (button(&label, Weight::Plain))
        },
    )
}
