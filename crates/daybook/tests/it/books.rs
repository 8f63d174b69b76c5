//! The books through the public door: what balances is kept, what does not is
//! told in words.

use daybook_kernel::Role;
use daybook_testkit::{Caller, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{assign, entry, trial_balance, with_books};

fn sale(amount: &str) -> Value {
    entry("2026-03-01", "Sale", "1000", "4000", amount)
}

fn row(account: &str, currency: &str, balance: &str) -> (String, String, String) {
    (account.to_owned(), currency.to_owned(), balance.to_owned())
}

#[test]
fn what_balances_is_posted_and_shows_in_every_report() {
    for_both_stores(|on| {
        let instance = with_books(on);
        assign(&instance, &["1000", "4000"]);
        let member = instance.member_by_token(Role::Member);
        let posted = member.ok("books.post_entry", sale("1234.56"));
        assert_eq!(posted, json!({"number": 1, "date": "2026-03-01"}));
        assert_eq!(
            trial_balance(&member, None),
            [
                row("1000", "EUR", "1234.56"),
                row("4000", "EUR", "-1234.56")
            ]
        );
        assert_eq!(trial_balance(&member, Some("2026-02-28")), []);
        let shown = member.ok("books.show_entry", json!({"number": 1}));
        assert_eq!(
            (&shown["description"], &shown["reversed_by"]),
            (&json!("Sale"), &Value::Null)
        );
        for report in [
            "books.journal",
            "books.general_ledger",
            "books.list_entries",
        ] {
            let said = member.ok(report, json!({})).to_string();
            assert!(said.contains("1234.56"), "{report}: {said}");
        }
        let register = member
            .ok("books.account_register", json!({"account": "1000"}))
            .to_string();
        assert!(register.contains("1234.56"), "{register}");
    });
}

#[test]
fn what_does_not_fit_is_refused_in_words_and_leaves_no_gap() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        owner.ok("books.post_entry", sale("1.00"));
        owner.ok(
            "books.lock_period",
            json!({"through": "2026-01-31", "reason": "Filed"}),
        );
        owner.ok("books.close_account", json!({"account": "2000"}));
        let lines =
            |lines: Value| json!({"date": "2026-03-01", "description": "x", "lines": lines});
        for (input, words) in [
            (
                lines(
                    json!([{"account": "1000", "amount": "1"}, {"account": "4000", "amount": "-2"}]),
                ),
                "differ by 1.00 EUR",
            ),
            (
                lines(json!([{"account": "1000", "amount": "1"}])),
                "at least two lines",
            ),
            (
                lines(
                    json!([{"account": "1000", "amount": "0"}, {"account": "4000", "amount": "0.00"}]),
                ),
                "line of zero",
            ),
            (
                lines(
                    json!([{"account": "1000", "amount": "1"}, {"account": "2000", "amount": "-1"}]),
                ),
                "is closed",
            ),
            (
                lines(
                    json!([{"account": "1000", "amount": "1"}, {"account": "1001", "amount": "-1"}]),
                ),
                "1001",
            ),
            (
                lines(
                    json!([{"account": "1000", "amount": "1.234"}, {"account": "4000", "amount": "-1.234"}]),
                ),
                "amount",
            ),
            (
                lines(
                    json!([{"account": "1000", "amount": "1", "currency": "XQZ"}, {"account": "4000", "amount": "-1"}]),
                ),
                "no currency",
            ),
            (
                lines(
                    json!([{"account": "1000", "debit": "1", "credit": "1"}, {"account": "4000", "amount": "-1"}]),
                ),
                "one of amount, debit and credit",
            ),
            (entry("2026-01-31", "late", "1000", "4000", "1"), "locked"),
            (entry("2026-02-30", "no day", "1000", "4000", "1"), "date"),
        ] {
            let said = owner.refused("books.post_entry", input.clone(), 422);
            assert!(said.contains(words), "{input}: {said}");
        }
        assert_eq!(owner.ok("books.post_entry", sale("2.00"))["number"], 2);
        assert_eq!(owner.ok("books.check_balances", json!({}))["good"], true);
    });
}

#[test]
fn an_entry_is_reversed_once() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let manager = instance.member_by_token(Role::Manager);
        manager.ok("books.post_entry", sale("7.77"));
        let reversed = manager.ok(
            "books.reverse_entry",
            json!({"entry": 1, "reason": "Twice"}),
        );
        assert_eq!(
            (&reversed["number"], &reversed["reverses"]),
            (&json!(2), &json!(1))
        );
        let said = manager.refused(
            "books.reverse_entry",
            json!({"entry": 1, "reason": "Again"}),
            422,
        );
        assert!(said.contains("reversed already, by entry 2"), "{said}");
        let said = manager.refused(
            "books.reverse_entry",
            json!({"entry": 99, "reason": "None"}),
            422,
        );
        assert!(said.contains("There is no entry 99"), "{said}");
        assert!(
            trial_balance(&manager, None)
                .iter()
                .all(|row| row.2 == "0.00")
        );
        assert_eq!(
            manager.ok("books.show_entry", json!({"number": 1}))["reversed_by"],
            2
        );
        assert_eq!(manager.ok("books.check_balances", json!({}))["good"], true);
    });
}

#[test]
fn a_reversal_of_a_locked_day_falls_on_an_open_one() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        owner.ok("books.post_entry", sale("7.77"));
        owner.ok(
            "books.lock_period",
            json!({"through": "2026-03-31", "reason": "Filed"}),
        );
        let said = owner.refused(
            "books.reverse_entry",
            json!({"entry": 1, "date": "2026-03-02", "reason": "x"}),
            422,
        );
        assert!(said.contains("locked"), "{said}");
        let reversed = owner.ok("books.reverse_entry", json!({"entry": 1, "reason": "x"}));
        assert_eq!(reversed["date"], "2026-06-15");
        owner.ok("books.unlock_period", json!({"reason": "Late invoice"}));
        owner.ok("books.post_entry", sale("1.00"));
    });
}

#[test]
fn other_currencies_are_valued_and_rounding_has_its_own_line() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        // 10.01 at 0.915 is 9.16 after rounding, twice 18.32; 20.02 is 18.32 as well.
        let line = |account: &str, amount: &str| json!({"account": account, "amount": amount, "currency": "USD", "rate": "0.333"});
        let posted = owner.ok("books.post_entry", json!({
            "date": "2026-03-01", "description": "Thirds",
            "lines": [line("1000", "0.05"), line("1000", "0.05"), line("1000", "0.05"), line("4000", "-0.15")],
        }));
        let shown = owner.ok("books.show_entry", json!({"number": posted["number"]}));
        let lines = shown["lines"].as_array().unwrap();
        let cents = |text: &Value| {
            text.as_str()
                .unwrap()
                .replace('.', "")
                .parse::<i64>()
                .unwrap()
        };
        assert_eq!(
            lines.iter().map(|line| cents(&line["base"])).sum::<i64>(),
            0,
            "{shown}"
        );
        assert_eq!(lines.len(), 5, "{shown}");
        assert!(
            lines[4]["name"].as_str().unwrap().contains("Rounding"),
            "{shown}"
        );
        let rows = trial_balance(&owner, None);
        assert!(rows.contains(&row("1000", "USD", "0.15")), "{rows:?}");
        let said = owner.refused("books.post_entry", json!({
            "date": "2026-03-01", "description": "No rate",
            "lines": [{"account": "1000", "amount": "1", "currency": "USD"}, {"account": "4000", "amount": "-1"}],
        }), 422);
        assert!(said.contains("Give a rate or a base amount"), "{said}");
        owner.ok("books.post_entry", json!({
            "date": "2026-03-02", "description": "Yen",
            "lines": [{"account": "1200", "amount": "1500", "currency": "JPY", "base_amount": "9.30"}, {"account": "4000", "amount": "-9.30"}],
        }));
        assert_eq!(owner.ok("books.check_balances", json!({}))["good"], true);
    });
}

#[test]
fn the_same_entry_at_once_from_many_callers_leaves_no_gap() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.member_by_token(Role::Owner);
        let post = |caller: &Caller<'_>, good: bool| {
            let amount = if good { "1.00" } else { "0" };
            caller.call("books.post_entry", sale(amount)).status
        };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for turn in 0..10 {
                        let good = turn % 3 != 0;
                        assert_eq!(post(&owner, good), if good { 200 } else { 422 });
                    }
                });
            }
        });
        let numbers = instance.peek(Some("acme"), "SELECT max(number) FROM entries");
        let count = instance.peek(Some("acme"), "SELECT count(*) FROM entries");
        assert_eq!((numbers, count), (48, 48));
        assert_eq!(trial_balance(&owner, None)[0], row("1000", "EUR", "48.00"));
        assert_eq!(owner.ok("books.check_balances", json!({}))["good"], true);
    });
}
