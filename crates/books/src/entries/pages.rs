//! Entries on the page: the list, the grid in which one is written, and one of them.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    AccountChoice, Column, Field, Grid, GridLine, Html, Row, Table, Tone, date, definition_list,
    empty_state, filters, instant, journal_grid, money, money_or_dash, pager, section, status,
    table,
};
use maud::{Render as _, html};

use super::list_entries::{EntryList, ListEntries, ListedEntry};
use super::show_entry::{ShowEntry, ShownEntry};
use crate::accounts::list_accounts::ListAccounts;
use crate::currencies::list_currencies::ListCurrencies;
use crate::drawing::{Offer, downloads, link, part};

/// Rows of an empty grid.
const ROWS: usize = 6;

const FILTERS: [&str; 7] = ["from", "to", "account", "text", "tag", "amount", "cursor"];

pub(crate) fn list(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let found = visit.ask(request.query::<ListEntries>(&FILTERS)?)?;
    let narrowed = FILTERS.iter().any(|name| request.get(name).is_some());
    let body = html! {
        (filters(&request.link("books/entries"), filter_fields(request)))
        @if found.entries.is_empty() && !narrowed {
            (empty_state(
                "Every entry of the books stands here, the latest first.",
                "For example: 31 January, coffee beans, 12.50 from Bank to Goods.",
                "Post the first entry",
                &request.link("books/entries/new"),
            ))
        } @else if found.entries.is_empty() && found.next.is_none() {
            p { "No entry matches these filters. Widen the dates or leave a filter out." }
        } @else {
            (table(&entry_table(request, &found)))
            (next_page(request, &found))
            (downloads(request, "books.list_entries", &kept(request)))
        }
    };
    let new = (
        "New entry".to_owned(),
        request.link("books/entries/new"),
        'n',
    );
    let primary = visit.may("books.post_entry").then_some(new);
    Ok(PageView {
        title: "Entries".into(),
        body: body.into_string(),
        primary,
        refresh: false,
    })
}

fn filter_fields(request: &PageRequest) -> Html {
    let value = |name: &str| request.get(name).unwrap_or_default().to_owned();
    html! {
        (Field::date("from", "From").value(value("from")).render())
        (Field::date("to", "To").value(value("to")).render())
        (Field::text("account", "Account").value(value("account")).render())
        (Field::text("amount", "Amount").value(value("amount")).render())
        (Field::search("text", "Words").value(value("text")).render())
        @if request.get("tag").is_some() {
            (Field::text("tag", "Tag").value(value("tag")).render())
        }
    }
}

fn kept(request: &PageRequest) -> Vec<(&str, &str)> {
    let names = ["from", "to", "account", "text", "tag", "amount"];
    names
        .iter()
        .filter_map(|name| Some((*name, request.get(name)?)))
        .collect()
}

fn next_page(request: &PageRequest, found: &EntryList) -> Html {
    let mut values = kept(request);
    let start = request
        .get("cursor")
        .map(|_| link(request, "books/entries", &values));
    let next = found.next.as_deref().map(|cursor| {
        values.push(("cursor", cursor));
        link(request, "books/entries", &values)
    });
    let summary = format!("{} entries", found.entries.len());
    pager(start.as_deref(), next.as_deref(), &summary)
}

pub(crate) fn entry_table(request: &PageRequest, found: &EntryList) -> Table {
    let row = |entry: &ListedEntry| {
        let state = match (entry.reverses, entry.reversed_by) {
            (_, Some(_)) => status(Tone::Wrong, "Reversed"),
            (Some(_), None) => status(Tone::Neutral, "Reversal"),
            (None, None) => html! {},
        };
        Row::new(vec![
            html! { (entry.number) },
            date(&entry.date),
            html! { (entry.description) },
            html! { (entry.reference) },
            state,
            money(&entry.total),
        ])
        .beside(request.link(&format!("books/entries/{}", entry.number)))
    };
    Table {
        caption: "Entries".into(),
        columns: vec![
            Column::short("Number"),
            Column::short("Date"),
            Column::text("Description"),
            Column::short("Reference"),
            Column::short("State"),
            Column::amount("Total").unit(found.base_currency.clone()),
        ],
        rows: found.entries.iter().map(row).collect(),
    }
}

pub(crate) fn new(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let accounts = visit.ask(ListAccounts {})?;
    let currencies = visit.ask(ListCurrencies {})?;
    let offer = Offer::new(request, "books.post_entry", "books/entries/{number}");
    let typed = |name: &str| offer.typed(name).unwrap_or_default();
    let base = currencies.base.clone().unwrap_or_else(|| "EUR".into());
    let scale = currencies
        .currencies
        .iter()
        .find(|one| one.code == base)
        .map_or(2, |one| one.decimals);
    let choices = accounts
        .accounts
        .iter()
        .filter(|one| !one.closed)
        .map(|one| AccountChoice {
            code: one.code.clone(),
            name: one.name.clone(),
            kind: one.kind.name().to_owned(),
        });
    let today = request.today.to_string();
    let grid = Grid {
        action: offer.action(),
        csrf: request.csrf.clone(),
        carried: offer.carried(),
        rows: rows(&offer, request),
        accounts: choices.collect(),
        date: offer.typed("date").unwrap_or_else(|| today.clone()),
        today,
        description: typed("description"),
        reference: typed("reference"),
        note: typed("note"),
        currency: base,
        currencies: currencies
            .currencies
            .into_iter()
            .map(|one| one.code)
            .collect(),
        scale,
        faults: offer.faults(),
        ..Grid::default()
    };
    let body = journal_grid(&grid).into_string();
    Ok(PageView {
        title: "New entry".into(),
        body,
        primary: None,
        refresh: false,
    })
}

fn rows(offer: &Offer<'_>, request: &PageRequest) -> Vec<GridLine> {
    let cell = |at: usize, name: &str| offer.typed(&format!("lines/{at}/{name}"));
    let line = |at: usize| {
        let value = |name: &str| cell(at, name).unwrap_or_default();
        let amount = value("amount");
        let (debit, credit) = match amount.strip_prefix('-') {
            Some(credit) => (String::new(), credit.to_owned()),
            None => (amount, String::new()),
        };
        GridLine {
            account: value("account"),
            note: value("note"),
            debit: cell(at, "debit").unwrap_or(debit),
            credit: cell(at, "credit").unwrap_or(credit),
            currency: value("currency"),
        }
    };
    let typed = (0..super::model::LINES_MAX)
        .take_while(|at| cell(*at, "account").is_some() || cell(*at, "currency").is_some())
        .count();
    let asked = request.get("rows").and_then(|text| text.parse().ok()).unwrap_or(ROWS);
    let shown = typed.max(asked).clamp(ROWS, super::model::LINES_MAX);
    (0..shown).map(line).collect()
}

pub(crate) fn one(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let number = request.get("number").and_then(|text| text.parse().ok());
    let entry = visit.ask(ShowEntry {
        number: number.ok_or_else(Error::not_found)?,
    })?;
    let may_reverse = visit.may("books.reverse_entry") && entry.reversed_by.is_none();
    let body = html! {
        (head(request, &entry))
        (table(&line_table(request, &entry)))
        @if !entry.note.is_empty() { (section("note", "Note", html! { p { (entry.note) } })) }
        @if may_reverse { (section("reverse", "Reverse", reversal(request, &entry))) }
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

fn head(request: &PageRequest, entry: &ShownEntry) -> Html {
    let to = |number: i64| request.link(&format!("books/entries/{number}"));
    let mut pairs = vec![
        ("Date", date(&entry.date)),
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
    let record = link(
        request,
        "trust/activity",
        &[("target", &format!("Entry {}", entry.number))],
    );
    pairs.push(("History", html! { a href=(record) { "Audit record" } }));
    definition_list(&pairs)
}

fn line_table(request: &PageRequest, entry: &ShownEntry) -> Table {
    let foreign = entry
        .lines
        .iter()
        .any(|line| line.currency != entry.base_currency);
    let (debit, credit) = (
        |amount: &str| !amount.starts_with('-'),
        |amount: &str| amount.starts_with('-'),
    );
    let side = |amount: &str, here: bool| {
        html! { @if here { (money(amount.trim_start_matches('-'))) } }
    };
    let mut columns = vec![Column::head("Account"), Column::text("Note")];
    columns.push(Column::amount("Debit"));
    columns.push(Column::amount("Credit"));
    columns.push(Column::short("Currency"));
    if foreign {
        columns.push(Column::short("Rate"));
        columns.push(Column::amount("In base").unit(entry.base_currency.clone()));
    }
    let rows = entry.lines.iter().map(|line| {
        let mut cells = vec![
            html! { (line.account) " " (line.name) },
            html! { (line.note) },
            side(&line.amount, debit(&line.amount)),
            side(&line.amount, credit(&line.amount)),
            html! { (line.currency) },
        ];
        if foreign {
            cells.push(html! { (line.rate.as_deref().unwrap_or_default()) });
            cells.push(money_or_dash(&line.base));
        }
        Row::new(cells).opens(request.link(&format!("books/accounts/{}", part(&line.account))))
    });
    Table {
        caption: format!("Lines of entry {}", entry.number),
        columns,
        rows: rows.collect(),
    }
}

fn reversal(request: &PageRequest, entry: &ShownEntry) -> Html {
    let offer = Offer::new(request, "books.reverse_entry", "books/entries/{number}");
    let fields = html! {
        (daybook_ui::hidden("entry", &entry.number.to_string()))
        (offer.field("reason", Field::text("reason", "Why").required().length_max(500)))
        (offer.field("date", Field::date("date", "On").hint("Left out: the day of the entry, or today if that is locked.")))
    };
    html! {
        p.muted { "A posted entry is never changed. Its reversal takes it back and both stay to be seen." }
        (offer.form("Reverse entry", &fields))
    }
}
