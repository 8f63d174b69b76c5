//! One entry on the page: its lines, its history, and the way to take it back.

use daybook_kernel::page::After;
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView, Role};
use daybook_ui::address::encoded;
use daybook_ui::{
    Act, Column, Field, Html, Row, Table, Tone, date, definition_list, instant, money, section,
    status, table,
};
use maud::html;

use super::show_entry::{ShowEntry, ShownEntry, ShownLine};
use crate::drawing::{downloads, link};
use crate::entry_templates::pages as templates;
use crate::wording::{leaf, sum};

pub(crate) fn one(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let number = request.get("number").and_then(|text| text.parse().ok());
    let entry = visit.ask(ShowEntry {
        number: number.ok_or_else(Error::not_found)?,
    })?;
    let may_reverse = visit.may("books.reverse_entry") && entry.reversed_by.is_none();
    let body = html! {
        (head(request, &entry, history(request, visit, &entry)))
        (table(&line_table(request, &entry)))
        @if entry.assigned_only {
            p.muted { "Lines on accounts that are not assigned to you are left out, so debits and credits need not be equal here." }
        }
        @if !entry.note.is_empty() { (section("note", "Note", html! { p { (entry.note) } })) }
        @if may_reverse { (section("reverse", "Reverse", reversal(request, &entry))) }
        @if visit.may("books.save_entry_template") {
            (section("template", "Save as template", templates::saving(request, entry.number, &entry.description)))
        }
        (downloads(request, "books.show_entry", &[("number", &entry.number.to_string())]))
    };
    let new = (
        "New entry".to_owned(),
        request.link("books/entries/new"),
        'n',
    );
    Ok(PageView {
        title: format!("Entry {}", entry.number),
        body: body.into_string(),
        primary: visit.may("books.post_entry").then_some(new),
        refresh: false,
    })
}

/// The record of its posting, to those who may see it: who oversees sees all, the others what
/// they did themselves, which the list tells.
fn history(request: &PageRequest, visit: &Visit<'_>, entry: &ShownEntry) -> Option<Html> {
    if !visit.may("trust.show_activity") {
        return None;
    }
    let sees_all = matches!(
        visit.role(),
        Some(Role::Owner | Role::Admin | Role::Auditor)
    );
    if let Some(sequence) = entry.audit_sequence.filter(|_| sees_all) {
        let href = request.link(&format!("trust/activity/{sequence}"));
        return Some(html! { a href=(href) { "Audit record " (sequence) } });
    }
    let number = entry.number.to_string();
    let values = [("target_kind", "Entry"), ("target_id", &*number)];
    let href = link(request, "trust/activity", &values);
    Some(html! { a href=(href) { "Audit record" } })
}

fn head(request: &PageRequest, entry: &ShownEntry, history: Option<Html>) -> Html {
    let journal = link(request, "books/entries", &[("journal", &entry.journal)]);
    let journal = html! { a href=(journal) { (entry.journal) " " (entry.journal_name) } };
    let to = |number: i64| request.link(&format!("books/entries/{number}"));
    let mut pairs = vec![
        ("Date", date(&entry.date)),
        ("Journal", journal),
        ("Description", html! { (entry.description) }),
        ("Posted", instant(&entry.posted_at)),
    ];
    if !entry.reference.is_empty() {
        pairs.push(("Reference", html! { (entry.reference) }));
    }
    if !entry.tags.is_empty() {
        let tags = html! {
            @for tag in &entry.tags {
                a href=(link(request, "books/entries", &[("tag", tag)])) { (tag) } " "
            }
        };
        pairs.push(("Tags", tags));
    }
    if let Some(number) = entry.reverses {
        pairs.push((
            "Reverses",
            html! { a href=(to(number)) { "Entry " (number) } },
        ));
    }
    if let Some(number) = entry.reversed_by {
        let by = html! { (status(Tone::Wrong, "Reversed")) " by " a href=(to(number)) { "entry " (number) } };
        pairs.push(("State", by));
    }
    if let Some(import) = entry.import {
        let href = request.link("books/imports");
        pairs.push(("Came with", html! { a href=(href) { "import " (import) } }));
    }
    if let Some(history) = history {
        pairs.push(("History", history));
    }
    definition_list(&pairs)
}

/// Debits and credits stand in the base currency, in which alone they add up; what was posted in
/// another stands beside them. Columns that would say nothing are left out.
fn line_table(request: &PageRequest, entry: &ShownEntry) -> Table {
    let base = entry.base_currency.as_str();
    let foreign = entry.lines.iter().any(|line| line.currency != base);
    let noted = entry.lines.iter().any(|line| !line.note.is_empty());
    let mut columns = vec![Column::head("Account")];
    if noted {
        columns.push(Column::text("Note").spare());
    }
    if foreign {
        columns.push(Column::amount("As posted").spare());
    }
    columns.push(Column::amount("Debit").unit(base));
    columns.push(Column::amount("Credit").unit(base));
    let row = |line: &ShownLine| {
        let mut cells = vec![leaf(&line.account, &line.name)];
        if noted {
            cells.push(html! { (line.note) });
        }
        if foreign {
            cells.push(posted(line, base));
        }
        let side = |credit: bool| {
            html! {
                @if line.base.starts_with('-') == credit { (money(line.base.trim_start_matches('-'))) }
            }
        };
        cells.extend([side(false), side(true)]);
        Row::new(cells).opens(request.link(&format!("books/accounts/{}", encoded(&line.account))))
    };
    let mut rows: Vec<Row> = entry.lines.iter().map(row).collect();
    let of = |credit: bool| {
        let amounts = entry.lines.iter().map(|line| line.base.as_str());
        let sum = sum(amounts.filter(|amount| amount.starts_with('-') == credit));
        money(sum.trim_start_matches('-'))
    };
    let mut total = vec![html! { "Total" }];
    total.extend(
        [noted, foreign]
            .into_iter()
            .filter(|shown| *shown)
            .map(|_| html! {}),
    );
    total.extend([of(false), of(true)]);
    rows.push(Row::total(total));
    Table {
        caption: format!("Lines of entry {}", entry.number),
        columns,
        rows,
    }
}

/// The amount in its own currency and the rate at which it was taken, if that is not the base.
fn posted(line: &ShownLine, base: &str) -> Html {
    html! {
        @if line.currency != base {
            (money(line.amount.trim_start_matches('-'))) " " span.unit { (line.currency) }
            @if let Some(rate) = &line.rate { span.unit { " at " (rate) } }
        }
    }
}

fn reversal(request: &PageRequest, entry: &ShownEntry) -> Html {
    let said = After::says("Entry {reverses} is reversed by this one.");
    let offer = Act::new(request, "books.reverse_entry")
        .then("books/entries/{number}")
        .after(said);
    let fields = html! {
        (daybook_ui::hidden("entry", &entry.number.to_string()))
        (offer.field("reason", Field::text("reason", "Why").required().length_max(500)))
        (offer.field("date", Field::date("date", "On").hint("Left out: the day of the entry, or today if that is locked.")))
    };
    html! {
        p.muted { "A posted entry is never changed. Its reversal takes it back and both stay to be seen." }
        (offer.plain_form("Reverse entry", &fields))
    }
}
