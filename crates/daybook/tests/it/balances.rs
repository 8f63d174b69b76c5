//! Kept balances are what the lines say, whatever was posted in what order.

use std::collections::BTreeMap;

use daybook_testkit::{Dice, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{ACCOUNTS, trial_balance, with_books};

/// A posted line: day, account, cents.
type Line = (String, &'static str, i64);

const ENTRIES: usize = 120;

#[test]
fn kept_balances_equal_a_naive_sum_on_any_day() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        let dice = Dice::fresh();
        let mut lines: Vec<Line> = Vec::new();
        for number in 1..=ENTRIES {
            if number > 10 && dice.below(10) == 0 {
                reverse_one(&owner, &dice, number, &mut lines);
            } else {
                let (entry, posted) = random_entry(&dice);
                owner.ok("books.post_entry", entry);
                lines.extend(posted);
            }
        }
        for _ in 0..25 {
            let day = random_day(&dice);
            assert_eq!(
                trial_balance(&owner, Some(&day)),
                naive(&lines, &day),
                "on {day}"
            );
        }
        assert_eq!(trial_balance(&owner, None), naive(&lines, "9999-12-31"));
        let checked = owner.ok("books.check_balances", json!({}));
        assert_eq!(checked["good"], true, "{checked}");
    });
}

#[test]
fn the_general_ledger_in_pages_is_the_whole_one() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        let dice = Dice::fresh();
        for _ in 0..40 {
            owner.ok("books.post_entry", random_entry(&dice).0);
        }
        let span = json!({"from": "2023-06-01", "to": "2026-05-31"});
        let whole = owner.ok("books.general_ledger", span.clone());
        let mut asked = span.clone();
        asked["lines"] = json!(7);
        let (mut in_pages, mut pages) = (Vec::new(), 0);
        loop {
            let page = owner.ok("books.general_ledger", asked.clone());
            assert_eq!(page["moved"], whole["moved"]);
            let lines = lines_of(&page);
            assert!(!lines.is_empty() && lines.len() <= 7, "{page}");
            in_pages.extend(lines);
            pages += 1;
            if page["next"].is_null() {
                break;
            }
            asked["cursor"] = page["next"].clone();
        }
        assert_eq!(in_pages, lines_of(&whole));
        assert_eq!(pages, in_pages.len().div_ceil(7));

        // A page can begin with any account, and no other place is taken for one.
        let last = whole["accounts"].as_array().unwrap().last().unwrap();
        let mut from_last = span.clone();
        from_last["account"] = last["account"].clone();
        let from_last = owner.ok("books.general_ledger", from_last);
        assert_eq!(from_last["accounts"], json!([last]));
        for (field, value) in [
            ("cursor", json!("1-x")),
            ("cursor", json!("9999-0-0-0")),
            ("account", json!("nowhere")),
            ("lines", json!(0)),
            ("lines", json!(1_001)),
        ] {
            let mut wrong = span.clone();
            wrong[field] = value;
            let answer = owner.call("books.general_ledger", wrong);
            assert_eq!(answer.status, 422, "{field}: {}", answer.text());
        }
    });
}

/// Every line of a ledger with its account, in order.
fn lines_of(ledger: &Value) -> Vec<(Value, Value)> {
    let accounts = ledger["accounts"].as_array().unwrap();
    let lines = accounts.iter().flat_map(|account| {
        let lines = account["lines"].as_array().unwrap();
        lines
            .iter()
            .map(|line| (account["account"].clone(), line.clone()))
    });
    lines.collect()
}

/// Days of four years, so that most entries are dated before an earlier one.
fn random_day(dice: &Dice) -> String {
    format!(
        "{}-{:02}-{:02}",
        2023 + dice.below(4),
        1 + dice.below(12),
        1 + dice.below(28)
    )
}

fn random_entry(dice: &Dice) -> (Value, Vec<Line>) {
    let day = random_day(dice);
    let mut lines: Vec<Line> = Vec::new();
    let mut sum = 0;
    for _ in 0..=dice.below(4) {
        let cents = 1 + i64::try_from(dice.below(1_000_000)).unwrap();
        let cents = if dice.below(2) == 0 { cents } else { -cents };
        lines.push((day.clone(), dice.pick(&ACCOUNTS).0, cents));
        sum += cents;
    }
    if sum == 0 {
        lines.push((day.clone(), "1000", 1));
        sum = 1;
    }
    lines.push((day.clone(), dice.pick(&ACCOUNTS).0, -sum));
    let typed: Vec<Value> = lines
        .iter()
        .map(|(_, account, cents)| json!({"account": account, "amount": decimal(*cents)}))
        .collect();
    (
        json!({"date": day, "description": "At random", "lines": typed}),
        lines,
    )
}

fn reverse_one(
    owner: &daybook_testkit::Caller<'_>,
    dice: &Dice,
    number: usize,
    lines: &mut Vec<Line>,
) {
    let entry = 1 + dice.below(number - 1);
    let shown = owner.ok("books.show_entry", json!({"number": entry}));
    let reversed = owner.call(
        "books.reverse_entry",
        json!({"entry": entry, "reason": "At random"}),
    );
    if reversed.status != 200 {
        // It is reversed already; the number goes to another entry.
        let (entry, posted) = random_entry(dice);
        owner.ok("books.post_entry", entry);
        lines.extend(posted);
        return;
    }
    let day = shown["date"].as_str().unwrap();
    for line in shown["lines"].as_array().unwrap() {
        let account = ACCOUNTS
            .iter()
            .find(|it| line["account"] == it.0)
            .unwrap()
            .0;
        let cents: i64 = line["amount"]
            .as_str()
            .unwrap()
            .replace('.', "")
            .parse()
            .unwrap();
        lines.push((day.to_owned(), account, -cents));
    }
}

/// The trial balance by the simplest means: accounts that ever moved by then.
fn naive(lines: &[Line], day: &str) -> Vec<(String, String, String)> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for (_, account, cents) in lines.iter().filter(|line| line.0.as_str() <= day) {
        *sums.entry(account).or_default() += cents;
    }
    sums.into_iter()
        .map(|(account, cents)| (account.to_owned(), "EUR".to_owned(), decimal(cents)))
        .collect()
}

fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}
