//! Amounts as a ledger prints them: grouped, aligned on the decimal, a real minus sign.
//!
//! Amounts come in as plain decimals ("-1234.50") and keep every digit they came with: alignment
//! comes from tabular figures and from a column holding one scale. Marks are the reader's; where
//! groups are parted by a narrow gap the script removes it on copying, so that a spreadsheet
//! receives numbers.

use crate::Html;
use crate::locale::{MINUS, reader};
use maud::html;

/// An amount; negative in brick red with a minus sign, so that colour is never alone.
pub fn money(decimal: &str) -> Html {
    html! { span class=(class(decimal)) { (grouped(decimal)) } }
}

/// An amount, or a muted dash where it is zero: for columns in which most cells are empty.
pub fn money_or_dash(decimal: &str) -> Html {
    if is_zero(decimal) {
        html! { span.figure.nil { span aria-hidden="true" { "–" } span.unseen { "0" } } }
    } else {
        money(decimal)
    }
}

/// An amount that opens what it is made of.
pub fn figure(href: &str, decimal: &str) -> Html {
    html! { a class=(class(decimal)) href=(href) { (grouped(decimal)) } }
}

/// The amount as text, for places that take no markup, such as the labels of a chart.
pub fn grouped(decimal: &str) -> String {
    reader().shown(decimal)
}

/// A whole number, such as how many there are of something.
pub fn count(number: impl ToString) -> String {
    reader().shown(&number.to_string())
}

fn class(decimal: &str) -> &'static str {
    let negative = decimal.trim().starts_with(['-', MINUS]) && !is_zero(decimal);
    if negative { "figure neg" } else { "figure" }
}

/// Whether no digit of the amount is other than nought.
pub fn is_zero(decimal: &str) -> bool {
    !decimal.bytes().any(|b| b.is_ascii_digit() && b != b'0')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::audit;

    #[test]
    fn groups_and_signs() {
        let check = |input: &str, expected: &str| assert_eq!(grouped(input), expected, "{input}");
        check("0", "0");
        check("0.00", "0.00");
        check("-0.00", "0.00");
        check("999.5", "999.5");
        check("1000", "1\u{202f}000");
        check("-1234567.89", "\u{2212}1\u{202f}234\u{202f}567.89");
        check("n/a", "n/a");
        check("", "");
    }

    #[test]
    fn negative_is_said_twice() {
        let html = money("-5.00").into_string();
        assert!(html.contains("figure neg") && html.contains('\u{2212}'));
        assert!(!money("-0.00").into_string().contains("neg"));
    }

    #[test]
    fn zero_may_be_a_dash_that_is_still_read_as_nought() {
        let html = money_or_dash("0.00").into_string();
        assert!(html.contains('–') && html.contains(">0<"));
        assert!(money_or_dash("0.01").into_string().contains("0.01"));
    }

    #[test]
    fn escapes() {
        audit::escapes(&money(audit::HOSTILE).into_string());
        audit::escapes(&figure(audit::HOSTILE, audit::HOSTILE).into_string());
    }
}
