//! The general ledger on the page, cut so that no page grows with the books.

use daybook_kernel::road::Visit;
use daybook_kernel::{Error, PageRequest, PageView};
use daybook_ui::{Html, filters, pager, section};
use maud::html;

use super::general_ledger::{GeneralLedger, GeneralLedgerReport};
use super::pages::{nothing, span_fields, view};
use crate::accounts::register_page::ledger_account;
use crate::drawing::{downloads, link};
use crate::wording::{span_in_words, span_shown};

/// Lines of one page: about 60 KB.
const LINES_A_PAGE: usize = 120;

pub(crate) fn general_ledger(
    request: &PageRequest,
    visit: &mut Visit<'_>,
) -> Result<PageView, Error> {
    let (from, to) = span_shown(request);
    let report = visit.ask(GeneralLedger { from, to })?;
    let (from, to) = (report.from.clone(), report.to.clone());
    let lines: usize = report.accounts.iter().map(|one| one.lines.len()).sum();
    let pages = lines.div_ceil(LINES_A_PAGE).max(1);
    let asked = request.get("page").and_then(|text| text.parse().ok());
    let page: usize = asked.unwrap_or(1).clamp(1, pages);
    let to_page = |page: usize| {
        let page = page.to_string();
        let values = [("from", &*from), ("to", &*to), ("page", &*page)];
        link(request, "books/reports/general-ledger", &values)
    };
    let contents = contents(&report, &to_page);
    let body = html! {
        (filters(&request.link("books/reports/general-ledger"), span_fields(&from, &to)))
        @if report.accounts.is_empty() { (nothing(request)) } @else { (contents) }
        @for (account, continued) in &cut(report, page) {
            @let mark = if *continued { ", continued" } else { "" };
            (section(
                &format!("account-{}", account.account),
                &format!("{} {}{mark}", account.account, account.name),
                ledger_account(request, account, *continued),
            ))
        }
        @if pages > 1 {
            (pager(
                (page > 1).then(|| to_page(page - 1)).as_deref(),
                (page < pages).then(|| to_page(page + 1)).as_deref(),
                &format!("Page {page} of {pages}, {lines} lines in all"),
            ))
        }
        (downloads(request, "books.general_ledger", &[("from", &from), ("to", &to)]))
    };
    let title = format!("General ledger, {}", span_in_words(&from, &to));
    Ok(view(title, body))
}

/// Every account with the page on which it begins.
fn contents(report: &GeneralLedgerReport, to_page: &dyn Fn(usize) -> String) -> Html {
    let mut before = 0;
    let mut places = Vec::with_capacity(report.accounts.len());
    for account in &report.accounts {
        let href = format!(
            "{}#account-{}",
            to_page(before / LINES_A_PAGE + 1),
            account.account
        );
        places.push((href, account));
        before += account.lines.len();
    }
    html! {
        details.contents {
            summary { "Go to one of " (places.len()) " accounts" }
            ul {
                @for (href, account) in &places {
                    li {
                        a href=(href) { (account.account) " " (account.name) }
                        span.muted { " " (account.lines.len()) }
                    }
                }
            }
        }
    }
}

/// The accounts of a page, each with its lines on it and whether it began before.
fn cut(
    report: GeneralLedgerReport,
    page: usize,
) -> Vec<(crate::entries::account_register::Register, bool)> {
    let first = (page - 1) * LINES_A_PAGE;
    let end = first + LINES_A_PAGE;
    let mut before = 0;
    let mut shown = Vec::new();
    for mut account in report.accounts {
        let start = before;
        before += account.lines.len();
        if before <= first || start >= end {
            continue;
        }
        account.lines.truncate(end - start);
        account.lines.drain(..first.saturating_sub(start));
        shown.push((account, start < first));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::model::Kind;
    use crate::entries::account_register::{Register, RegisterLine};

    fn account(code: &str, lines: usize) -> Register {
        let line = RegisterLine {
            entry: 1,
            line: 1,
            date: "2026-01-31".into(),
            description: String::new(),
            reference: String::new(),
            other: None,
            first_other: None,
            others: 1,
            amount: "1.00".into(),
            currency: "EUR".into(),
            balance: "1.00".into(),
            note: String::new(),
        };
        Register {
            account: code.into(),
            name: code.into(),
            kind: Kind::Asset,
            closed: false,
            opening: Vec::new(),
            lines: vec![line; lines],
            closing: Vec::new(),
            next: None,
        }
    }

    #[test]
    fn pages_hold_every_line_once_and_no_more_than_their_share() {
        let report = || GeneralLedgerReport {
            from: "2026-01-01".into(),
            to: "2026-12-31".into(),
            accounts: vec![
                account("1000", 100),
                account("1200", 250),
                account("2000", 5),
            ],
        };
        let mut seen = 0;
        for page in 1..=3 {
            let shown = cut(report(), page);
            let lines: usize = shown.iter().map(|(one, _)| one.lines.len()).sum();
            assert!(lines <= LINES_A_PAGE, "page {page} has {lines}");
            assert_eq!(
                shown.first().map(|(_, continued)| *continued),
                Some(page > 1)
            );
            seen += lines;
        }
        assert_eq!(seen, 355);
    }
}
