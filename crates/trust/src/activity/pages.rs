//! The pages of the log: the list with its filter, and one record in full.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    Choice, Column, Field, Html, Row, Table, Tone, Weight, button_link, definition_list, diff,
    email, filters, instant, lede, pager, section, status, table,
};
use maud::html;
use serde_json::Value;

use super::address::{FILTERS, query};
use super::list_activity::ListActivity;
use super::model::{Activity, Outcome};
use super::show_activity::{ActivityRecord, ShowActivity};

pub(super) fn activity(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let mut asked: ListActivity = request.query(FILTERS)?;
    asked.cursor = request.get("cursor").map(ToOwned::to_owned);
    let list = visit.ask(asked)?;
    let next = list
        .next
        .as_deref()
        .map(|cursor| query(request, &[("cursor", cursor)]));
    let body = html! {
        (filter(request))
        @if list.records.is_empty() {
            p.muted {
                "Nothing in the log matches this filter. Widen the dates, or "
                a href=(request.link("trust/activity")) { "look at everything" } "."
            }
        } @else {
            (records(request, &list.records))
            (pager(None, next.as_deref(), &match list.records.len() {
                1 => "1 record".to_owned(),
                count => format!("{count} records"),
            }))
        }
        p { (button_link("CSV", &csv(request), Weight::Plain)) }
    };
    Ok(PageView {
        title: "Activity".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn filter(request: &PageRequest) -> Html {
    let value = |name: &str| request.get(name).unwrap_or_default().to_owned();
    let outcomes = vec![
        Choice::new("", "All"),
        Choice::new("allowed", "Allowed"),
        Choice::new("refused", "Refused"),
    ];
    filters(
        &request.link("trust/activity"),
        html! {
            (Field::text("operation", "Operation").value(value("operation")).placeholder("books.*"))
            (Field::text("actor", "Who").value(value("actor")).placeholder("E-mail"))
            (Field::select("outcome", "Outcome", outcomes).value(value("outcome")))
            (Field::date("from", "From").value(value("from")))
            (Field::date("to", "To").value(value("to")))
            @if request.get("target_kind").is_some() {
                (Field::text("target_kind", "Thing").value(value("target_kind")))
                (Field::text("target_id", "Its id").value(value("target_id")))
            }
        },
    )
}

fn records(request: &PageRequest, records: &[Activity]) -> Html {
    let rows = records.iter().map(|record| {
        Row::new(vec![
            html! { (record.seq) },
            instant(&record.at),
            who(record),
            html! { span title=(record.operation) { (what(record)) } },
            target(record),
            outcome(record.outcome),
        ])
        .beside(request.link(&format!("trust/activity/{}", record.seq)))
    });
    table(&Table {
        caption: "Activity, the newest first".to_owned(),
        columns: vec![
            Column::short("No.").spare(),
            Column::short("When"),
            Column::text("Who").spare(),
            Column::head("What"),
            Column::text("To what"),
            Column::short("Outcome").spare(),
        ],
        rows: rows.collect(),
    })
}

fn who(record: &Activity) -> Html {
    html! {
        @if record.erased { span.muted { "Erased" } }
        @else if record.actor_email.is_empty() { (record.actor_kind) }
        @else { (email(&record.actor_email)) }
        @if let Some(token) = &record.token { " " code { "daybook_" (token) "_…" } }
    }
}

/// “Posted entry” of `books.post_entry`; what was refused was only tried.
fn what(record: &Activity) -> String {
    let act = record.operation.rsplit('.').next().unwrap_or_default();
    let (verb, thing) = act.split_once('_').unwrap_or((act, ""));
    let thing = thing.replace('_', " ").replace("api ", "API ");
    let words = match record.outcome {
        Outcome::Refused => format!("Tried to {verb} {thing}"),
        Outcome::Allowed => {
            let done = past(verb);
            let mut letters = done.chars();
            let first = letters.next().map(|one| one.to_ascii_uppercase());
            let done: String = first.into_iter().chain(letters).collect();
            format!("{done} {thing}")
        }
    };
    words.trim_end().to_owned()
}

/// English verbs of operations in the past.
fn past(verb: &str) -> String {
    match verb {
        "show" => "looked at".to_owned(),
        "set" => "set".to_owned(),
        "begin" => "began".to_owned(),
        "undo" => "undid".to_owned(),
        "apply" => "applied".to_owned(),
        _ if verb.ends_with('e') => format!("{verb}d"),
        _ => format!("{verb}ed"),
    }
}

fn target(record: &Activity) -> Html {
    let named = match record.target_kind.as_str() {
        "Workspace" => "This workspace".to_owned(),
        "Instance" => "This instance".to_owned(),
        "ApiToken" => "API token".to_owned(),
        kind => spaced(kind),
    };
    let id = &record.target_id;
    // An id made by chance is known by its beginning; the whole of it is one hover away.
    let short = if id.len() > 20 {
        &id[..id.floor_char_boundary(8)]
    } else {
        id.as_str()
    };
    html! {
        (named)
        // The whole workspace needs no id: it is the one at hand.
        @if !matches!(record.target_kind.as_str(), "Workspace" | "PeriodLock") && !id.is_empty() {
            " " span title=(id) { (short) @if short != id { "…" } }
        }
    }
}

/// “Period lock” of `PeriodLock`.
fn spaced(kind: &str) -> String {
    let mut words = String::with_capacity(kind.len() + 4);
    for (at, letter) in kind.chars().enumerate() {
        if at > 0 && letter.is_ascii_uppercase() {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

fn outcome(outcome: Outcome) -> Html {
    match outcome {
        Outcome::Allowed => status(Tone::Good, "Allowed"),
        Outcome::Refused => status(Tone::Wrong, "Refused"),
    }
}

/// The same records as a file.
fn csv(request: &PageRequest) -> String {
    let query = query(request, &[("limit", "200")]);
    request.link(&format!("download/trust.list_activity{query}"))
}

pub(super) fn record(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let seq = request
        .get("seq")
        .and_then(|text| text.parse().ok())
        .ok_or_else(Error::not_found)?;
    let record = visit.ask(ShowActivity { seq })?;
    let body = html! {
        (facts(&record))
        (section("change", "What changed", change(&record)))
        (section("proof", "Its place in the log", proof(&record)))
        p { (button_link("Activity", &request.link("trust/activity"), Weight::Plain)) }
    };
    Ok(PageView {
        title: format!("Record {seq}: {}", what(&record.activity)),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn facts(shown: &ActivityRecord) -> Html {
    let record = &shown.activity;
    let mut facts = vec![
        ("When", instant(&record.at)),
        ("Who", who(record)),
        ("As", html! { (record.actor_role) }),
        ("To what", target(record)),
        ("Operation", html! { code { (record.operation) } }),
        ("Outcome", outcome(record.outcome)),
        ("Request", html! { code { (record.request) } }),
    ];
    if !shown.address.is_empty() {
        facts.push((
            "From",
            html! { (shown.address) " " span.muted { (shown.agent) } },
        ));
    }
    if record.outcome == Outcome::Refused {
        facts.push(("Why", html! { (record.reason) }));
        facts.push((
            "Would have been enough",
            html! { (record.required_roles.join(", ")) },
        ));
    }
    definition_list(&facts)
}

fn change(record: &ActivityRecord) -> Html {
    let side = |value: &Option<Value>| value.as_ref().map(printed).unwrap_or_default();
    html! {
        @if record.activity.erased {
            (lede("The content of this record was erased. Its hash is still in the log, which verifies."))
        } @else if record.before.is_none() && record.after.is_none() {
            p.muted { "Nothing changed." }
        } @else {
            (diff(&side(&record.before), &side(&record.after)))
        }
    }
}

fn proof(record: &ActivityRecord) -> Html {
    definition_list(&[
        ("Leaf", html! { code { (record.leaf) } }),
        ("Content", html! { code { (record.content_hash) } }),
    ])
}

/// JSON with one member a line, so that a difference is a line.
fn printed(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
