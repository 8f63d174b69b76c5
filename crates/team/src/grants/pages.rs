//! The page of grants: what others may read here, what this workspace may read
//! of others, and the forms that open and shut it.

use daybook_kernel::page::{After, literally};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, GrantScope, PageRequest, PageView};
use daybook_ui::{
    Act, Choice, Column, Field, Html, Row, Table, Tone, Weight, date, definition_list, lede,
    section, status, table,
};
use maud::html;

use super::list_grants::{Grants, ListGrants};
use super::model::{Grant, PURPOSE_CHARACTERS_MAX, State};

const BACK: &str = "team/grants";

pub(super) fn grants(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let all = visit.ask(ListGrants {})?;
    let may_give = visit.may("team.offer_grant");
    let may_end = visit.may("team.revoke_grant");
    let body = html! {
        (lede("A grant lets the members of another workspace, a practice, read a part of this one until a day. It takes both Owners to open and either side to shut, and each use of it stands in both logs."))
        (section("given", "What others may read here", given(request, &all.given, may_end)))
        @if may_give {
            (section("offer", "Offer a grant", offer(request)))
        }
        (section("received", "What this workspace may read of others", received(request, &all, may_give, may_end)))
    };
    Ok(PageView {
        title: "Grants".to_owned(),
        body: body.into_string(),
        primary: may_give.then(|| ("Offer a grant".to_owned(), "#offer".to_owned(), 'n')),
        ..PageView::default()
    })
}

fn given(request: &PageRequest, grants: &[Grant], may_end: bool) -> Html {
    if grants.is_empty() {
        return html! {
            p.muted { "Nobody else reads here. Your bookkeeper's practice could, for example, read the books until the annual accounts are done." }
        };
    }
    let revoke = Act::new(request, "team.revoke_grant")
        .then(BACK)
        .after(After::says("The grant is ended. It holds no more."));
    let rows = grants.iter().map(|it| {
        let mut cells = told(it);
        cells.push(html! {
            @if may_end && is_open(it) {
                (revoke.button("Revoke", Weight::Danger, "grant", &it.grant))
            }
        });
        Row::new(cells)
    });
    listed("Grants given", "Practice", rows.collect())
}

fn received(request: &PageRequest, all: &Grants, may_accept: bool, may_end: bool) -> Html {
    let rows = all.received.iter().map(|it| {
        let mut cells = told(it);
        cells.push(answers(request, it, may_accept, may_end));
        Row::new(cells)
    });
    html! {
        (definition_list(&[("Practice code", html! { code { (all.code) } })]))
        p.muted { "Give this code to a company whose books you keep. Its Owner offers you a grant with it, and the offer appears here. The code by itself opens nothing." }
        @if !all.received.is_empty() {
            (listed("Grants received", "Company", rows.collect()))
        }
    }
}

/// What somebody may do about a grant that this workspace received.
fn answers(request: &PageRequest, grant: &Grant, may_accept: bool, may_end: bool) -> Html {
    let name = literally(&grant.other_name);
    let act = |operation, said: String| {
        let act = Act::new(request, operation).then(BACK);
        act.after(After::says(said))
    };
    let accept = act(
        "team.accept_grant",
        format!("The grant of {name} is accepted. Its books are on the page Practice."),
    );
    let waits = grant.state == State::Offered;
    let (label, said) = if waits {
        ("Decline", format!("The grant of {name} is declined."))
    } else {
        ("Give back", format!("The grant of {name} is given back."))
    };
    let give_back = act("team.return_grant", said);
    html! {
        @if is_open(grant) {
            div.buttons {
                @if waits && may_accept {
                    (accept.button("Accept", Weight::Plain, "grant", &grant.grant))
                }
                @if may_end {
                    (give_back.button(label, Weight::Danger, "grant", &grant.grant))
                }
            }
        }
    }
}

fn told(grant: &Grant) -> Vec<Html> {
    vec![
        html! {
            @if grant.other_name.is_empty() {
                span title=(grant.other) { "Practice " code { (grant.other.get(..8).unwrap_or_default()) "…" } }
            } @else {
                (grant.other_name)
            }
        },
        html! { (grant.scope.meaning()) },
        html! { (grant.purpose) },
        date(&grant.until),
        standing(grant),
        by_whom(grant),
    ]
}

/// Who moved it last.
fn by_whom(grant: &Grant) -> Html {
    let (what, who) = match grant.state {
        State::Offered => ("Offered", &grant.offered_by),
        State::Accepted => ("Accepted", &grant.accepted_by),
        State::Returned => ("Given back", &grant.ended_by),
        State::Revoked => ("Revoked", &grant.ended_by),
    };
    html! { (what) " by " (who) }
}

const fn is_open(grant: &Grant) -> bool {
    !grant.expired && !grant.state.has_ended()
}

fn standing(grant: &Grant) -> Html {
    match grant.state {
        State::Returned => status(Tone::Neutral, "Given back"),
        State::Revoked => status(Tone::Neutral, "Revoked"),
        _ if grant.expired => status(Tone::Neutral, "Expired"),
        State::Offered => status(Tone::Waiting, "Offered"),
        State::Accepted => status(Tone::Good, "In force"),
    }
}

fn listed(caption: &str, other: &str, rows: Vec<Row>) -> Html {
    table(&Table {
        caption: caption.to_owned(),
        columns: vec![
            Column::head(other),
            Column::short("What").spare(),
            Column::text("Purpose"),
            Column::short("Until"),
            Column::short("State"),
            Column::text("By").spare(),
            Column::short("Change"),
        ],
        rows,
    })
}

fn offer(request: &PageRequest) -> Html {
    let act = Act::new(request, "team.offer_grant")
        .then(BACK)
        .after(After::says(
            "The grant is offered. It holds as soon as an Owner of the practice accepts it.",
        ));
    let practice = Field::text("practice", "Practice code")
        .required()
        .length_max(64)
        .hint("The practice finds it on its own page of grants.");
    let scopes = GrantScope::ALL
        .into_iter()
        .map(|it| Choice::new(it.name(), it.meaning()));
    let scope = Field::select("scope", "What it opens", scopes.collect());
    let purpose = Field::text("purpose", "Purpose")
        .required()
        .length_max(PURPOSE_CHARACTERS_MAX.try_into().unwrap_or(u32::MAX))
        .hint("Such as Annual accounts 2026. Both sides read it.");
    let until = Field::date("until", "Last day")
        .required()
        .hint("At most a year from now.");
    act.form(
        "Offer the grant",
        &html! {
            (act.field("practice", practice))
            (act.field("scope", scope))
            (act.field("purpose", purpose))
            (act.field("until", until))
        },
    )
}
