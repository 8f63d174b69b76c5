//! Journals: which book of original entry an entry stands in, and the record that tells of it.

use daybook_kernel::Role;
use daybook_testkit::{Caller, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{entry, last_record, member, records, with_books};

fn sale(journal: Option<&str>) -> Value {
    let mut sale = entry("2026-03-01", "Sale", "1000", "4000", "12.50");
    if let Some(journal) = journal {
        sale["journal"] = json!(journal);
    }
    sale
}

/// Numbers and journals of the entries, the latest first.
fn listed(caller: &Caller<'_>, input: Value) -> Vec<(i64, String)> {
    let list = caller.ok("books.list_entries", input);
    let entries = list["entries"].as_array().unwrap().iter();
    entries
        .map(|it| {
            let journal = it["journal"].as_str().unwrap().to_owned();
            (it["number"].as_i64().unwrap(), journal)
        })
        .collect()
}

fn counts(caller: &Caller<'_>) -> Vec<(String, i64)> {
    let list = caller.ok("books.list_journals", json!({"with": "counts"}));
    let journals = list["journals"].as_array().unwrap().iter();
    journals
        .map(|it| {
            let code = it["code"].as_str().unwrap().to_owned();
            (code, it["entries"].as_i64().unwrap())
        })
        .filter(|(_, entries)| *entries > 0)
        .collect()
}

#[test]
fn an_entry_stands_in_the_journal_that_it_names_and_numbers_run_through_all() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let member = member(&instance);
        for journal in [None, Some("SAL"), Some("gen"), Some(" sal "), Some("PUR")] {
            member.ok("books.post_entry", sale(journal));
        }
        let all = [(5, "PUR"), (4, "SAL"), (3, "GEN"), (2, "SAL"), (1, "GEN")];
        let of = |code: &str| -> Vec<(i64, String)> {
            let of_it = all.iter().filter(|it| code.is_empty() || it.1 == code);
            of_it.map(|it| (it.0, it.1.to_owned())).collect()
        };
        assert_eq!(listed(&member, json!({})), of(""));
        for code in ["GEN", "SAL", "PUR", "BNK"] {
            assert_eq!(listed(&member, json!({"journal": code})), of(code));
            let by_account = json!({"journal": code, "account": "1000"});
            assert_eq!(listed(&member, by_account), of(code));
            let report = member.ok(
                "books.journal",
                json!({"journal": code, "from": "2026-01-01"}),
            );
            let numbers: Vec<i64> = report["entries"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["number"].as_i64().unwrap())
                .collect();
            let mut expected: Vec<i64> = of(code).iter().map(|it| it.0).collect();
            expected.reverse();
            assert_eq!(numbers, expected, "{code}");
        }
        let shown = member.ok("books.show_entry", json!({"number": 2}));
        assert_eq!(
            (&shown["journal"], &shown["journal_name"]),
            (&json!("SAL"), &json!("Sales"))
        );
        let count = |code: &str, entries| (code.to_owned(), entries);
        assert_eq!(
            counts(&member),
            [count("GEN", 2), count("SAL", 2), count("PUR", 1)]
        );
        for report in ["books.list_entries", "books.journal"] {
            let input = json!({"journal": "PUR", "format": "csv"});
            let csv = member.call(report, input).text();
            let (head, rows) = csv.split_once("\r\n").unwrap();
            assert!(head.ends_with(",journal"), "{head}");
            assert!(rows.lines().all(|row| row.ends_with(",PUR")), "{rows}");
        }
        let said = member.refused("books.list_entries", json!({"journal": "XYZ"}), 422);
        assert!(said.contains("There is no journal"), "{said}");
    });
}

#[test]
fn a_closed_journal_takes_nothing_until_it_is_reopened() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let manager = instance.member(Role::Manager);
        manager.ok("books.post_entry", sale(Some("SAL")));
        manager.ok("books.close_journal", json!({"journal": "SAL"}));
        let reverse = json!({"entry": 1, "reason": "Twice"});
        for (operation, input, words) in [
            ("books.post_entry", sale(Some("SAL")), "SAL is closed"),
            (
                "books.reverse_entry",
                reverse.clone(),
                "SAL, which is closed",
            ),
            ("books.post_entry", sale(Some("XYZ")), "GEN, SAL, PUR"),
            (
                "books.close_journal",
                json!({"journal": "SAL"}),
                "closed already",
            ),
            (
                "books.close_journal",
                json!({"journal": "GEN"}),
                "stays open",
            ),
            (
                "books.close_journal",
                json!({"journal": "XYZ"}),
                "There is no journal",
            ),
            (
                "books.reopen_journal",
                json!({"journal": "PUR"}),
                "open already",
            ),
        ] {
            let said = manager.refused(operation, input.clone(), 422);
            assert!(said.contains(words), "{operation} {input}: {said}");
        }
        let numbered = instance.peek(Some("acme"), "SELECT next_entry FROM books_settings");
        assert_eq!(numbered, 2);
        manager.ok("books.reopen_journal", json!({"journal": "sal"}));
        manager.ok("books.reverse_entry", reverse);
        let all = [(2, "SAL".to_owned()), (1, "SAL".to_owned())];
        assert_eq!(listed(&manager, json!({})), all);
    });
}

#[test]
fn journals_are_opened_and_renamed_by_managers_alone() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let manager = instance.member(Role::Manager);
        let open = |code: &str, name: &str| json!({"code": code, "name": name, "kind": "bank"});
        manager.ok("books.open_journal", open("bnk2", "Savings"));
        manager.ok(
            "books.rename_journal",
            json!({"journal": "BNK2", "name": "Savings bank"}),
        );
        let record = last_record(&instance);
        assert_eq!(
            (&record["target_kind"], &record["target_id"]),
            (&json!("Journal"), &json!("BNK2"))
        );
        for (input, words) in [
            (open("BNK2", "Other"), "BNK2 already"),
            (open("BNK3", "savings BANK"), "already"),
            (open("BNK3", "sales"), "SAL is named"),
            (open("B 3", "Other"), "letters and digits"),
            (open("", "Other"), "empty"),
        ] {
            let said = manager.refused("books.open_journal", input.clone(), 422);
            assert!(said.contains(words), "{input}: {said}");
        }
        manager.ok("books.post_entry", sale(Some("BNK2")));
        for role in [Role::Member, Role::Viewer, Role::Auditor] {
            let other = instance.member(role);
            other.refused("books.open_journal", open("BNK4", "Fourth"), 403);
            other.refused("books.close_journal", json!({"journal": "BNK2"}), 403);
            let names = other.ok("books.list_journals", json!({})).to_string();
            assert!(names.contains("Savings bank"), "{names}");
        }
    });
}

#[test]
fn the_store_itself_refuses_an_entry_to_a_closed_journal() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        owner.ok("books.post_entry", sale(Some("SAL")));
        owner.ok("books.close_journal", json!({"journal": "PUR"}));
        let found = instance.peek(
            Some("acme"),
            "SELECT id FROM journals WHERE code = 'PUR' AND closed = 1",
        );
        assert_eq!(found, 3);
        // An entry that is whole but for its journal.
        let entry = |journal: i64| {
            format!(
                "INSERT INTO lines (entry, line, account, date, amount, currency, base) \
                 VALUES (9, 1, 1, 20260301, 1, 'EUR', 1), (9, 2, 2, 20260301, -1, 'EUR', -1); \
                 INSERT INTO entries (number, date, posted_at_ms, journal) \
                 VALUES (9, 20260301, 0, {journal})"
            )
        };
        for (statement, guard) in [
            (entry(3), "entry_in_open_journal"),
            (entry(99), "entry_in_open_journal"),
            (
                "UPDATE journals SET closed = 1 WHERE id = 1".to_owned(),
                "journal_keeps_its_code",
            ),
            (
                "UPDATE journals SET code = 'XX' WHERE id = 2".to_owned(),
                "journal_keeps_its_code",
            ),
            (
                "DELETE FROM journals WHERE id = 2".to_owned(),
                "journal_with_entries_is_not_removed",
            ),
            (
                "UPDATE entries SET journal = 1 WHERE number = 1".to_owned(),
                "entry_is_not_changed",
            ),
        ] {
            let statement = format!("BEGIN; {statement}; COMMIT;");
            let said = instance.tamper(Some("acme"), &statement).unwrap_err();
            assert!(said.contains(guard), "{statement}: {said}");
        }
    });
}

#[test]
fn opening_balances_stand_in_their_own_journal_while_it_is_open() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        let opening = |on: &str| {
            let balances = json!([{"account": "1200", "amount": "5000"}]);
            json!({"on": on, "balances": balances, "counter_account": "2000"})
        };
        owner.ok("books.post_opening_balances", opening("2025-12-31"));
        owner.ok("books.close_journal", json!({"journal": "OPN"}));
        owner.ok("books.post_opening_balances", opening("2025-12-30"));
        let all = [(1, "OPN".to_owned()), (2, "GEN".to_owned())];
        assert_eq!(listed(&owner, json!({})), all);
    });
}

#[test]
fn an_entry_names_the_record_that_tells_of_its_posting() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        let told = || records(&instance, Some("acme"));
        let sequence = |number: i64| {
            let shown = owner.ok("books.show_entry", json!({"number": number}));
            shown["audit_sequence"].as_i64().unwrap()
        };
        owner.ok("books.post_entry", sale(None));
        let posted = told();
        owner.ok(
            "books.open_journal",
            json!({"code": "X", "name": "X", "kind": "cash"}),
        );
        owner.ok(
            "books.reverse_entry",
            json!({"entry": 1, "reason": "Twice"}),
        );
        let reversed = told();
        let text = "2026-03-02 Sale\n    Assets:Cash  1.00 EUR\n    Income:Sales\n";
        let files = json!({"files": [{"name": "main.journal", "text": text}]});
        owner.ok("books.import_journal", files);
        let imported = told();
        instance.clock.advance(jiff::SignedDuration::from_mins(1));
        owner.ok("books.undo_import", json!({"import": 1, "reason": "Twice"}));
        let undone = told();
        owner.ok("books.post_entry", sale(Some("SAL")));
        let last = told();
        let expected = [posted, reversed, imported, undone, last];
        assert_eq!([1, 2, 3, 4, 5].map(sequence), expected);
        let record = owner.ok("trust.show_activity", json!({"seq": last}));
        assert_eq!(
            (&record["operation"], &record["target_id"]),
            (&json!("books.post_entry"), &json!("5"))
        );
        assert!(record["after"].to_string().contains("SAL"), "{record}");
    });
}

#[test]
fn an_export_for_other_programs_says_the_journal_of_an_entry() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        owner.ok("books.post_entry", sale(Some("SAL")));
        owner.ok("books.post_entry", sale(None));
        for (format, words) in [
            ("hledger", "; journal: SAL"),
            ("beancount", "journal: \"SAL\""),
        ] {
            let export = owner.ok("books.export_journal", json!({"format": format}));
            let text = export["text"].as_str().unwrap();
            assert_eq!(text.matches(words).count(), 1, "{text}");
        }
    });
}
