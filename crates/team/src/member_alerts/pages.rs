//! The page of security: what may be wrong with the accounts of members, and who
//! guards theirs with a second factor. Each look at it is recorded, so it is a
//! page of its own and not a part of the list of members.

use std::collections::BTreeMap;

use daybook_kernel::page::After;
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    Act, Column, Html, Row, Table, Tone, Weight, button_link, instant, lede, section, status, table,
};
use maud::html;

use super::list_member_alerts::ListMemberAlerts;
use super::store::MemberAlert;
use crate::members::{Covered, FactorCoverage, ShowFactorCoverage};

pub(super) fn security(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let seen = request.get("seen").is_some();
    let alerts = visit.ask(ListMemberAlerts { seen })?.alerts;
    let coverage = if visit.may("team.show_factor_coverage") {
        Some(visit.ask(ShowFactorCoverage {})?)
    } else {
        None
    };
    let body = html! {
        (lede("How members guard their accounts, and what may be wrong with one. That you look at this is in the log."))
        (section("alerts", "Alerts", html! {
            @if alerts.is_empty() {
                p.muted { "Nothing is wrong with an account here, as far as this Daybook can tell." }
            } @else {
                (list(request, &alerts))
                (advice(&alerts))
            }
            div.buttons {
                @if seen {
                    (button_link("Leave out those that were seen", &request.link("team/security"), Weight::Plain))
                } @else {
                    (button_link("Show those that were seen", &request.link("team/security?seen=1"), Weight::Plain))
                }
            }
        }))
        @if let Some(coverage) = &coverage {
            (section("second-factors", "Second factors", covered(request, visit, coverage)))
        }
        p { (button_link("Members", &request.link("team/members"), Weight::Plain)) }
    };
    Ok(PageView {
        title: "Security".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn list(request: &PageRequest, alerts: &[MemberAlert]) -> Html {
    let act = Act::new(request, "team.acknowledge_member_alert")
        .then("team/security")
        .after(After::says("Noted that it was seen."));
    let rows = alerts.iter().map(|alert| {
        Row::new(vec![
            html! { (alert.title) },
            html! { (alert.email) },
            html! { (alert.times) },
            instant(&alert.last_at),
            html! {
                @if let Some(seen_at) = &alert.seen_at { "Seen " (instant(seen_at)) }
                @else { (act.button("Seen", Weight::Plain, "id", &alert.id)) }
            },
        ])
    });
    table(&Table {
        caption: "Alerts, the newest first".to_owned(),
        columns: vec![
            Column::head("What"),
            Column::text("Member"),
            Column::short("Times").spare(),
            Column::short("Last").spare(),
            Column::short("Seen"),
        ],
        rows: rows.collect(),
    })
}

/// What each kind in the list means and asks for, once.
fn advice(alerts: &[MemberAlert]) -> Html {
    let kinds: BTreeMap<&str, &str> = alerts
        .iter()
        .map(|it| (it.title.as_str(), it.sentence.as_str()))
        .collect();
    html! {
        @for (title, sentence) in kinds {
            p { strong { (title) } ". " (sentence) }
        }
    }
}

/// Who guards their account well, and the way to ask it of all.
fn covered(request: &PageRequest, visit: &Visit<'_>, coverage: &FactorCoverage) -> Html {
    let (with, all) = (coverage.with_second_factor, coverage.members.len());
    let row = |it: &Covered| {
        Row::new(vec![
            html! { (it.email) },
            html! { (it.role) },
            second_factor(it.second_factor),
        ])
    };
    html! {
        p {
            (with) " of " (all) " have a second factor. "
            @if with < all && visit.may("team.set_policy") {
                a href=(request.link("team/policies?kind=second_factor#new")) { "Ask it of a role" }
            }
        }
        (table(&Table {
            caption: "Second factors".to_owned(),
            columns: vec![
                Column::head("Member"),
                Column::short("Role"),
                Column::short("Second factor"),
            ],
            rows: coverage.members.iter().map(row).collect(),
        }))
    }
}

fn second_factor(known: Option<bool>) -> Html {
    match known {
        Some(true) => status(Tone::Good, "Yes"),
        Some(false) => status(Tone::Waiting, "No"),
        None => status(Tone::Neutral, "Not known yet"),
    }
}
