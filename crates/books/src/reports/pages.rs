//! Reports on the page: what there is, and each with its filters in the address.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{
    Choice, Column, Field, Html, Row, Table, Tone, date, empty_state, figure, filters, money,
    pager, section, status, table,
};
use maud::{Render as _, html};

use super::balance_sheet::{BalanceSheet, BalanceSheetReport};
use super::general_ledger::GeneralLedger;
use super::journal::{Journal, JournalReport};
use super::trial_balance::{TrialBalance, TrialBalanceReport};
use crate::drawing::{downloads, link, register};

const REPORTS: [(&str, &str, &str); 5] = [
    (
        "profit-and-loss",
        "Profit and loss",
        "What was earned and spent, by month, quarter or year.",
    ),
    (
        "balance-sheet",
        "Balance sheet",
        "What the business has, owes and is worth on a day.",
    ),
    (
        "trial-balance",
        "Trial balance",
        "The balance of every account on a day; debits equal credits.",
    ),
    (
        "general-ledger",
        "General ledger",
        "Every account with its lines in a span.",
    ),
    (
        "journal",
        "Journal",
        "Every entry of a span in order of date.",
    ),
];

pub(crate) fn index(request: &PageRequest, _: &mut Visit<'_>) -> Result<PageView, Error> {
    let rows = REPORTS.map(|(path, name, about)| {
        Row::new(vec![html! { (name) }, html! { (about) }])
            .opens(request.link(&format!("books/reports/{path}")))
    });
    let list = Table {
        caption: "Reports".into(),
        columns: vec![Column::head("Report"), Column::text("What it answers")],
        rows: rows.to_vec(),
    };
    let body = html! {
        (table(&list))
        p { a href=(request.link("books/periods")) { "Locked periods" } }
    };
    Ok(view("Reports", body))
}

pub(super) fn view(title: impl Into<String>, body: Html) -> PageView {
    PageView {
        title: title.into(),
        body: body.into_string(),
        primary: None,
        refresh: false,
    }
}

/// A filter field with the value that the address holds.
pub(super) fn day(request: &PageRequest, name: &str, label: &str) -> Html {
    Field::date(name, label)
        .value(request.get(name).unwrap_or_default())
        .render()
}

pub(crate) fn trial_balance(
    request: &PageRequest,
    visit: &mut Visit<'_>,
) -> Result<PageView, Error> {
    let on = request
        .get("on")
        .map_or_else(|| request.today.to_string(), str::to_owned);
    let report = visit.ask(TrialBalance { on: Some(on) })?;
    let body = html! {
        (filters(&request.link("books/reports/trial-balance"), day(request, "on", "On")))
        @if report.rows.is_empty() {
            (nothing(request))
        } @else {
            (table(&trial_balance_table(request, &report)))
            @if report.total_debit == report.total_credit {
                p { (status(Tone::Good, "Debits equal credits")) }
            } @else {
                p { (status(Tone::Wrong, "Debits and credits differ: check the balances")) }
            }
            (downloads(request, "books.trial_balance", &[("on", &report.on)]))
        }
    };
    Ok(view(format!("Trial balance on {}", report.on), body))
}

fn nothing(request: &PageRequest) -> Html {
    empty_state(
        "There is nothing to report for these days yet.",
        "A report fills as entries are posted or a journal is imported.",
        "Post an entry",
        &request.link("books/entries/new"),
    )
}

fn trial_balance_table(request: &PageRequest, report: &TrialBalanceReport) -> Table {
    let side = |href: &str, amount: &str, here: bool| {
        html! { @if here { (figure(href, amount.trim_start_matches('-'))) } }
    };
    let mut rows: Vec<Row> = report
        .rows
        .iter()
        .map(|row| {
            let href = register(request, &row.account, "", &report.on);
            let credit = row.balance.starts_with('-');
            Row::new(vec![
                html! { (row.account) " " (row.name) },
                html! { (row.currency) },
                side(&href, &row.balance, !credit),
                side(&href, &row.balance, credit),
            ])
            .opens(href)
        })
        .collect();
    let unit = report.base_currency.clone().unwrap_or_default();
    rows.push(Row::total(vec![
        html! { "Total" },
        html! { (unit) },
        money(&report.total_debit),
        money(&report.total_credit),
    ]));
    Table {
        caption: format!("Trial balance on {}", report.on),
        columns: vec![
            Column::head("Account"),
            Column::short("Currency"),
            Column::amount("Debit"),
            Column::amount("Credit"),
        ],
        rows,
    }
}

pub(crate) fn balance_sheet(
    request: &PageRequest,
    visit: &mut Visit<'_>,
) -> Result<PageView, Error> {
    let report = visit.ask(request.query::<BalanceSheet>(&["on", "compare_on"])?)?;
    let fields = html! {
        (day(request, "on", "On"))
        (day(request, "compare_on", "Beside"))
    };
    let values = [
        ("on", report.on.as_str()),
        ("compare_on", report.compare_on.as_str()),
    ];
    let body = html! {
        (filters(&request.link("books/reports/balance-sheet"), fields))
        (table(&balance_sheet_table(request, &report)))
        @if report.total_assets == report.total_liabilities_and_equity {
            p { (status(Tone::Good, "Both sides are equal")) }
        } @else {
            p { (status(Tone::Wrong, "The sides differ: check the balances")) }
        }
        (downloads(request, "books.balance_sheet", &values))
    };
    Ok(view(format!("Balance sheet on {}", report.on), body))
}

fn balance_sheet_table(request: &PageRequest, report: &BalanceSheetReport) -> Table {
    let mut rows = Vec::new();
    for part in [&report.assets, &report.liabilities, &report.equity] {
        rows.push(Row::group(&part.heading));
        for row in &part.rows {
            let cells = |href: &str| {
                vec![
                    html! { (row.account) " " (row.name) },
                    figure(href, &row.total),
                    money(&row.previous),
                ]
            };
            if row.account.is_empty() {
                let from = format!("{}-01-01", &report.on[..4]);
                let href = link(
                    request,
                    "books/reports/profit-and-loss",
                    &[("from", &from), ("to", &report.on)],
                );
                rows.push(Row::new(cells(&href)).depth(1));
            } else {
                let href = register(request, &row.account, "", &report.on);
                rows.push(Row::new(cells(&href)).opens(href).depth(1));
            }
        }
        let name = html! { (part.heading) " together" };
        rows.push(Row::subtotal(vec![
            name,
            money(&part.total),
            money(&part.previous),
        ]));
    }
    rows.push(Row::total(vec![
        html! { "Total assets" },
        money(&report.total_assets),
        html! {},
    ]));
    let both = money(&report.total_liabilities_and_equity);
    rows.push(Row::total(vec![
        html! { "Total liabilities and equity" },
        both,
        html! {},
    ]));
    Table {
        caption: "Balance sheet".into(),
        columns: vec![
            Column::head("Account"),
            Column::amount(report.on.clone()).unit(report.currency.clone()),
            Column::amount(report.compare_on.clone()).unit(report.currency.clone()),
        ],
        rows,
    }
}

pub(crate) fn general_ledger(
    request: &PageRequest,
    visit: &mut Visit<'_>,
) -> Result<PageView, Error> {
    let report = visit.ask(request.query::<GeneralLedger>(&["from", "to"])?)?;
    let values = [("from", report.from.as_str()), ("to", report.to.as_str())];
    let body = html! {
        (filters(&request.link("books/reports/general-ledger"), span_fields(request)))
        @if report.accounts.is_empty() { (nothing(request)) }
        @for account in &report.accounts {
            (section(&format!("account-{}", account.account), &format!("{} {}", account.account, account.name),
                crate::accounts::pages::ledger_account(request, account)))
        }
        (downloads(request, "books.general_ledger", &values))
    };
    Ok(view(
        format!("General ledger, {} to {}", report.from, report.to),
        body,
    ))
}

pub(super) fn span_fields(request: &PageRequest) -> Html {
    html! { (day(request, "from", "From")) (day(request, "to", "To")) }
}

pub(crate) fn journal(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let report = visit.ask(request.query::<Journal>(&["from", "to", "cursor"])?)?;
    let values = [("from", report.from.as_str()), ("to", report.to.as_str())];
    let start = request
        .get("cursor")
        .map(|_| link(request, "books/reports/journal", &values));
    let next = report.next.as_deref().map(|cursor| {
        let values = [values[0], values[1], ("cursor", cursor)];
        link(request, "books/reports/journal", &values)
    });
    let body = html! {
        (filters(&request.link("books/reports/journal"), span_fields(request)))
        @if report.entries.is_empty() {
            (nothing(request))
        } @else {
            (table(&journal_table(request, &report)))
            (pager(start.as_deref(), next.as_deref(), &format!("{} entries", report.entries.len())))
            (downloads(request, "books.journal", &values))
        }
    };
    Ok(view(
        format!("Journal, {} to {}", report.from, report.to),
        body,
    ))
}

fn journal_table(request: &PageRequest, report: &JournalReport) -> Table {
    let mut rows = Vec::new();
    for entry in &report.entries {
        let href = request.link(&format!("books/entries/{}", entry.number));
        for (at, line) in entry.lines.iter().enumerate() {
            let first = at == 0;
            let credit = line.amount.starts_with('-');
            let amount = line.amount.trim_start_matches('-');
            let account = register(request, &line.account, &report.from, &report.to);
            let row = Row::new(vec![
                html! { @if first { (entry.number) } },
                html! { @if first { (date(&entry.date)) } },
                html! { @if first { (entry.description) } },
                html! { a href=(account) { (line.account) " " (line.name) } },
                html! { @if !credit { (money(amount)) } },
                html! { @if credit { (money(amount)) } },
                html! { (line.currency) },
            ]);
            rows.push(if first { row.beside(href.clone()) } else { row });
        }
    }
    Table {
        caption: "Journal".into(),
        columns: vec![
            Column::short("Entry"),
            Column::short("Date"),
            Column::text("Description"),
            Column::text("Account"),
            Column::amount("Debit"),
            Column::amount("Credit"),
            Column::short("Currency"),
        ],
        rows,
    }
}

/// The choices of how a span is cut.
pub(super) fn by_field(request: &PageRequest) -> Html {
    let choices = [
        ("total", "As a whole"),
        ("month", "By month"),
        ("quarter", "By quarter"),
        ("year", "By year"),
    ];
    let choices = choices
        .map(|(value, label)| Choice::new(value, label))
        .to_vec();
    Field::select("by", "Columns", choices)
        .value(request.get("by").unwrap_or("total"))
        .render()
}
