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
const LINES_A_PAGE: i64 = 120;

const PATH: &str = "books/reports/general-ledger";

pub(crate) fn general_ledger(
    request: &PageRequest,
    visit: &mut Visit<'_>,
) -> Result<PageView, Error> {
    let (from, to) = span_shown(request);
    let text = |name: &str| request.get(name).map(str::to_owned);
    let report = visit.ask(GeneralLedger {
        from,
        to,
        account: text("account"),
        lines: Some(LINES_A_PAGE),
        cursor: text("cursor"),
    })?;
    let span = [("from", &*report.from), ("to", &*report.to)];
    let onward = |name: &str, value: &str| link(request, PATH, &[span[0], span[1], (name, value)]);
    let is_first = request.get("account").is_none() && request.get("cursor").is_none();
    let start = (!is_first).then(|| link(request, PATH, &span));
    let next = report
        .next
        .as_deref()
        .map(|cursor| onward("cursor", cursor));
    let lines: usize = report.accounts.iter().map(|one| one.lines.len()).sum();
    let body = html! {
        (filters(&request.link(PATH), span_fields(&report.from, &report.to)))
        @if report.moved.is_empty() { (nothing(request, visit)?) } @else {
            (contents(&report, &|account| onward("account", account)))
        }
        @for (at, account) in report.accounts.iter().enumerate() {
            @let continued = at == 0 && report.continued;
            @let mark = if continued { ", continued" } else { "" };
            (section(
                &format!("account-{}", account.account),
                &format!("{} {}{mark}", account.account, account.name),
                ledger_account(request, account, continued),
            ))
        }
        @if start.is_some() || next.is_some() {
            (pager(start.as_deref(), next.as_deref(), &format!("{lines} lines")))
        }
        (downloads(request, "books.general_ledger", &span))
    };
    let title = format!(
        "General ledger, {}",
        span_in_words(&report.from, &report.to)
    );
    Ok(view(title, body))
}

/// Every account that moved, each with the page that begins with it.
fn contents(report: &GeneralLedgerReport, beginning_with: &dyn Fn(&str) -> String) -> Html {
    html! {
        details.contents {
            summary { "Go to one of " (report.moved.len()) " accounts" }
            ul {
                @for place in &report.moved {
                    li {
                        a href=(beginning_with(&place.account)) { (place.account) " " (place.name) }
                    }
                }
            }
        }
    }
}
