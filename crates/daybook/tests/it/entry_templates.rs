//! Templates: entries that come again, saved once and looked at before they are posted.

use daybook_kernel::Role;
use daybook_testkit::for_both_stores;
use serde_json::{Value, json};

use crate::scene::{entry, last_record, member, trial_balance, with_books};

fn rent() -> Value {
    json!({
        "name": "Rent",
        "description": "Rent of the shop",
        "journal": "PUR",
        "lines": [
            {"account": "6000", "amount": "850", "note": "Shop"},
            {"account": "1200"},
        ],
    })
}

#[test]
fn a_template_is_saved_from_lines_or_from_an_entry_and_moves_nothing() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let member = member(&instance);
        let saved = member.ok("books.save_entry_template", rent());
        assert_eq!(saved, json!({"id": 1, "name": "Rent", "lines": 2}));
        let shown = member.ok("books.show_entry_template", json!({"id": 1}));
        assert_eq!(
            shown,
            json!({"id": 1, "name": "Rent", "description": "Rent of the shop", "journal": "PUR",
            "lines": [
                {"account": "6000", "name": "Costs", "amount": "850.00", "currency": "EUR", "note": "Shop"},
                {"account": "1200", "name": "Bank", "amount": null, "currency": null, "note": ""},
            ], "assigned_only": true})
        );
        let mut sale = entry("2026-03-01", "Sale", "1000", "4000", "12.50");
        sale["journal"] = json!("SAL");
        member.ok("books.post_entry", sale);
        let before = trial_balance(&member, None);
        let of_entry = json!({"name": "Daily sale", "entry": 1});
        member.ok("books.save_entry_template", of_entry);
        assert_eq!(last_record(&instance)["target_kind"], "EntryTemplate");
        let shown = member.ok("books.show_entry_template", json!({"id": 2}));
        assert_eq!(
            (&shown["description"], &shown["journal"]),
            (&json!("Sale"), &json!("SAL"))
        );
        assert_eq!(shown["lines"][1]["amount"], "-12.50");
        assert_eq!(trial_balance(&member, None), before);
        let list = member.ok("books.list_entry_templates", json!({}));
        let names: Vec<&str> = list["templates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["Daily sale", "Rent"]);
    });
}

#[test]
fn what_makes_no_template_is_refused_in_words() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let member = member(&instance);
        member.ok("books.save_entry_template", rent());
        let with = |name: &str, value: Value| {
            let mut input = rent();
            input["name"] = json!("Other");
            input[name] = value;
            input
        };
        for (input, words) in [
            (with("name", json!("RENT")), "RENT already"),
            (with("name", json!(" ")), "empty"),
            (with("lines", json!([])), "Give the lines"),
            (with("entry", json!(1)), "one of the two"),
            (json!({"name": "Other", "entry": 7}), "no entry 7"),
            (with("journal", json!("XYZ")), "no journal"),
            (with("lines", json!([{"account": "1001"}])), "1001"),
            (
                with("lines", json!([{"account": "1000", "amount": "1.234"}])),
                "amount",
            ),
            (
                with(
                    "lines",
                    json!([{"account": "1000", "amount": "1", "currency": "XQZ"}]),
                ),
                "currency",
            ),
        ] {
            let said = member.refused("books.save_entry_template", input.clone(), 422);
            assert!(said.contains(words), "{input}: {said}");
        }
        member.refused("books.show_entry_template", json!({"id": 9}), 404);
        for role in [Role::Viewer, Role::Auditor] {
            let reader = instance.member(role);
            reader.refused("books.save_entry_template", rent(), 403);
            reader.refused("books.list_entry_templates", json!({}), 403);
        }
    });
}

#[test]
fn a_member_removes_their_own_template_and_a_manager_anybodys() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let (owner, member) = (instance.owner(), member(&instance));
        owner.ok("books.save_entry_template", rent());
        let mut own = rent();
        own["name"] = json!("Own");
        member.ok("books.save_entry_template", own);
        let list = member.ok("books.list_entry_templates", json!({}));
        let yours: Vec<&Value> = list["templates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["yours"])
            .collect();
        assert_eq!(yours, [true, false]);
        member.refused("books.remove_entry_template", json!({"id": 1}), 403);
        member.ok("books.remove_entry_template", json!({"id": 2}));
        let manager = instance.member(Role::Manager);
        let removed = manager.ok("books.remove_entry_template", json!({"id": 1}));
        assert_eq!(removed, json!({"id": 1, "name": "Rent"}));
        manager.refused("books.remove_entry_template", json!({"id": 1}), 404);
        // The name is free again.
        owner.ok("books.save_entry_template", rent());
    });
}
