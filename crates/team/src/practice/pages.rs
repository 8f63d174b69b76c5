//! The page of the practice: all companies, how their books stand at this
//! moment, and the way into each.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView, WorkspaceId};
use daybook_ui::{
    Column, Html, Row, Table, Tone, count, date, empty_state, instant, lede, pager, status, table,
};
use jiff::ToSpan as _;
use jiff::civil::Date;
use maud::html;
use serde::Deserialize;
use serde_json::Value;

use super::list_companies::ListCompanies;
use crate::grants::Grant;

/// Companies on one page: each is asked how it stands.
const COMPANIES: usize = 50;

/// A grant that ends within this many days is pointed out.
const SOON_DAYS: i64 = 30;

/// What a company is asked, by the operation's name: its domain is another crate.
const STANDING: &str = "books.show_standing";

/// The part of its answer that the page shows.
#[derive(Deserialize)]
struct Standing {
    entries: i64,
    booked_through: Option<String>,
    last_entry: Option<LastEntry>,
    locked_through: Option<String>,
}

#[derive(Deserialize)]
struct LastEntry {
    posted_at: String,
}

pub(super) fn practice(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let companies = visit.ask(ListCompanies {})?.companies;
    let first = request.get("from").and_then(|it| it.parse().ok());
    let first: usize = first.unwrap_or(0).min(companies.len());
    let shown: Vec<&Grant> = companies.iter().skip(first).take(COMPANIES).collect();
    let standings = standings(visit, &shown)?;
    let open = visit.may("team.list_grants");
    let body = html! {
        @if companies.is_empty() {
            (empty(request, open))
        } @else {
            (lede("The books that you keep, as they stand now. What you look at is recorded here and in the company's own log."))
            (list(request, visit, &shown, &standings))
            (pages(request, first, companies.len()))
            @if open {
                p { a href=(request.link("team/grants")) { "Grants and your practice code" } }
            }
        }
    };
    Ok(PageView {
        title: "Practice".to_owned(),
        body: body.into_string(),
        ..PageView::default()
    })
}

/// How each company stands, or why that cannot be said. One whose grant has
/// expired is not asked.
fn standings(
    visit: &mut Visit<'_>,
    shown: &[&Grant],
) -> Result<Vec<Option<Result<Standing, String>>>, Error> {
    let asked: Vec<WorkspaceId> = shown
        .iter()
        .filter(|it| it.is_live())
        .filter_map(|it| it.other.parse().ok())
        .collect();
    let mut answers = visit.ask_companies(STANDING, &asked)?.into_iter();
    let told = shown.iter().map(|it| {
        let answer = it.is_live().then(|| answers.next()).flatten()?;
        Some(read(answer))
    });
    Ok(told.collect())
}

fn read(answer: Result<Value, Error>) -> Result<Standing, String> {
    match answer {
        Ok(answer) => serde_json::from_value(answer).map_err(|_| unavailable()),
        Err(Error::Refused(refusal)) => Err(refusal.to_string()),
        // The engine has told its log why.
        Err(_) => Err(unavailable()),
    }
}

fn unavailable() -> String {
    "Cannot be asked at the moment.".to_owned()
}

fn empty(request: &PageRequest, open: bool) -> Html {
    let belongs =
        "The companies whose books you keep stand here, once they grant you to read them.";
    let example = "For example: Lovelace & Sons, booked through 14 November, locked through 31 October, granted until 31 March 2027.";
    if open {
        let link = request.link("team/grants");
        return empty_state(belongs, example, "Find your practice code", &link);
    }
    html! {
        div.empty {
            p.strong { (belongs) }
            p.example { (example) }
            p { "An Owner or an Admin of this workspace finds the practice code on the page of grants." }
        }
    }
}

fn list(
    request: &PageRequest,
    visit: &Visit<'_>,
    shown: &[&Grant],
    standings: &[Option<Result<Standing, String>>],
) -> Html {
    let here = request.base.trim_start_matches("/w/");
    let rows = shown.iter().zip(standings).map(|(grant, standing)| {
        let cells = vec![
            html! { (grant.other_name) },
            booked(standing.as_ref()),
            entries(standing.as_ref()),
            posted(standing.as_ref()),
            locked(standing.as_ref()),
            until(request, grant),
            html! { (grant.purpose) },
        ];
        let row = Row::new(cells);
        if grant.is_live() && visit.may("team.visit_company") {
            return row.opens(format!("/w/{here}~{}/", grant.other_slug));
        }
        row
    });
    table(&Table {
        caption: "Companies".to_owned(),
        columns: vec![
            Column::head("Company"),
            Column::short("Booked through"),
            Column::amount("Entries").spare(),
            Column::short("Last posted").spare(),
            Column::short("Locked through"),
            Column::short("Grant"),
            Column::text("Purpose").spare(),
        ],
        rows: rows.collect(),
    })
}

type Told<'a> = Option<&'a Result<Standing, String>>;

/// The latest day with an entry, or why that cannot be said.
fn booked(standing: Told<'_>) -> Html {
    match standing {
        None => html! { span.muted { "–" } },
        Some(Err(why)) => html! { span title=(why) { (status(Tone::Wrong, "Not to be read")) } },
        Some(Ok(it)) => html! {
            @if let Some(day) = &it.booked_through { (date(day)) }
            @else { span.muted { "No entry yet" } }
        },
    }
}

fn entries(standing: Told<'_>) -> Html {
    let standing = standing.and_then(|it| it.as_ref().ok());
    html! {
        @if let Some(it) = standing { (count(it.entries)) }
        @else { span.muted { "–" } }
    }
}

fn posted(standing: Told<'_>) -> Html {
    let standing = standing.and_then(|it| it.as_ref().ok());
    let last = standing.and_then(|it| it.last_entry.as_ref());
    html! {
        @if let Some(last) = last { (instant(&last.posted_at)) }
        @else { span.muted { "–" } }
    }
}

fn locked(standing: Told<'_>) -> Html {
    match standing.and_then(|it| it.as_ref().ok()) {
        Some(Standing {
            locked_through: Some(day),
            ..
        }) => date(day),
        Some(_) => html! { span.muted { "Open" } },
        None => html! { span.muted { "–" } },
    }
}

/// Until when the grant holds; what ends soon is pointed out.
fn until(request: &PageRequest, grant: &Grant) -> Html {
    let soon = || {
        let end: Date = grant.until.parse().ok()?;
        let near = request.today.checked_add(SOON_DAYS.days()).ok()?;
        Some(end <= near)
    };
    html! {
        @if grant.expired {
            (status(Tone::Wrong, "Expired"))
        } @else if soon().unwrap_or(false) {
            (status(Tone::Waiting, "Ends")) " " (date(&grant.until))
        } @else {
            "until " (date(&grant.until))
        }
    }
}

fn pages(request: &PageRequest, first: usize, all: usize) -> Html {
    let at = |from: usize| request.link(&format!("practice?from={from}"));
    let previous = (first > 0).then(|| at(first.saturating_sub(COMPANIES)));
    let next = (first + COMPANIES < all).then(|| at(first + COMPANIES));
    let summary = match all {
        1 => "1 company".to_owned(),
        count => format!("{count} companies"),
    };
    pager(previous.as_deref(), next.as_deref(), &summary)
}
