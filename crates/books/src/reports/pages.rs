//! Reports on the page: what there is, and each with its filters in the address.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::money::is_zero;
use daybook_ui::{
    Choice, Column, Field, Html, Row, Table, Tone, empty_state, figure, filters, money,
    money_or_dash, status, table,
};
use maud::{Render as _, html};

use super::balance_sheet::{BalanceSheet, BalanceSheetReport};
use super::trial_balance::{TrialBalance, TrialBalanceReport, TrialBalanceRow};
use crate::accounts::model::Kind;
use crate::drawing::{downloads, is_unassigned, link, register, unassigned};
use crate::wording::{day_in_words, day_short, leaf, sum};

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

pub(crate) fn index(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
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
        @if visit.may("books.export_journal") {
            p { a href=(request.link("books/exports")) { "All of the books as a file" } }
        }
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

/// A filter field with the day that is shown.
pub(super) fn day(name: &str, label: &str, shown: &str) -> Html {
    Field::date(name, label).value(shown).render()
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
        (filters(&request.link("books/reports/trial-balance"), day("on", "On", &report.on)))
        @if report.rows.is_empty() {
            (nothing(request, visit)?)
        } @else {
            (table(&trial_balance_table(request, &report)))
            @if report.assigned_only {
                p.muted { "Debits equal credits over all accounts; over those that are assigned to you they need not." }
            } @else if report.total_debit == report.total_credit {
                p { (status(Tone::Good, "Debits equal credits")) }
            } @else {
                p { (status(Tone::Wrong, "Debits and credits differ: check the balances")) }
            }
            (downloads(request, "books.trial_balance", &[("on", &report.on)]))
        }
    };
    Ok(view(
        format!("Trial balance on {}", day_in_words(&report.on)),
        body,
    ))
}

pub(super) fn nothing(request: &PageRequest, visit: &mut Visit<'_>) -> Result<Html, Error> {
    if is_unassigned(visit)? {
        return Ok(unassigned());
    }
    Ok(empty_state(
        "There is nothing to report for these days yet.",
        "A report fills as entries are posted or a journal is imported.",
        "Post an entry",
        &request.link("books/entries/new"),
    ))
}

fn trial_balance_table(request: &PageRequest, report: &TrialBalanceReport) -> Table {
    let unit = report.base_currency.clone().unwrap_or_default();
    // With one currency the figures are the base figures; with more, only those add up.
    let foreign = report.rows.iter().any(|row| row.currency != unit);
    let side = |href: &str, amount: &str, credit: bool| {
        let here = !is_zero(amount) && amount.starts_with('-') == credit;
        html! { @if here { (figure(href, amount.trim_start_matches('-'))) } }
    };
    let row = |row: &TrialBalanceRow| {
        let href = register(request, &row.account, "", &report.on);
        let name = leaf(&row.account, &row.name);
        let mut cells = vec![name];
        if foreign {
            let posted = row.currency != unit;
            cells.push(html! {
                @if posted { (figure(&href, row.balance.trim_start_matches('-'))) " " span.unit { (row.currency) } }
            });
        }
        let nil = is_zero(&row.base);
        cells.push(if nil {
            money_or_dash("0")
        } else {
            side(&href, &row.base, false)
        });
        cells.push(side(&href, &row.base, true));
        Row::new(cells).opens(href).depth(1)
    };
    let mut rows = Vec::new();
    for kind in Kind::ALL {
        let mut of_kind = report.rows.iter().filter(|row| row.kind == kind).peekable();
        if of_kind.peek().is_some() {
            rows.push(Row::group(kind.heading()));
            rows.extend(of_kind.map(row));
        }
    }
    let mut total = vec![html! { "Total" }];
    let mut columns = vec![Column::head("Account")];
    if foreign {
        total.push(html! {});
        columns.push(Column::amount("As posted").spare());
    }
    total.extend([money(&report.total_debit), money(&report.total_credit)]);
    columns.push(Column::amount("Debit").unit(unit.clone()));
    columns.push(Column::amount("Credit").unit(unit));
    rows.push(Row::total(total));
    Table {
        caption: format!("Trial balance on {}", day_in_words(&report.on)),
        columns,
        rows,
    }
}

pub(crate) fn balance_sheet(
    request: &PageRequest,
    visit: &mut Visit<'_>,
) -> Result<PageView, Error> {
    let report = visit.ask(request.query::<BalanceSheet>(&["on", "compare_on"])?)?;
    let fields = html! {
        (day("on", "On", &report.on))
        (day("compare_on", "Compare with", &report.compare_on))
    };
    let values = [
        ("on", report.on.as_str()),
        ("compare_on", report.compare_on.as_str()),
    ];
    let body = html! {
        (filters(&request.link("books/reports/balance-sheet"), fields))
        @if report.assets.rows.is_empty() && report.liabilities.rows.is_empty() {
            (nothing(request, visit)?)
        }
        (table(&balance_sheet_table(request, &report)))
        @if report.assigned_only {
            p.muted { "Both sides are equal over all accounts; over those that are assigned to you they need not be." }
        } @else if report.total_assets == report.total_liabilities_and_equity {
            p { (status(Tone::Good, "Both sides are equal")) }
        } @else {
            p { (status(Tone::Wrong, "The sides differ: check the balances")) }
        }
        (downloads(request, "books.balance_sheet", &values))
    };
    Ok(view(
        format!("Balance sheet on {}", day_in_words(&report.on)),
        body,
    ))
}

fn balance_sheet_table(request: &PageRequest, report: &BalanceSheetReport) -> Table {
    let mut rows = Vec::new();
    for part in [&report.assets, &report.liabilities, &report.equity] {
        rows.push(Row::group(&part.heading));
        for row in &part.rows {
            let cells = |href: &str| {
                vec![
                    leaf(&row.account, &row.name),
                    figure(href, &row.total),
                    money_or_dash(&row.previous),
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
        money(&report.assets.previous),
    ]));
    let earlier = [&report.liabilities.previous, &report.equity.previous];
    rows.push(Row::total(vec![
        html! { "Total liabilities and equity" },
        money(&report.total_liabilities_and_equity),
        money(&sum(earlier.into_iter().map(String::as_str))),
    ]));
    Table {
        caption: "Balance sheet".into(),
        columns: vec![
            Column::head("Account"),
            Column::amount(day_short(&report.on)).unit(report.currency.clone()),
            Column::amount(day_short(&report.compare_on)).unit(report.currency.clone()),
        ],
        rows,
    }
}

pub(super) fn span_fields(from: &str, to: &str) -> Html {
    html! { (day("from", "From", from)) (day("to", "To", to)) }
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
