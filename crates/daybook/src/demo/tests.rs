//! The demo's figures, on whatever day it is made.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use super::calendar::Calendar;
use super::entry::Entry;
use super::{cafe, joinery};

/// A day in each month, at its begin, in its middle and at its end.
fn days() -> impl Iterator<Item = Date> {
    (0..73).map(|step| date(2026, 1, 1).saturating_add((step * 5).days()))
}

fn balances(entries: &[Entry]) {
    for entry in entries {
        let sum: i64 = entry.lines.iter().map(super::entry::Line::euros).sum();
        assert_eq!(sum, 0, "{} {}", entry.date, entry.description);
        assert!(entry.lines.len() >= 2, "{}", entry.description);
    }
}

/// The lowest that an account stands at, at the end of any day.
fn lowest(opening: &[(&str, i64)], entries: &[Entry], account: &str) -> i64 {
    let mut stands: i64 = opening
        .iter()
        .filter(|(code, _)| *code == account)
        .map(|(_, amount)| amount)
        .sum();
    let mut lowest = stands;
    for day in entries.chunk_by(|one, next| one.date == next.date) {
        stands += day
            .iter()
            .filter(|it| it.mistake.is_none())
            .map(|it| it.effect(account))
            .sum::<i64>();
        lowest = lowest.min(stands);
    }
    lowest
}

#[test]
fn every_entry_balances_and_no_account_of_money_runs_dry() {
    for today in days() {
        let calendar = Calendar { today };
        let entries = joinery::entries(calendar);
        balances(&entries);
        for account in ["1100", "1200", "1210"] {
            let lowest = lowest(joinery::OPENING, &entries, account);
            assert!(lowest >= 0, "{today}: {account} falls to {lowest}");
        }
        let entries = cafe::entries(calendar);
        balances(&entries);
        assert!(lowest(cafe::OPENING, &entries, "1200") >= 0, "{today}");
    }
}

#[test]
fn the_year_is_a_year_of_a_small_business() {
    for today in days() {
        let entries = joinery::entries(Calendar { today });
        let count = entries.len();
        assert!((400..=640).contains(&count), "{today}: {count} entries");
        let effect = |first: char| -> i64 {
            let lines = entries
                .iter()
                .filter(|it| it.mistake.is_none())
                .flat_map(|it| &it.lines);
            lines
                .filter(|line| line.account.starts_with(first))
                .map(super::entry::Line::euros)
                .sum()
        };
        let (income, expenses) = (-effect('4'), effect('5'));
        let profit = (income - expenses) * 100 / income;
        assert!(
            (4..=28).contains(&profit),
            "{today}: profit of {profit} % on {income}"
        );
    }
}

#[test]
fn the_same_day_makes_the_same_books() {
    let calendar = Calendar {
        today: date(2026, 11, 21),
    };
    let inputs = || {
        joinery::entries(calendar)
            .iter()
            .map(|it| it.input().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(inputs(), inputs());
}

#[test]
fn there_is_a_bill_paid_twice_and_an_invoice_nobody_paid() {
    for today in days() {
        let entries = joinery::entries(Calendar { today });
        let paid = entries
            .iter()
            .filter(|it| it.description.starts_with("Paid:") && it.reference == "VN-20944");
        assert_eq!(paid.count(), 2, "{today}");
        let unpaid: Vec<_> = entries
            .iter()
            .filter(|it| it.reference == "INV-K-031")
            .collect();
        assert_eq!(unpaid.len(), 1, "{today}");
        assert_eq!(
            entries.iter().filter(|it| it.mistake.is_some()).count(),
            1,
            "{today}"
        );
    }
}
