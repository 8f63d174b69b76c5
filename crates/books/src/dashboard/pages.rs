//! The home page. It asks the same questions as the reports, so its figures are theirs.

use daybook_kernel::road::Visit;
use daybook_kernel::time::day_number;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::address::encoded;
use daybook_ui::{
    Column, Headline, Html, Row, Table, Tone, empty_state, headlines, section, status, table,
};
use maud::html;

use crate::accounts::list_accounts::{AccountList, ListAccounts, ListedAccount};
use crate::accounts::model::Kind;
use crate::dates;
use crate::drawing::{is_unassigned, link, register, unassigned};
use crate::entries::list_entries::{EntryList, ListEntries};
use crate::entries::pages::entry_table;
use crate::periods::show_lock::{PeriodLock, ShowLock};
use crate::reports::balance_sheet::{BalanceSheet, BalanceSheetReport};
use crate::reports::periods::By;
use crate::reports::profit_and_loss::{ProfitAndLoss, ProfitAndLossReport, ReportRow};
use crate::reports::profit_and_loss_page::{chart, net_label};
use crate::wording::{balances, day_in_words, leaf, sum};

/// Entries shown as the latest.
const RECENT: usize = 8;

/// Asset accounts shown with their balance.
const ACCOUNTS_MAX: usize = 10;

pub(crate) fn home(request: &PageRequest, visit: &mut Visit<'_>) -> Result<PageView, Error> {
    let accounts = visit.ask(ListAccounts {})?;
    let mut recent = visit.ask(ListEntries::default())?;
    let new = (
        "New entry".to_owned(),
        request.link("books/entries/new"),
        'n',
    );
    let primary = visit.may("books.post_entry").then_some(new);
    let body = if is_unassigned(visit)? {
        unassigned()
    } else if recent.entries.is_empty() {
        beginning(request, &accounts)
    } else {
        let today = day_number(request.today);
        let latest = last_day(&recent).unwrap_or(today).min(today);
        let end = dates::last_of_month(latest);
        let year = visit.ask(ProfitAndLoss {
            from: Some(dates::iso(dates::first_of_month(dates::months_earlier(
                latest, 11,
            )))),
            to: Some(dates::iso(end.min(today))),
            by: By::Month,
        })?;
        let sheet = visit.ask(BalanceSheet {
            on: Some(request.today.to_string()),
            compare_on: None,
        })?;
        let lock = visit.ask(ShowLock {})?;
        recent.entries.truncate(RECENT);
        let unfinished = dates::civil(latest).strftime("%b so far").to_string();
        let unfinished = (end > today).then_some(unfinished.as_str());
        html! {
            (section("needs", "What needs you", needs(request, visit, (&lock, latest), &sheet)))
            (answers(request, &sheet, &year))
            @if moved(&year) || !year.assigned_only { (chart("by-month", &year, unfinished)) }
            (section("have", "What there is", have(request, &accounts)))
            (section("recent", "Latest entries", html! {
                (table(&entry_table(request, &recent)))
                p { a href=(request.link("books/entries")) { "All entries" } }
            }))
        }
    };
    Ok(PageView {
        title: "Home".into(),
        body: body.into_string(),
        primary,
        refresh: false,
    })
}

fn last_day(recent: &EntryList) -> Option<i64> {
    let latest = recent.entries.first()?;
    dates::read("date", &latest.date).ok()
}

fn beginning(request: &PageRequest, accounts: &AccountList) -> Html {
    if accounts.accounts.is_empty() {
        return empty_state(
            "These books are empty. They begin with a chart of accounts, or with a journal that you bring.",
            "An hledger, ledger or beancount file brings its accounts with it.",
            "Choose a chart of accounts",
            &request.link("books/accounts"),
        );
    }
    empty_state(
        "The accounts are open. What happens is posted as entries.",
        "For example: 31 January, coffee beans, 12.50 from Bank to Goods.",
        "Post the first entry",
        &request.link("books/entries/new"),
    )
}

fn answers(request: &PageRequest, sheet: &BalanceSheetReport, year: &ProfitAndLossReport) -> Html {
    let span = [("from", year.from.as_str()), ("to", year.to.as_str())];
    let profit_and_loss = link(request, "books/reports/profit-and-loss", &span);
    let balance_sheet = link(request, "books/reports/balance-sheet", &[("on", &sheet.on)]);
    let one = |label: &str, decimal: &str, href: &str, note: &str| Headline {
        label: label.to_owned(),
        decimal: decimal.to_owned(),
        currency: sheet.currency.clone(),
        href: href.to_owned(),
        note: html! { (note) },
    };
    let day = day_in_words(&sheet.on);
    let first = dates::read("from", &year.from).map(dates::month_name);
    let months = format!("since {}", first.unwrap_or_default());
    let owing: Vec<&ReportRow> = sheet.assets.rows.iter().filter(|row| owed(row)).collect();
    let mut all = vec![one("Assets", &sheet.total_assets, &balance_sheet, &day)];
    if let Some(first) = owing.first() {
        let href = register(request, &first.account, "", "");
        let customers = sum(owing.iter().map(|row| row.total.as_str()));
        all.push(one("Owed to you", &customers, &href, "by customers"));
    }
    let by_you = &sheet.liabilities.total;
    all.push(one(
        "Owed by you",
        by_you,
        &balance_sheet,
        "bills, tax and loans",
    ));
    if moved(year) || !year.assigned_only {
        let net = net_label(year);
        all.push(one("Income", &year.income.total, &profit_and_loss, &months));
        all.push(one(net, &year.net_total, &profit_and_loss, &months));
    }
    headlines(&all)
}

fn moved(year: &ProfitAndLossReport) -> bool {
    !year.income.rows.is_empty() || !year.expenses.rows.is_empty()
}

/// Whether an asset is what customers owe. Accounts have no such mark yet, so the name tells.
fn owed(row: &ReportRow) -> bool {
    let name = row.name.to_lowercase();
    ["receivable", "debtors", "forderungen", "debitoren"]
        .iter()
        .any(|word| name.contains(word))
}

fn have(request: &PageRequest, accounts: &AccountList) -> Html {
    let has_balance = |one: &&ListedAccount| {
        one.kind == Kind::Asset
            && one
                .balances
                .iter()
                .any(|balance| !daybook_ui::money::is_zero(&balance.balance))
    };
    let row = |account: &ListedAccount| {
        let cells = vec![
            leaf(&account.code, &account.name),
            balances(account.kind, &account.balances),
        ];
        Row::new(cells).opens(register(request, &account.code, "", ""))
    };
    let rows: Vec<Row> = accounts
        .accounts
        .iter()
        .filter(has_balance)
        .take(ACCOUNTS_MAX)
        .map(row)
        .collect();
    let columns = vec![Column::head("Account"), Column::amount("Balance")];
    table(&Table {
        caption: "Assets with a balance".into(),
        columns,
        rows,
    })
}

fn needs(
    request: &PageRequest,
    visit: &Visit<'_>,
    (lock, latest): (&PeriodLock, i64),
    sheet: &BalanceSheetReport,
) -> Html {
    let last_month = dates::previous(dates::first_of_month(latest));
    let locked = lock
        .locked_through
        .as_deref()
        .and_then(|day| dates::read("", day).ok())
        .unwrap_or(0);
    let checked = encoded(&sheet.on);
    let through = lock.locked_through.as_deref().map(day_in_words);
    html! {
        ul.plain {
            @if !sheet.assigned_only && sheet.total_assets != sheet.total_liabilities_and_equity {
                li {
                    (status(Tone::Wrong, "The balance sheet does not balance")) " "
                    a href=(request.link(&format!("books/reports/balance-sheet?on={checked}"))) { "Look at it" }
                }
            }
            @if locked < last_month {
                li {
                    (status(Tone::Waiting, "Open")) " "
                    (dates::month_name(last_month)) " is not locked yet."
                    @if visit.may("books.lock_period") {
                        " Once it is done, " a href=(request.link("books/periods")) { "lock it" } "."
                    }
                }
            }
            li {
                @match &through {
                    Some(day) => { (status(Tone::Good, "Locked")) " The books are locked through " (day) "." }
                    None => { (status(Tone::Neutral, "Not locked")) " No period of the books is locked." }
                }
            }
            @if visit.may("trust.list_promises") {
                li.muted {
                "Whether the log of these books verifies, and what else is checked, stands under "
                a href=(request.link("trust")) { "Trust" } "."
                }
            }
        }
    }
}
