//! API tokens: what they open, where, and for how long.

use daybook_kernel::Role;
use daybook_testkit::for_both_stores;
use jiff::SignedDuration;
use serde_json::json;

use crate::scene::{entry, with_books};

#[test]
fn a_token_works_in_its_scope_its_workspace_and_its_time() {
    for_both_stores(|on| {
        let instance = with_books(on);
        instance.make_workspace("globex", "owner@example.com");
        let owner = instance.owner();
        let sale = || entry("2026-03-01", "Sale", "1000", "4000", "5.00");

        let reader = owner.token(&["books.trial_balance"]);
        reader.ok("books.trial_balance", json!({}));
        reader.refused("books.journal", json!({}), 403);
        reader.refused("books.post_entry", sale(), 403);
        let books = owner.token(&["books.*"]);
        books.ok("books.post_entry", sale());
        books.refused("team.list_members", json!({}), 403);
        let all = owner.token(&["*"]);
        all.ok("team.list_members", json!({}));
        // What people alone do, no token does.
        let said = all.refused(
            "team.create_api_token",
            json!({"name": "x", "scopes": ["*"]}),
            403,
        );
        assert!(said.contains("API token cannot"), "{said}");

        // Elsewhere it is nobody's, whoever its owner is.
        for operation in ["books.trial_balance", "team.list_members"] {
            all.at("globex").refused(operation, json!({}), 401);
            all.at("nosuch").refused(operation, json!({}), 401);
        }
        all.refused("identity.list_workspaces", json!({}), 401);

        // It ends on its day, to the millisecond, though it was good a moment ago.
        let made = owner.ok(
            "team.create_api_token",
            json!({"name": "x", "scopes": ["*"], "expires_in_days": 1}),
        );
        let day = instance.bearer(made["token"].as_str().unwrap(), "acme");
        instance
            .clock
            .advance(SignedDuration::from_millis(24 * 60 * 60 * 1_000 - 1));
        day.ok("books.trial_balance", json!({}));
        day.ok("books.post_entry", sale());
        instance.clock.advance(SignedDuration::from_millis(1));
        day.refused("books.trial_balance", json!({}), 401);
        day.refused("books.post_entry", sale(), 401);
    });
}

#[test]
fn a_revoked_token_stops_at_once() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        let made = owner.ok(
            "team.create_api_token",
            json!({"name": "x", "scopes": ["*"]}),
        );
        let token = instance.bearer(made["token"].as_str().unwrap(), "acme");
        token.ok("books.trial_balance", json!({}));
        owner.ok("team.revoke_api_token", json!({"id": made["id"]}));
        token.refused("books.trial_balance", json!({}), 401);
        token.refused(
            "books.post_entry",
            entry("2026-03-01", "Sale", "1000", "4000", "5.00"),
            401,
        );
        // Nor does one that differs in one letter ever start.
        let text = made["token"].as_str().unwrap();
        let near = format!("{}x", &text[..text.len() - 1]);
        instance
            .bearer(&near, "acme")
            .refused("books.trial_balance", json!({}), 401);
    });
}

#[test]
fn a_token_follows_its_owner() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let manager = instance.member_by_token(Role::Manager);
        let email = instance.colleague(Role::Manager);
        let sale = || entry("2026-03-01", "Sale", "1000", "4000", "5.00");
        manager.ok("books.post_entry", sale());
        let owner = instance.owner();
        let members = owner.ok("team.list_members", json!({}));
        let person = members["members"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["email"] == email.as_str())
            .unwrap()["person"]
            .clone();
        owner.ok(
            "team.change_role",
            json!({"person": person, "role": "Viewer"}),
        );
        manager.refused("books.post_entry", sale(), 403);
        manager.ok("books.trial_balance", json!({}));
        owner.ok("team.suspend_member", json!({"person": person}));
        manager.refused("books.trial_balance", json!({}), 403);
        owner.ok("team.reinstate_member", json!({"person": person}));
        manager.ok("books.trial_balance", json!({}));
        owner.ok("team.remove_member", json!({"person": person}));
        manager.refused("books.trial_balance", json!({}), 401);
        owner.ok(
            "team.add_member",
            json!({"email": email, "role": "Manager"}),
        );
        manager.refused("books.trial_balance", json!({}), 401);
    });
}
