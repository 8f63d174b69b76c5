//! A company that does not exist, for showing pieces with figures that look like figures.

use super::sample_shell;
use crate::chart::{Columns, Line, Series};
use crate::field::Field;
use crate::journal::{AccountChoice, Grid, GridLine, journal_grid};
use crate::layout::{PrimaryAction, Shell, shell};
use crate::page::{self, Headline};
use crate::table::{Column, Row, Table, table};
use crate::{Html, Tone, day, figure, lede, money, money_or_dash, section, split, status};
use maud::html;

const MONTHS: [&str; 10] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
];

fn words<const N: usize>(all: [&str; N]) -> Vec<String> {
    all.map(ToOwned::to_owned).into()
}

pub fn months_chart() -> Columns {
    Columns {
        id: "months".into(),
        title: "Income passed expenses in every month but February and August".into(),
        description: "Income and expenses by month, EUR".into(),
        labels: words(MONTHS),
        series: vec![
            Series {
                name: "Income".into(),
                values: words([
                    "18200.00", "12400.50", "21350.00", "19800.00", "23410.90", "26100.00",
                    "24075.00", "9800.00", "27300.00", "28950.40",
                ]),
            },
            Series {
                name: "Expenses".into(),
                values: words([
                    "14100.00", "15230.10", "16020.00", "15500.00", "17200.00", "18010.00",
                    "17440.00", "16905.00", "18300.00", "19120.75",
                ]),
            },
        ],
    }
}

pub fn balance_line() -> Line {
    Line {
        id: "balance".into(),
        title: "The bank was overdrawn for three weeks in March".into(),
        description: "Balance of 1200 Bank by half month, EUR".into(),
        labels: words([
            "1 Jan", "", "1 Feb", "", "1 Mar", "", "1 Apr", "", "1 May", "", "1 Jun",
        ]),
        series: Series {
            name: "Balance".into(),
            values: words([
                "12000", "14500", "9800", "6200", "-1800", "-3400", "4100", "11900", "17300",
                "21800", "26450",
            ]),
        },
    }
}

/// Profit and loss, small.
pub fn statement() -> Table {
    let line = |account: &str, now: &str, before: &str, change: &str| {
        Row::new(vec![
            html! { (account) },
            figure("#ledger", now),
            money_or_dash(before),
            money_or_dash(change),
        ])
        .depth(1)
    };
    let sums = |label: &str, now: &str, before: &str, change: &str| {
        vec![
            html! { (label) },
            figure("#ledger", now),
            money(before),
            money(change),
        ]
    };
    Table {
        caption: "Profit and loss, January to October 2026".into(),
        columns: vec![
            Column::head("Account"),
            Column::amount("2026").unit("EUR"),
            Column::amount("2025").unit("EUR"),
            Column::amount("Change").unit("EUR"),
        ],
        rows: vec![
            Row::group("Income"),
            line("8400 Sales, 19 % VAT", "198430.80", "171022.10", "27408.70"),
            line("8300 Sales, 7 % VAT", "12955.00", "14310.00", "-1355.00"),
            line("8120 Sales abroad", "0.00", "4200.00", "-4200.00"),
            Row::subtotal(sums("Income", "211385.80", "189532.10", "21853.70")),
            Row::group("Expenses"),
            line(
                "3400 Timber and fittings",
                "-74120.35",
                "-69800.00",
                "-4320.35",
            ),
            line("4100 Wages", "-61200.00", "-58000.00", "-3200.00"),
            line(
                "4210 Rent of the workshop",
                "-18000.00",
                "-18000.00",
                "0.00",
            ),
            line("4970 Bank charges", "-412.60", "-388.20", "-24.40"),
            line("2150 Exchange differences", "-92.90", "0.00", "-92.90"),
            Row::subtotal(sums("Expenses", "-153825.85", "-146188.20", "-7637.65")),
            Row::total(sums("Profit", "57559.95", "43343.90", "14216.05")),
        ],
    }
}

/// A report as its own page.
pub fn sample_report() -> Html {
    let filters = page::filters(
        "/report",
        html! {
            (Field::date("from", "From").value("2026-01-01"))
            (Field::date("to", "To").value("2026-10-31"))
        },
    );
    shell(&Shell {
        title: "Profit and loss, January to October 2026".into(),
        primary: Some(PrimaryAction {
            label: "Export".into(),
            href: "#export".into(),
            key: Some('e'),
        }),
        content: html! {
            (filters)
            (months_chart().html())
            (table(&statement()))
        },
        demo: false,
        ..sample_shell(7)
    })
}

/// A home page and a register.
pub fn sample_home() -> Html {
    let one = |label: &str, decimal: &str, note: Html| Headline {
        label: label.into(),
        decimal: decimal.into(),
        currency: "EUR".into(),
        href: "#headline".into(),
        note,
    };
    let content = html! {
        (page::headlines(&[
            one("In the bank", "48210.77", html! { "as of " (day("2026-11-14")) }),
            one("Owed to us", "12480.00", status(Tone::Wrong, "3 overdue")),
            one("We owe", "-6115.20", html! { "next on " (day("2026-11-28")) }),
            one("Tax to pay", "2310.44", status(Tone::Waiting, "due 10 Dec")),
        ]))
        (split(months_chart().html(), balance_line().html()))
        (section("latest", "Latest entries", html! {
            (page::filters("/entries", maud::html! { (Field::search("q", "Text").placeholder("Number, words, amount")) }))
            (table(&register()))
            (page::pager(Some("#before"), Some("#after"), "51–100 of 1 204"))
        }))
    };
    shell(&Shell {
        title: "What needs you".into(),
        primary: Some(PrimaryAction {
            label: "New entry".into(),
            href: "/journal".into(),
            key: Some('n'),
        }),
        content,
        ..sample_shell(0)
    })
}

fn register() -> Table {
    let rows = (0_u32..24).map(|at| {
        let cents = at * 7919 % 90_000 + 1_000;
        let amount = format!("{}.{:02}", cents * 3 / 100, cents % 100);
        let words = [
            "Brandt Interiors, kitchen fronts",
            "Rent November",
            "Timber, Holz Weber",
        ];
        let state = match at % 9 {
            2 => status(Tone::Waiting, "Draft"),
            5 => status(Tone::Neutral, "Reversed"),
            _ => status(Tone::Good, "Posted"),
        };
        Row::new(vec![
            html! { "2026-" (format!("{:04}", 1204 - at)) },
            crate::date(&format!("2026-11-{:02}", 24 - at)),
            html! { (words.get(at as usize % 3).copied().unwrap_or_default()) },
            state,
            money(&if at % 3 == 0 {
                amount
            } else {
                format!("-{amount}")
            }),
        ])
        .beside("/journal")
    });
    Table {
        caption: "Latest entries".into(),
        columns: vec![
            Column::short("Number"),
            Column::short("Date").sorted("?sort=date", crate::Direction::Descending),
            Column::text("Description").sorted("?sort=text", crate::Direction::Unsorted),
            Column::short("State"),
            Column::amount("Amount").unit("EUR"),
        ],
        rows: rows.collect(),
    }
}

/// An entry being written.
pub fn sample_grid() -> Grid {
    let line = |account: &str, debit: &str, credit: &str| GridLine {
        account: account.into(),
        debit: debit.into(),
        credit: credit.into(),
        ..GridLine::default()
    };
    let account = |code: &str, name: &str, kind: &str| AccountChoice {
        code: code.into(),
        name: name.into(),
        kind: kind.into(),
    };
    Grid {
        action: "/journal".into(),
        csrf: "example".into(),
        rows: vec![
            line("3400 Timber and fittings", "1008.40", ""),
            line("1576 Input tax 19 %", "191.60", ""),
            line("1200 Bank", "", "1200.00"),
            line("", "", ""),
            line("", "", ""),
        ],
        accounts: vec![
            account("1000", "Cash", "Asset"),
            account("1200", "Bank", "Asset"),
            account("1400", "Receivables", "Asset"),
            account("1576", "Input tax 19 %", "Asset"),
            account("1600", "Payables", "Liability"),
            account("3400", "Timber and fittings", "Expense"),
            account("4210", "Rent of the workshop", "Expense"),
            account("8400", "Sales, 19 % VAT", "Income"),
        ],
        date: "2026-11-14".into(),
        today: "2026-11-21".into(),
        description: "Oak boards, Holz Weber".into(),
        reference: "RE-88213".into(),
        currency: "EUR".into(),
        scale: 2,
        ..Grid::default()
    }
}

/// The page on which an entry is written.
pub fn sample_journal() -> Html {
    shell(&Shell {
        title: "New journal entry".into(),
        content: html! {
            (lede("Posted entries are never changed; a wrong one is reversed."))
            (journal_grid(&sample_grid()))
        },
        demo: false,
        ..sample_shell(1)
    })
}
