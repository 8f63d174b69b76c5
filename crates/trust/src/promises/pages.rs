//! The page of promises: what is kept today stands first.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{Column, Html, Row, Table, Tone, instant, lede, section, status, table};
use maud::html;

use super::list_promises::{ListPromises, PromiseShown, Promises};
use super::model::State;

pub(super) fn promises(_: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let list = visit.ask(ListPromises {})?;
    let claimed = |row: &&PromiseShown| row.state != State::NotYet;
    let now: Vec<&PromiseShown> = list.rows.iter().filter(claimed).collect();
    let later: Vec<&PromiseShown> = list.rows.iter().filter(|row| !claimed(row)).collect();
    let body = html! {
        (lede(&summary(&list)))
        p.muted { (checked(&list)) }
        (section("claimed", "Promised today", rows("Promised today", &now)))
        (section("later", "Not yet built", waiting(&later)))
    };
    Ok(PageView {
        title: "Trust".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

fn summary(list: &Promises) -> String {
    format!(
        "{} of {} promises that are made today are kept, each shown by a check that passed lately. {} more stand in the catalogue and are not built yet.",
        list.kept,
        list.claimed,
        list.rows.len().saturating_sub(list.claimed),
    )
}

fn checked(list: &Promises) -> Html {
    html! {
        @match &list.checked_at {
            Some(at) => { "Last checked " (instant(at)) "." }
            None => {
                "Nothing was checked here yet, so nothing shows as kept. The operator runs "
                code { "daybook check" } "."
            }
        }
    }
}

fn rows(caption: &str, rows: &[&PromiseShown]) -> Html {
    let cells = rows.iter().map(|row| {
        Row::new(vec![
            html! { (row.row) },
            html! {
                (row.statement)
                @if !row.figure.is_empty() { " " span.muted { (row.figure) } }
                @if !row.why.is_empty() { " " span.muted { (row.why) } }
            },
            shown(row.state),
            html! { @if let Some(at) = &row.passed_at { (instant(at)) } },
            html! { (row.seeds.join(", ")) },
        ])
    });
    table(&Table {
        caption: caption.to_owned(),
        columns: vec![
            Column::short("Row"),
            Column::head("Promise"),
            Column::short("State"),
            Column::short("Last passed"),
            Column::text("Asked for in"),
        ],
        rows: cells.collect(),
    })
}

/// What no check claims yet needs no state and no time.
fn waiting(rows: &[&PromiseShown]) -> Html {
    let cells = rows.iter().map(|row| {
        let promise = html! {
            (row.statement)
            @if !row.figure.is_empty() { " " span.muted { (row.figure) } }
        };
        Row::new(vec![html! { (row.row) }, promise])
    });
    table(&Table {
        caption: "Not yet built".to_owned(),
        columns: vec![Column::short("Row"), Column::head("Promise")],
        rows: cells.collect(),
    })
}

fn shown(state: State) -> Html {
    let tone = match state {
        State::Kept => Tone::Good,
        State::NotKept => Tone::Wrong,
        State::Expired | State::NotShown => Tone::Waiting,
        State::NotYet => Tone::Neutral,
    };
    status(tone, state.word())
}
