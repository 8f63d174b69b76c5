//! How the pages of the books say days, spans, names and sums.

use std::collections::BTreeMap;

use daybook_kernel::PageRequest;
use daybook_kernel::time::day_number;
use daybook_ui::{Html, date, money_or_dash};
use jiff::civil::Date;
use maud::html;

use crate::accounts::list_accounts::Balance;
use crate::accounts::model::Kind;
use crate::dates;

/// “21 November 2026”; text that is no date stays as it is.
pub(crate) fn day_in_words(iso: &str) -> String {
    date::in_words(iso)
}

/// “21 Nov 2026”, for the heads of columns.
pub(crate) fn day_short(iso: &str) -> String {
    date::in_short(iso)
}

fn worded(iso: &str, format: &str) -> String {
    iso.parse::<Date>()
        .map_or_else(|_| iso.to_owned(), |day| day.strftime(format).to_string())
}

/// “January to October 2026” for whole months, “1 January to 21 November 2026” for others.
pub(crate) fn span_in_words(from: &str, to: &str) -> String {
    let (Ok(first), Ok(last)) = (from.parse::<Date>(), to.parse::<Date>()) else {
        return format!("{from} to {to}");
    };
    let whole = first.day() == 1 && last == last.last_of_month();
    let one_year = first.year() == last.year();
    if whole && one_year && first.month() == 1 && last.month() == 12 {
        return first.year().to_string();
    }
    if whole && one_year && first.month() == last.month() {
        return worded(to, "%B %Y");
    }
    if whole {
        let start = if one_year { "%B" } else { "%B %Y" };
        return format!("{} to {}", worded(from, start), worded(to, "%B %Y"));
    }
    let start = if !one_year {
        day_in_words(from)
    } else if daybook_ui::locale::reader().is_month_first() {
        worded(from, "%B %-d")
    } else {
        worded(from, "%-d %B")
    };
    format!("{start} to {}", day_in_words(to))
}

/// The span of a report as the address asks for it: the year to date unless it says otherwise,
/// and no end in the future unless it is asked for.
pub(crate) fn span_shown(request: &PageRequest) -> (Option<String>, Option<String>) {
    let text = |name: &str| request.get(name).map(str::to_owned);
    let today = day_number(request.today);
    match (text("from"), text("to")) {
        (None, None) => (
            Some(dates::iso(dates::first_of_year(today))),
            Some(request.today.to_string()),
        ),
        (Some(from), None) => {
            let first = dates::read("from", &from).unwrap_or(today);
            let last = dates::last_of_year(first);
            let to = if first <= today {
                last.min(today)
            } else {
                last
            };
            (Some(from), Some(dates::iso(to)))
        }
        asked => asked,
    }
}

/// The last part of an account's name, with all of it one hover away.
pub(crate) fn leaf(code: &str, name: &str) -> Html {
    let last = name.rsplit(':').next().unwrap_or(name);
    let full = (last != name).then_some(name);
    html! { span title=[full] { (code) " " (last) } }
}

/// Debit positive as the books keep it, made positive for the side where the kind grows.
pub(crate) fn normal(kind: Kind, decimal: &str) -> String {
    if matches!(kind, Kind::Asset | Kind::Expense) {
        return decimal.to_owned();
    }
    match decimal.strip_prefix('-') {
        Some(rest) => rest.to_owned(),
        None if daybook_ui::money::is_zero(decimal) => decimal.to_owned(),
        None => format!("-{decimal}"),
    }
}

/// Amounts with their currency, one under the other; a dash where there is none.
pub(crate) fn balances(kind: Kind, all: &[Balance]) -> Html {
    let moved: Vec<&Balance> = all
        .iter()
        .filter(|one| !daybook_ui::money::is_zero(&one.balance))
        .collect();
    html! {
        @if moved.is_empty() { (money_or_dash("0")) }
        @for (at, one) in moved.iter().enumerate() {
            @if at > 0 { br; }
            (daybook_ui::money(&normal(kind, &one.balance))) " " span.unit { (one.currency) }
        }
    }
}

/// Adds decimals of one currency, which all have its scale; what is no decimal counts as nought.
pub(crate) fn sum<'a>(decimals: impl Iterator<Item = &'a str>) -> String {
    let mut total = 0_i128;
    let mut scale = 0;
    for decimal in decimals {
        let fraction = decimal.split_once('.').map_or(0, |(_, part)| part.len());
        let digits: String = decimal.chars().filter(|one| *one != '.').collect();
        let minor = digits.parse::<i128>().unwrap_or_default();
        let wider = fraction.max(scale);
        let raised = |value: i128, from: usize| {
            let steps = u32::try_from(wider - from).unwrap_or_default();
            value.saturating_mul(10_i128.saturating_pow(steps))
        };
        total = raised(total, scale).saturating_add(raised(minor, fraction));
        scale = wider;
    }
    let digits = format!("{:0>width$}", total.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if total < 0 { "-" } else { "" };
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// What many accounts hold together, by currency.
pub(crate) fn together<'a>(all: impl Iterator<Item = &'a Balance>) -> Vec<Balance> {
    let mut by_currency: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in all {
        by_currency
            .entry(&one.currency)
            .or_default()
            .push(&one.balance);
    }
    by_currency
        .into_iter()
        .map(|(currency, amounts)| Balance {
            currency: currency.to_owned(),
            balance: sum(amounts.into_iter()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_a_person_says_them() {
        for (from, to, words) in [
            ("2026-01-01", "2026-12-31", "2026"),
            ("2026-03-01", "2026-03-31", "March 2026"),
            ("2026-01-01", "2026-10-31", "January to October 2026"),
            ("2025-12-01", "2026-11-30", "December 2025 to November 2026"),
            ("2026-01-01", "2026-11-21", "1 January to 21 November 2026"),
        ] {
            assert_eq!(span_in_words(from, to), words);
        }
        assert_eq!(day_in_words("2026-11-21"), "21 November 2026");
    }

    #[test]
    fn sums_keep_the_scale_and_the_sign() {
        assert_eq!(sum(["1.50", "-2.25"].into_iter()), "-0.75");
        assert_eq!(sum(["100", "20"].into_iter()), "120");
        assert_eq!(sum(["0.05", "-0.05"].into_iter()), "0.00");
    }

    #[test]
    fn liabilities_are_shown_as_they_are_owed() {
        assert_eq!(normal(Kind::Liability, "-12.00"), "12.00");
        assert_eq!(normal(Kind::Income, "3.00"), "-3.00");
        assert_eq!(normal(Kind::Asset, "-3.00"), "-3.00");
        assert_eq!(normal(Kind::Equity, "0.00"), "0.00");
    }
}
