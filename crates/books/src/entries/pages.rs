//! Entries on the page: the list, and the grid in which one is written.

use daybook_kernel::page::{After, Undo};
use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::locale::reader;
use daybook_ui::{
    AccountChoice, Act, Column, Field, Grid, GridLine, Html, Row, Table, Tone, date, empty_state,
    filters, journal_grid, money, pager, status, table,
};
use maud::{Render as _, html};

use super::list_entries::{EntryList, ListEntries, ListedEntry};
use crate::accounts::list_accounts::ListAccounts;
use crate::currencies::list_currencies::ListCurrencies;
use crate::drawing::{downloads, is_unassigned, link, unassigned};
use crate::entry_templates::pages as templates;
use crate::entry_templates::show_entry_template::{ShownTemplate, ShownTemplateLine};
use crate::journals::list_journals::{JournalList, ListJournals};
use crate::journals::model::GENERAL_CODE;
use crate::journals::pages::{filter, open_choices};

/// Rows of an empty grid.
const ROWS: usize = 4;

const FILTERS: [&str; 8] = [
    "from", "to", "account", "text", "tag", "amount", "journal", "cursor",
];

pub(crate) fn list(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let mut wanted = request.query::<ListEntries>(&FILTERS)?;
    // The address holds the amount as the reader typed it.
    let plain = wanted.amount.as_deref().and_then(|it| reader().read(it));
    wanted.amount = plain.or(wanted.amount);
    let found = visit.ask(wanted)?;
    let journals = visit.ask(ListJournals::default())?;
    let narrowed = FILTERS.iter().any(|name| request.get(name).is_some());
    let body = html! {
        (filters(&request.link("books/entries"), filter_fields(request, &journals)))
        @if found.entries.is_empty() && !narrowed && is_unassigned(visit)? {
            (unassigned())
        } @else if found.entries.is_empty() && !narrowed {
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
        p.muted {
            a href=(request.link("books/journals")) { "Journals" }
            @if visit.may("books.list_entry_templates") {
                " · " a href=(request.link("books/entry-templates")) { "Templates" }
            }
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

fn filter_fields(request: &PageRequest, journals: &JournalList) -> Html {
    let value = |name: &str| request.get(name).unwrap_or_default().to_owned();
    html! {
        (Field::date("from", "From").value(value("from")).render())
        (Field::date("to", "To").value(value("to")).render())
        (Field::text("account", "Account").value(value("account")).render())
        (Field::text("amount", "Amount").value(value("amount")).render())
        (filter(journals, request.get("journal")).render())
        (Field::search("text", "Words").value(value("text")).render())
        @if request.get("tag").is_some() {
            (Field::text("tag", "Tag").value(value("tag")).render())
        }
    }
}

fn kept(request: &PageRequest) -> Vec<(&str, &str)> {
    let names = ["from", "to", "account", "text", "tag", "amount", "journal"];
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
    let referenced = found.entries.iter().any(|one| !one.reference.is_empty());
    let gathered = found.entries.iter().any(|one| one.journal != GENERAL_CODE);
    let row = |entry: &ListedEntry| {
        let state = match (entry.reverses, entry.reversed_by) {
            (_, Some(_)) => html! { " " (status(Tone::Wrong, "Reversed")) },
            (Some(_), None) => html! { " " (status(Tone::Neutral, "Reversal")) },
            (None, None) => html! {},
        };
        let mut cells = vec![
            html! { (entry.number) },
            date(&entry.date),
            html! { (entry.description) (state) },
        ];
        if referenced {
            cells.push(html! { (entry.reference) });
        }
        if gathered {
            cells.push(html! { (entry.journal) });
        }
        cells.push(money(&entry.total));
        Row::new(cells).beside(request.link(&format!("books/entries/{}", entry.number)))
    };
    let mut columns = vec![
        Column::short("Number"),
        Column::short("Date"),
        Column::text("Description"),
    ];
    if referenced {
        columns.push(Column::short("Reference").spare());
    }
    if gathered {
        columns.push(Column::short("Journal").spare());
    }
    columns.push(Column::amount("Total").unit(found.base_currency.clone()));
    Table {
        caption: "Entries".into(),
        columns,
        rows: found.entries.iter().map(row).collect(),
    }
}

pub(crate) fn new(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let template = templates::chosen(request, visit)?;
    let grid = grid(request, visit, template.as_ref())?;
    let body = html! {
        @if is_unassigned(visit)? { (unassigned()) } @else {
            (templates::choice(request, visit)?) (journal_grid(&grid))
        }
    };
    let title = template.map_or_else(
        || "New entry".to_owned(),
        |template| format!("New entry: {}", template.name),
    );
    Ok(PageView {
        title,
        body: body.into_string(),
        primary: None,
        refresh: false,
    })
}

fn grid(
    request: &PageRequest,
    visit: &mut Visit<'_>,
    template: Option<&ShownTemplate>,
) -> Result<Grid, Error> {
    let accounts = visit.ask(ListAccounts {})?;
    let currencies = visit.ask(ListCurrencies {})?;
    let journals = visit.ask(ListJournals::default())?;
    let back = Undo::by(
        "books.reverse_entry",
        &[("entry", "{number}")],
        "Entry {reverses} is reversed by this one.",
    );
    let back = back
        .asking("reason")
        .then(request.link("books/entries/{number}"));
    let offer = Act::new(request, "books.post_entry")
        .then("books/entries/{number}")
        .after(After::says("Entry {number} is posted.").undone_by(back));
    let typed = |name: &str| offer.typed(name).unwrap_or_default();
    let or = |name: &str, known: Option<&String>| {
        let typed = offer.typed(name);
        typed.or_else(|| known.cloned()).unwrap_or_default()
    };
    let base = currencies.base.clone().unwrap_or_else(|| "EUR".into());
    let known = currencies.currencies.iter().find(|one| one.code == base);
    let scale = known.map_or(2, |one| one.decimals);
    let open = accounts.accounts.iter().filter(|one| !one.closed);
    let choices = open.map(|one| AccountChoice {
        code: one.code.clone(),
        name: one.name.clone(),
        kind: one.kind.name().to_owned(),
    });
    let codes = currencies.currencies.into_iter().map(|one| one.code);
    let today = request.today.to_string();
    Ok(Grid {
        action: offer.action(),
        csrf: request.csrf.clone(),
        carried: offer.carried(),
        rows: rows(&offer, request, template),
        accounts: choices.collect(),
        date: offer.typed("date").unwrap_or_else(|| today.clone()),
        today,
        description: or("description", template.map(|one| &one.description)),
        reference: typed("reference"),
        note: typed("note"),
        journals: open_choices(&journals),
        journal: or("journal", template.map(|one| &one.journal)),
        draft: template.map_or_else(
            || "journal".to_owned(),
            |template| format!("journal-{}", template.id),
        ),
        currency: base,
        currencies: codes.collect(),
        scale,
        faults: offer.faults(),
        ..Grid::default()
    })
}

fn rows(offer: &Act<'_>, request: &PageRequest, template: Option<&ShownTemplate>) -> Vec<GridLine> {
    let cell = |at: usize, name: &str| offer.typed(&format!("lines/{at}/{name}"));
    let line = |at: usize| {
        if let Some(line) = template.and_then(|template| template.lines.get(at)) {
            return filled(line);
        }
        let value = |name: &str| cell(at, name).unwrap_or_default();
        let (debit, credit) = sides(&value("amount"));
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
    let asked = request
        .get("rows")
        .and_then(|text| text.parse().ok())
        .unwrap_or(ROWS);
    let known = template.map_or(0, |template| template.lines.len());
    let shown = typed
        .max(asked)
        .max(known)
        .clamp(ROWS, super::model::LINES_MAX);
    (0..shown).map(line).collect()
}

fn filled(line: &ShownTemplateLine) -> GridLine {
    let amount = reader().in_field(line.amount.as_deref().unwrap_or_default());
    let (debit, credit) = sides(&amount);
    GridLine {
        account: line.account.clone(),
        note: line.note.clone(),
        debit,
        credit,
        currency: line.currency.clone().unwrap_or_default(),
    }
}

/// Debit and credit of a signed amount.
fn sides(amount: &str) -> (String, String) {
    match amount.strip_prefix('-') {
        Some(credit) => (String::new(), credit.to_owned()),
        None => (amount.to_owned(), String::new()),
    }
}
