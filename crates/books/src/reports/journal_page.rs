//! The journal on the page: entries with their lines, a page at a time.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{Column, Row, Table, date, filters, money, pager, table};
use maud::{Render as _, html};

use super::journal::{Journal, JournalReport};
use super::pages::{nothing, span_fields, view};
use crate::drawing::{downloads, link, register};
use crate::entries::show_entry::ShownLine;
use crate::journals::list_journals::ListJournals;
use crate::journals::model::GENERAL_CODE;
use crate::journals::pages::filter;
use crate::wording::{leaf, span_in_words, span_shown};

pub(crate) fn journal(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let (from, to) = span_shown(request);
    let text = |name: &str| request.get(name).map(str::to_owned);
    let (cursor, journal) = (text("cursor"), text("journal"));
    let report = visit.ask(Journal {
        from,
        to,
        journal: journal.clone(),
        cursor,
    })?;
    let journals = visit.ask(ListJournals::default())?;
    let chosen = journal.as_deref().unwrap_or_default();
    let values = [
        ("from", report.from.as_str()),
        ("to", report.to.as_str()),
        ("journal", chosen),
    ];
    let start = request
        .get("cursor")
        .map(|_| link(request, "books/reports/journal", &values));
    let next = report.next.as_deref().map(|cursor| {
        let values = [values[0], values[1], values[2], ("cursor", cursor)];
        link(request, "books/reports/journal", &values)
    });
    let body = html! {
        (filters(&request.link("books/reports/journal"), html! {
            (span_fields(&report.from, &report.to))
            (filter(&journals, Some(chosen)).render())
        }))
        @if report.entries.is_empty() {
            (nothing(request, visit)?)
        } @else {
            (table(&journal_table(request, &report)))
            (pager(start.as_deref(), next.as_deref(), &format!("{} entries", report.entries.len())))
            (downloads(request, "books.journal", &values))
        }
    };
    let span = span_in_words(&report.from, &report.to);
    let named = journals
        .journals
        .iter()
        .find(|one| one.code.eq_ignore_ascii_case(chosen));
    let title = match named {
        Some(one) => format!("Journal {}, {span}", one.name),
        None => format!("Journal, {span}"),
    };
    Ok(view(title, body))
}

/// Each entry under its own heading, as a journal is written.
fn journal_table(request: &PageRequest, report: &JournalReport) -> Table {
    let all = || report.entries.iter().flat_map(|entry| &entry.lines);
    let first = all()
        .next()
        .map(|line| line.currency.as_str())
        .unwrap_or_default();
    let mixed = all().any(|line| line.currency != first);
    let gathered = report
        .entries
        .iter()
        .any(|entry| entry.journal != GENERAL_CODE);
    let side = |line: &ShownLine, credit: bool| {
        html! {
            @if line.amount.starts_with('-') == credit {
                (money(line.amount.trim_start_matches('-')))
                @if mixed { " " span.unit { (line.currency) } }
            }
        }
    };
    let mut rows = Vec::new();
    for entry in &report.entries {
        let href = request.link(&format!("books/entries/{}", entry.number));
        let heading = html! {
            a.row-link href=(href) data-beside {
                (entry.number) " · " (date(&entry.date)) " · " (entry.description)
            }
            @if gathered { span.unit { " " (entry.journal) } }
            @if !entry.reference.is_empty() { span.unit { " " (entry.reference) } }
        };
        rows.push(Row {
            cells: vec![heading],
            ..Row::group("")
        });
        rows.extend(entry.lines.iter().map(|line| {
            let account = register(request, &line.account, "", "");
            let name = leaf(&line.account, &line.name);
            Row::new(vec![name, side(line, false), side(line, true)])
                .opens(account)
                .depth(1)
        }));
    }
    let unit = if mixed { "" } else { first };
    Table {
        caption: "Journal".into(),
        columns: vec![
            Column::head("Entry"),
            Column::amount("Debit").unit(unit),
            Column::amount("Credit").unit(unit),
        ],
        rows,
    }
}
