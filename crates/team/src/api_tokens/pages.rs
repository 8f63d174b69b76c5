//! The page of API tokens.

use daybook_kernel::page::After;
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    Act, Column, Field, Html, Row, Table, Tone, Weight, date, email, instant, lede, section,
    status, table,
};
use maud::html;

use super::list_api_tokens::ListApiTokens;
use super::model::{ApiToken, State};

/// So many scopes can be named on the page; the API takes more.
const SCOPE_FIELDS: usize = 3;

pub(super) fn tokens(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let tokens = visit.ask(ListApiTokens {})?.tokens;
    let body = html! {
        (lede("A machine comes in with a token. It can do what its scopes name, of what its owner may do today."))
        (made(request))
        @if tokens.is_empty() {
            p.muted { "There are no tokens yet. Make one below for the first machine." }
        } @else {
            (list(request, &tokens))
        }
        @if visit.may("team.create_api_token") {
            (section("new", "New token", new(request)))
        }
    };
    Ok(PageView {
        title: "API tokens".to_owned(),
        body: body.into_string(),
        primary: visit
            .may("team.create_api_token")
            .then(|| ("New token".to_owned(), "#new".to_owned(), 'n')),
        ..PageView::default()
    })
}

fn list(request: &PageRequest, tokens: &[ApiToken]) -> Html {
    let revoke = Act::new(request, "team.revoke_api_token")
        .then("team/tokens")
        .after(After::says("The token is revoked."));
    // Everybody revokes their own, which is all that they see unless they may
    // revoke all.
    let rows = tokens.iter().map(|token| {
        Row::new(vec![
            html! { (token.name) },
            html! { code { "daybook_" (token.id) "_…" } },
            email(&token.owner_email),
            html! { (token.scopes.join(", ")) },
            standing(token.state),
            html! {
                @if let Some(day) = &token.last_used_on { (date(day)) } @else { "Never" }
            },
            instant(&token.expires_at),
            html! {
                @if token.state == State::Usable {
                    (revoke.button("Revoke", Weight::Danger, "id", &token.id))
                }
            },
        ])
    });
    table(&Table {
        caption: "API tokens".to_owned(),
        columns: vec![
            Column::head("Name"),
            Column::short("Token"),
            Column::text("Owner"),
            Column::text("Scopes"),
            Column::short("State"),
            Column::short("Last used"),
            Column::short("Expires"),
            Column::short("Revoke"),
        ],
        rows: rows.collect(),
    })
}

fn standing(state: State) -> Html {
    match state {
        State::Usable => status(Tone::Good, "Usable"),
        State::Expired => status(Tone::Neutral, "Expired"),
        State::Revoked => status(Tone::Wrong, "Revoked"),
    }
}

/// The token that was made just now: the answer came back in place of a draft.
/// It is shown this once and is in no address.
fn made(request: &PageRequest) -> Html {
    let draft = request
        .draft_of("team.create_api_token")
        .filter(|it| it.faults.is_empty());
    let token = draft.and_then(|draft| draft.input["token"].as_str());
    html! {
        @if let Some(token) = token {
            (section("made", "Your new token", html! {
                p { code { (token) } }
                p { "Copy it now. It is not shown again." }
            }))
        }
    }
}

/// The form names no next page: the answer holds the token, which must not
/// stand in an address.
fn new(request: &PageRequest) -> Html {
    let act = Act::new(request, "team.create_api_token");
    let name = Field::text("name", "Name")
        .required()
        .length_max(80)
        .hint("What it is for, such as Nightly export.");
    let days = Field::text("expires_in_days", "Expires after days")
        .value("90")
        .hint("At most 365.");
    let fields = html! {
        (act.field("name", name))
        @for index in 0..SCOPE_FIELDS {
            @let scope = format!("scopes[{index}]");
            (act.field(&scope, scope_field(&scope, index)))
        }
        (act.field("expires_in_days", days))
    };
    html! {
        (act.form("Make token", &fields))
        p.muted { "The token is shown once, after it is made. Keep it where its machine keeps secrets." }
    }
}

fn scope_field(name: &str, index: usize) -> Field {
    match index {
        0 => Field::text(name, "Scope")
            .required()
            .hint("An operation (books.post_entry), a domain (books.*), or * for all."),
        _ => Field::text(name, "Another scope"),
    }
}
