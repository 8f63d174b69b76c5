//! Policies of a workspace's own, and the published list of every change of
//! who may do what.

use daybook_engine::carry::sha256_hex;
use daybook_kernel::Role;
use daybook_testkit::{Caller, Instance, PASSWORD, for_both_stores};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::factors::{by_password, going_on};
use crate::scene::{instance, with_books};
use crate::step_up::{hidden, send};

fn policy(name: &str, roles: &[Role], rule: Value) -> Value {
    json!({"name": name, "roles": roles, "rule": rule})
}

fn from_the_office() -> Value {
    json!({"kind": "addresses", "networks": ["10.0.0.0/8"]})
}

fn reads(caller: &Caller<'_>) -> u16 {
    caller.call("books.list_accounts", json!({})).status
}

#[test]
fn a_policy_bars_whom_it_holds_for_and_the_log_names_it() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let (owner, viewer) = (instance.member(Role::Owner), instance.member(Role::Viewer));
        let machine = instance.member_by_token(Role::Viewer);
        let member = instance.member(Role::Member);
        assert_eq!((reads(&viewer), reads(&machine)), (200, 200));

        let set = policy("From the office", &[Role::Viewer], from_the_office());
        let set = owner.ok("team.set_policy", set);
        let refused = viewer.refused("books.list_accounts", json!({}), 403);
        assert!(refused.contains("From the office"), "{refused}");
        assert_eq!(reads(&machine), 403, "a token is its owner's");
        assert_eq!((reads(&owner), reads(&member)), (200, 200));
        assert_eq!(
            viewer
                .send(daybook_testkit::Request::new(
                    "GET",
                    "/w/acme/books/accounts"
                ))
                .status,
            403,
            "pages take the same road"
        );

        let log = owner.ok("trust.list_activity", json!({"outcome": "refused"}));
        let named = log["records"].as_array().unwrap().iter().any(|record| {
            record["operation"] == "books.list_accounts"
                && record["reason"]
                    .as_str()
                    .is_some_and(|it| it.contains("From the office"))
        });
        assert!(named, "{log}");

        owner.ok("team.remove_policy", json!({"id": set["id"]}));
        assert_eq!((reads(&viewer), reads(&machine)), (200, 200));
    });
}

#[test]
fn nobody_locks_themselves_out() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = instance.member(Role::Owner);
        let everybody = policy("From the office", &Role::ALL, from_the_office());
        let refused = owner.refused("team.set_policy", everybody.clone(), 409);
        assert!(refused.contains("bar you at once"), "{refused}");
        assert_eq!(
            owner.ok("team.list_policies", json!({}))["policies"],
            json!([])
        );

        // Whoever sits at the server may, and can mend it there.
        let set = instance.local("acme").ok("team.set_policy", everybody);
        owner.refused("team.list_policies", json!({}), 403);
        instance
            .local("acme")
            .ok("team.remove_policy", json!({"id": set["id"]}));
        owner.ok("team.list_policies", json!({}));
    });
}

#[test]
fn hours_factors_and_classes_are_asked_for() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.member(Role::Owner);
        let viewer = instance.member(Role::Viewer);
        // The clock stands at 11:00 in Berlin, on a Monday.
        let hours = json!({"kind": "hours", "zone": "Europe/Berlin", "weekdays": [1, 2, 3, 4, 5],
            "from": "08:00", "until": "18:00"});
        let hours = owner.ok(
            "team.set_policy",
            policy("Office hours", &[Role::Viewer], hours),
        );
        assert_eq!(reads(&viewer), 200);
        instance.clock.advance(SignedDuration::from_hours(7));
        assert_eq!(reads(&viewer), 403, "18:00 is past the end");
        instance
            .local("acme")
            .ok("team.remove_policy", json!({"id": hours["id"]}));

        let at_the_server = instance.local("acme");
        let factor = policy(
            "Two factors",
            &[Role::Viewer],
            json!({"kind": "second_factor"}),
        );
        let factor = at_the_server.ok("team.set_policy", factor);
        let refused = viewer.refused("books.list_accounts", json!({}), 403);
        assert!(refused.contains("second factor"), "{refused}");
        at_the_server.ok("team.remove_policy", json!({"id": factor["id"]}));

        let ceiling = json!({"kind": "class_ceiling", "class": "internal"});
        at_the_server.ok(
            "team.set_policy",
            policy("No names", &[Role::Viewer], ceiling),
        );
        viewer.refused("team.list_members", json!({}), 403);
        viewer.ok("team.list_policies", json!({}));
    });
}

#[test]
fn a_session_that_was_left_alone_shows_a_factor_again() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let at_the_server = instance.local("acme");
        let viewer = by_password(&instance, &instance.colleague(Role::Viewer));
        let machine = viewer.token(&["books.*"]);
        let rule = json!({"kind": "session", "idle_minutes": 15});
        let set = policy("At the desk", &[Role::Viewer], rule);
        let set = at_the_server.ok("team.set_policy", set);
        assert_eq!(set["means"], "Only without a break of more than 15 minutes");
        instance.clock.advance(SignedDuration::from_mins(15));
        assert_eq!(reads(&viewer), 200);
        instance.clock.advance(SignedDuration::from_mins(17));
        let refused = viewer.refused("books.list_accounts", json!({}), 403);
        assert!(refused.contains("At the desk") && refused.contains("step_up_required"));
        assert_eq!(reads(&machine), 200, "a token is not asked");
        // To be at work elsewhere does not make the break undone.
        viewer.ok("identity.show_security", json!({}));
        assert_eq!(reads(&viewer), 403);
        // A form waits for the factor with what was typed.
        let path = "/w/acme/do/team.register_known_device";
        let typed = [("page", "/w/acme/team/devices"), ("name", "Front desk")];
        let page = send(&instance, &viewer, path, &typed).text();
        assert!(page.contains("Confirm that it is you") && page.contains("At the desk"));
        assert!(hidden(&page, "carried").contains("Front desk"), "{page}");
        let password = json!({"password": PASSWORD});
        let viewer = going_on(&instance, &viewer, "identity.step_up", password.clone());
        assert_eq!(reads(&viewer), 200);
        at_the_server.ok("team.remove_policy", json!({"id": set["id"]}));

        let rule = json!({"kind": "session", "hours": 4});
        let rule = policy("Half a day", &[Role::Viewer], rule);
        at_the_server.ok("team.set_policy", rule);
        instance.clock.advance(SignedDuration::from_hours(4));
        assert_eq!(reads(&viewer), 200);
        instance.clock.advance(SignedDuration::from_mins(1));
        assert_eq!(reads(&viewer), 403, "in use all the while");
        let viewer = going_on(&instance, &viewer, "identity.step_up", password);
        assert_eq!(reads(&viewer), 200);
    });
}

#[test]
fn a_policy_is_previewed_with_who_gains_and_who_loses() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = instance.member(Role::Owner);
        instance.member(Role::Viewer);
        instance.member(Role::Member);
        let wanted = |roles: &[Role]| json!({"roles": roles, "rule": from_the_office()});
        let preview = owner.ok("team.preview_policy", wanted(&[Role::Viewer]));
        assert_eq!(preview["means"], "Only from 10.0.0.0/8");
        assert_eq!(preview["bars_you"], false);
        assert_eq!(
            preview["members"],
            json!([{"email": "viewer@example.com", "role": "Viewer", "effect": "loses"}])
        );
        assert_eq!(preview["unaffected"], 2);
        assert_eq!(
            owner.ok("team.preview_policy", wanted(&[Role::Owner]))["bars_you"],
            true
        );

        let set = policy("Office", &[Role::Viewer], from_the_office());
        let set = owner.ok("team.set_policy", set);
        let mut other = wanted(&[Role::Member]);
        other["id"] = set["id"].clone();
        let preview = owner.ok("team.preview_policy", other);
        assert_eq!(
            preview["members"],
            json!([
                {"email": "member@example.com", "role": "Member", "effect": "loses"},
                {"email": "viewer@example.com", "role": "Viewer", "effect": "gains"},
            ])
        );
        let page = owner.send(daybook_testkit::Request::new(
            "GET",
            "/w/acme/team/policies?kind=addresses&name=Office&networks=10.0.0.0%2F8&role_Viewer=on",
        ));
        assert_eq!(page.status, 200);
        let text = page.text();
        assert!(text.contains("Who gains and who loses") && text.contains("viewer@example.com"));
        assert!(text.contains("Set this policy"), "{text}");
    });
}

#[test]
fn a_rule_that_cannot_be_read_says_which_field() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = instance.member(Role::Owner);
        let bad = json!({"kind": "addresses", "networks": ["10.0.0.0/8", "the office"]});
        let refused = owner.refused("team.set_policy", policy("x", &[Role::Viewer], bad), 422);
        assert!(refused.contains("rule.networks[1]"), "{refused}");
        let none = owner.refused("team.set_policy", policy("x", &[], from_the_office()), 422);
        assert!(none.contains("roles"), "{none}");
        for (limits, field) in [
            (json!({}), "rule.hours"),
            (json!({"hours": 721}), "rule.hours"),
            (json!({"idle_minutes": 4}), "rule.idle_minutes"),
        ] {
            let mut rule = limits;
            rule["kind"] = json!("session");
            let refused = owner.refused("team.set_policy", policy("x", &[Role::Viewer], rule), 422);
            assert!(refused.contains(field), "{refused}");
        }
        owner.refused("team.remove_policy", json!({"id": "ffff"}), 404);
    });
}

#[test]
fn every_change_of_access_is_published_to_every_member() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = instance.member(Role::Owner);
        let viewer = instance.member(Role::Viewer);
        let set = policy("Office", &[Role::Auditor], from_the_office());
        let set = owner.ok("team.set_policy", set);
        owner.ok("team.remove_policy", json!({"id": set["id"]}));

        members_come_and_go(&instance, &owner, &viewer);

        let list = viewer.ok("team.list_access_changes", json!({}));
        let told: Vec<Value> = list["changes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|change| change["kind"] == "policy")
            .map(|change| {
                json!([
                    change["actor"],
                    change["subject"],
                    change["old"],
                    change["new"]
                ])
            })
            .collect();
        let said = "Auditor: Only from 10.0.0.0/8";
        assert_eq!(
            told,
            [
                json!(["owner@example.com", "Office", said, ""]),
                json!(["owner@example.com", "Office", "", said]),
            ]
        );
        for (sql, guard) in [
            (
                "UPDATE access_changes SET kind = 'x'",
                "published_change_stays",
            ),
            ("DELETE FROM access_changes", "published_change_is_kept"),
        ] {
            let refused = instance.tamper(Some("acme"), sql).unwrap_err();
            assert!(refused.contains(guard), "{refused}");
        }
    });
}

/// A member who comes, gets another role, is suspended and goes: each is published.
fn members_come_and_go(instance: &Instance, owner: &Caller<'_>, viewer: &Caller<'_>) {
    instance.make_person("grace@example.com");
    let added = json!({"email": "grace@example.com", "role": "Viewer"});
    let added = instance.owner().ok("team.add_member", added);
    let person = added["person"].clone();
    owner.ok(
        "team.change_role",
        json!({"person": person, "role": "Manager"}),
    );
    for operation in ["suspend", "reinstate", "remove"] {
        owner.ok(
            &format!("team.{operation}_member"),
            json!({"person": person}),
        );
    }
    let about_grace: Vec<Value> = viewer.ok("team.list_access_changes", json!({}))["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["subject"] == "grace@example.com")
        .map(|change| {
            json!([
                change["actor"],
                change["kind"],
                change["old"],
                change["new"]
            ])
        })
        .collect();
    let by_owner = |kind: &str, old: &str, new: &str| json!(["owner@example.com", kind, old, new]);
    assert_eq!(
        about_grace,
        [
            by_owner("member", "Manager", ""),
            by_owner("member", "suspended", "Manager"),
            by_owner("member", "Manager", "suspended"),
            by_owner("role", "Viewer", "Manager"),
            by_owner("member", "", "Viewer"),
        ]
    );
}

/// The table of permissions cannot change without a published line about it.
#[test]
fn a_change_of_our_own_rules_is_published_with_them() {
    let table = include_bytes!("../../permissions.txt");
    let newest = &daybook_team::RELEASES[0];
    assert_eq!(
        newest.table,
        sha256_hex(table),
        "permissions.txt changed: say what changed for people in crates/team/src/access_changes/releases.rs, with this digest"
    );
}

#[test]
fn each_of_the_five_kinds_bars_with_one_event_by_its_name() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let (owner, viewer) = (instance.owner(), instance.member(Role::Viewer));
        // The clock stands at 09:00 UTC, on a Monday.
        let kinds = [
            ("From the office", from_the_office()),
            (
                "At night",
                json!({"kind": "hours", "zone": "UTC", "weekdays": [1], "from": "22:00", "until": "23:00"}),
            ),
            ("Two factors", json!({"kind": "second_factor"})),
            ("Our devices", json!({"kind": "device"})),
            (
                "No names",
                json!({"kind": "class_ceiling", "class": "internal"}),
            ),
        ];
        for (name, rule) in kinds {
            viewer.ok("team.list_members", json!({}));
            let set = owner.ok("team.set_policy", policy(name, &[Role::Viewer], rule));
            let refused = viewer.refused("team.list_members", json!({}), 403);
            assert!(refused.contains(name), "{refused}");
            owner.ok("team.remove_policy", json!({"id": set["id"]}));
            let log = owner.ok("trust.list_activity", json!({"outcome": "refused"}));
            let denied = log["records"].as_array().unwrap().iter();
            let denied = denied.filter(|it| it["reason"] == name);
            let denied: Vec<&Value> = denied.collect();
            assert_eq!(denied.len(), 1, "{name}: {log}");
            assert_eq!(denied[0]["operation"], "team.list_members");
        }
        viewer.ok("team.list_members", json!({}));
    });
}
