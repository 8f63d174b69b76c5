//! What is remembered: one record an allowed command, one a refusal, and no
//! change without its record.

use daybook_kernel::{Exposure, Role};
use daybook_testkit::{Caller, Instance, Request, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{
    entry, instance, instance_record, last_record, open_books, records, trial_balance, with_books,
};

/// A command that succeeds in its turn, with what stands in the scene by then.
struct Step {
    operation: &'static str,
    input: fn(&Instance) -> Value,
}

const fn step(operation: &'static str, input: fn(&Instance) -> Value) -> Step {
    Step { operation, input }
}

fn person(instance: &Instance) -> Value {
    let members = instance.owner().ok("team.list_members", json!({}));
    let members = members["members"].as_array().unwrap();
    members
        .iter()
        .find(|it| it["email"] == "grace@example.com")
        .unwrap()["person"]
        .clone()
}

fn policy(instance: &Instance) -> Value {
    let policies = instance.owner().ok("team.list_policies", json!({}));
    policies["policies"][0]["id"].clone()
}

fn invitation(instance: &Instance) -> Value {
    let waiting = instance.owner().ok("team.list_invitations", json!({}));
    waiting["invitations"][0]["id"].clone()
}

/// What the Owner who lives that life does not do: others do it in `invitations`,
/// in `members`, in `grants`, in `lives`, in `member_alerts` and, in a browser, in
/// `known_devices`, with the same count of records.
const OF_OTHERS: [&str; 11] = [
    "team.acknowledge_member_alert",
    "team.accept_invitation",
    "team.accept_grant",
    "team.return_grant",
    "team.leave_workspace",
    "team.transfer_ownership",
    "team.register_known_device",
    "team.approve_known_device",
    "team.remove_known_device",
    "team.delete_workspace",
    "team.keep_workspace",
];

/// Every command of a workspace, in an order in which each succeeds.
const LIFE: &[Step] = &[
    step("books.set_base_currency", |_| json!({"currency": "EUR"})),
    step(
        "books.apply_chart_template",
        |_| json!({"template": "small_business"}),
    ),
    step(
        "books.settle_commodity",
        |_| json!({"code": "AAPL", "decimals": 4}),
    ),
    step(
        "books.open_account",
        |_| json!({"code": "c1", "name": "One", "kind": "asset"}),
    ),
    step(
        "books.open_account",
        |_| json!({"code": "c2", "name": "Two", "kind": "income"}),
    ),
    step(
        "books.open_account",
        |_| json!({"code": "c3", "name": "Three", "kind": "equity"}),
    ),
    step(
        "books.rename_account",
        |_| json!({"account": "c3", "name": "Third"}),
    ),
    step("books.close_account", |_| json!({"account": "c3"})),
    step("books.reopen_account", |_| json!({"account": "c3"})),
    step(
        "books.post_opening_balances",
        |_| json!({"on": "2025-12-31", "balances": [{"account": "c1", "amount": "5.00"}], "counter_account": "c3"}),
    ),
    step(
        "books.open_journal",
        |_| json!({"code": "BNK2", "name": "Savings bank", "kind": "bank"}),
    ),
    step(
        "books.rename_journal",
        |_| json!({"journal": "BNK2", "name": "Savings"}),
    ),
    step("books.close_journal", |_| json!({"journal": "BNK2"})),
    step("books.reopen_journal", |_| json!({"journal": "BNK2"})),
    step(
        "books.save_entry_template",
        |_| json!({"name": "Rent", "lines": [{"account": "c1", "amount": "-850"}, {"account": "c2"}]}),
    ),
    step("books.remove_entry_template", |_| json!({"id": 1})),
    step("books.post_entry", |_| {
        entry("2026-03-01", "Sale", "c1", "c2", "12.50")
    }),
    step(
        "books.reverse_entry",
        |_| json!({"entry": 2, "reason": "Posted twice"}),
    ),
    step(
        "books.import_journal",
        |_| json!({"files": [{"name": "main.journal", "text": "2026-03-02 Sale\n    Assets:Cash  1.00 EUR\n    Income:Sales\n"}]}),
    ),
    step(
        "books.undo_import",
        |_| json!({"import": 1, "reason": "Twice"}),
    ),
    step(
        "books.lock_period",
        |_| json!({"through": "2026-01-31", "reason": "Filed"}),
    ),
    step("books.unlock_period", |_| json!({"reason": "Late"})),
    step(
        "team.set_policy",
        |_| json!({"name": "Office", "roles": ["Auditor"], "rule": {"kind": "second_factor"}}),
    ),
    step(
        "team.remove_policy",
        |instance| json!({"id": policy(instance)}),
    ),
    step(
        "team.add_member",
        |_| json!({"email": "grace@example.com", "role": "Member"}),
    ),
    step(
        "books.assign_account",
        |_| json!({"person": "grace@example.com", "account": "c1"}),
    ),
    step(
        "books.unassign_account",
        |_| json!({"person": "grace@example.com", "account": "c1"}),
    ),
    step(
        "team.change_role",
        |instance| json!({"person": person(instance), "role": "Viewer"}),
    ),
    step(
        "team.suspend_member",
        |instance| json!({"person": person(instance)}),
    ),
    step(
        "team.reinstate_member",
        |instance| json!({"person": person(instance)}),
    ),
    step(
        "team.remove_member",
        |instance| json!({"person": person(instance)}),
    ),
    step(
        "team.set_policy",
        |_| json!({"name": "p", "roles": ["Viewer"], "rule": {"kind": "second_factor"}}),
    ),
    step("team.remove_policy", |instance| {
        let policies = instance.owner().ok("team.list_policies", json!({}));
        json!({"id": policies["policies"][0]["id"]})
    }),
    step(
        "team.invite_member",
        |_| json!({"email": "katherine@example.com", "role": "Viewer"}),
    ),
    step(
        "team.resend_invitation",
        |instance| json!({"invitation": invitation(instance)}),
    ),
    step(
        "team.revoke_invitation",
        |instance| json!({"invitation": invitation(instance)}),
    ),
    // The instance's clock stands in March 2026.
    step(
        "team.offer_grant",
        |_| json!({"practice": "ab".repeat(16), "scope": "books.read", "purpose": "Audit", "until": "2026-12-31"}),
    ),
    step("team.revoke_grant", |instance| {
        let grants = instance.owner().ok("team.list_grants", json!({}));
        json!({"grant": grants["given"][0]["grant"]})
    }),
    step(
        "team.create_api_token",
        |_| json!({"name": "Nightly", "scopes": ["*"]}),
    ),
    step("team.revoke_api_token", |instance| {
        let tokens = instance.owner().ok("team.list_api_tokens", json!({}));
        json!({"id": tokens["tokens"][0]["id"]})
    }),
];

#[test]
fn every_allowed_command_leaves_one_record() {
    for_both_stores(|on| {
        let instance = instance(on);
        instance.make_person("grace@example.com");
        let owner = instance.owner();
        let known = |name: &str| instance.engine().registry().operation(name).is_some();
        for step in LIFE.iter().filter(|step| known(step.operation)) {
            one_record(&instance, &owner, step.operation, (step.input)(&instance));
        }
        // Whatever is not in that life has an example that succeeds.
        for operation in instance.engine().registry().operations() {
            let name = operation.spec.name;
            if operation.is_command()
                && operation.in_workspace()
                && !LIFE.iter().any(|it| it.operation == name)
                && !OF_OTHERS.contains(&name)
            {
                one_record(&instance, &owner, name, (operation.example)());
            }
        }
    });
}

fn one_record(instance: &Instance, owner: &Caller<'_>, operation: &str, input: Value) {
    let before = records(instance, Some("acme"));
    owner.ok(operation, input);
    assert_eq!(records(instance, Some("acme")), before + 1, "{operation}");
    let record = last_record(instance);
    assert_eq!(record["operation"], operation);
    assert_eq!(record["outcome"], "allowed");
    assert_eq!(record["actor_email"], "owner@example.com");
    assert_eq!(record["actor_role"], "Owner");
    // What was there before, what is there after, or both and not the same.
    let (before, after) = sides(&record);
    assert_ne!(before, after, "{operation}");
    let verb = operation.split_once('.').unwrap().1;
    let begins = |verbs: &[&str]| verbs.iter().any(|it| verb.starts_with(it));
    let changes = begins(&[
        "rename",
        "close",
        "reopen",
        "change",
        "suspend",
        "reinstate",
        "lock",
        "unlock",
        "resend",
    ]);
    if changes || begins(&["remove", "revoke", "undo"]) {
        assert!(!before.is_null(), "{operation}: nothing before");
    }
    if changes {
        assert!(!after.is_null(), "{operation}: nothing after");
    }
}

#[test]
fn the_instance_remembers_too() {
    for_both_stores(|on| {
        let instance = instance(on);
        let count = || records(&instance, None);
        let before = count();
        instance.make_person("grace@example.com");
        assert_eq!(count(), before + 1);
        let grace = instance.sign_in("grace@example.com", "acme");
        assert_eq!(count(), before + 2);
        grace.ok("identity.create_workspace", json!({"name": "Globex"}));
        assert_eq!(count(), before + 3);
        grace.ok("identity.sign_out", json!({}));
        assert_eq!(count(), before + 4);
    });
}

#[test]
fn every_refusal_leaves_one_record() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let narrow = instance.owner().token(&["nothing.*"]);
        let viewer = instance.member(Role::Viewer);
        instance.make_person("outsider@example.com");
        let outsider = instance.sign_in("outsider@example.com", "acme");
        for operation in instance
            .engine()
            .registry()
            .operations()
            .filter(|it| it.in_workspace())
        {
            let name = operation.spec.name;
            let refused = |caller: &Caller<'_>, status: u16, input: Value| {
                let before = records(&instance, Some("acme"));
                caller.refused(name, input, status);
                assert_eq!(
                    records(&instance, Some("acme")),
                    before + 1,
                    "{name} {status}"
                );
                let record = last_record(&instance);
                assert_eq!(
                    (record["operation"].as_str(), record["outcome"].as_str()),
                    (Some(name), Some("refused"))
                );
                assert_ne!(record["reason"], "");
                assert!(record["actor"].is_string(), "{record}");
                assert_ne!(record["actor_role"], "", "{record}");
                assert_ne!(record["required_roles"], json!([]), "{record}");
                record
            };
            let allowed =
                daybook_kernel::Authorizer::roles_allowed(instance.engine().authorizer(), name);
            let of_owner = refused(&narrow, 403, (operation.example)());
            assert_eq!(of_owner["actor_role"], "Owner", "{name}");
            let needed = match operation.spec.exposure {
                Exposure::Invited => json!(["Invited"]),
                _ => json!(allowed),
            };
            assert_eq!(of_owner["required_roles"], needed, "{name}");
            // An outsider has no role here, and the log says so.
            let of_nobody = refused(&outsider, 404, (operation.example)());
            assert_eq!(of_nobody["actor_role"], "No member", "{name}");
            assert_eq!(of_nobody["actor_email"], "outsider@example.com", "{name}");
            if !allowed.contains(&Role::Viewer) && operation.spec.exposure != Exposure::Local {
                for input in [(operation.example)(), json!({"surprise": 1})] {
                    let of_viewer = refused(&viewer, 403, input);
                    assert_eq!(of_viewer["actor_role"], "Viewer", "{name}");
                    assert_eq!(of_viewer["required_roles"], needed, "{name}");
                }
            }
        }
    });
}

#[test]
fn a_refusal_on_the_instance_says_how_one_would_have_to_come() {
    for_both_stores(|on| {
        let instance = instance(on);
        instance.make_person("grace@example.com");
        let grace = instance.sign_in("grace@example.com", "acme");
        let operations = instance.engine().registry().operations();
        let at_the_server = operations
            .filter(|it| !it.in_workspace() && it.spec.exposure == Exposure::Local)
            .map(|it| (it.spec.name, (it.example)(), "Operator"));
        // A wrong password is found by the work itself.
        let wrong = json!({"email": "grace@example.com", "password": "not the right password"});
        let again = json!({"password": "not the right password"});
        let by_the_work = [
            ("identity.sign_in", wrong, "Visitor"),
            ("identity.step_up", again, "Signed in"),
        ];
        for (name, input, needed) in at_the_server.chain(by_the_work) {
            let before = records(&instance, None);
            let answer = grace.call(name, input);
            assert!(
                matches!(answer.status, 401 | 403),
                "{name}: {}",
                answer.text()
            );
            assert_eq!(records(&instance, None), before + 1, "{name}");
            let record = instance_record(&instance, before + 1);
            assert_eq!(
                (record["operation"].as_str(), record["outcome"].as_str()),
                (Some(name), Some("refused"))
            );
            assert!(record["actor"].is_string(), "{record}");
            assert_eq!(record["required_roles"], json!([needed]), "{name}");
            assert_ne!(record["actor_role"], "", "{name}: {record}");
            assert_ne!(record["reason"], "", "{name}: {record}");
        }
    });
}

/// What the work itself refuses, and the policies for this very thing, names the role
/// that would have been enough for it.
#[test]
fn a_refusal_for_one_thing_names_the_role_that_this_thing_needs() {
    for_both_stores(|on| {
        let instance = with_books(on);
        instance.make_person("grace@example.com");
        let owner = instance.owner();
        let admin = instance.member(Role::Admin);
        owner.ok(
            "team.add_member",
            json!({"email": "grace@example.com", "role": "Viewer"}),
        );
        let grace = person(&instance);
        let of_owner = owner.ok("team.list_members", json!({}))["members"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["role"] == "Owner")
            .unwrap()["person"]
            .clone();
        let gift = json!({"person": grace, "role": "Owner"});
        let invitation = json!({"email": "katherine@example.com", "role": "Owner"});
        let refusals = [
            ("team.change_role", gift),
            ("team.invite_member", invitation),
            ("team.suspend_member", json!({"person": of_owner})),
            ("team.remove_member", json!({"person": of_owner})),
        ];
        for (name, input) in refusals {
            let before = records(&instance, Some("acme"));
            let said = admin.refused(name, input, 403);
            assert!(
                said.contains("Owner") && !said.contains("or Admin"),
                "{said}"
            );
            assert_eq!(records(&instance, Some("acme")), before + 1, "{name}");
            let record = last_record(&instance);
            assert_eq!(record["operation"], name);
            assert_eq!(record["actor_email"], "admin@example.com");
            assert_eq!(record["actor_role"], "Admin", "{name}");
            assert_eq!(record["required_roles"], json!(["Owner"]), "{name}");
        }
        // Whoever changes no members is not told whose role stands in the way.
        let manager = instance.member(Role::Manager);
        for person in [&grace, &of_owner] {
            let input = json!({"person": person});
            let said = manager.refused("team.remove_member", input, 403);
            assert!(said.contains("Owner or Admin"), "{said}");
        }
    });
}

#[test]
fn a_page_that_does_not_open_leaves_a_record_with_both_roles() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let viewer = instance.member(Role::Viewer);
        let pages = instance
            .engine()
            .registry()
            .pages_of(daybook_kernel::Scope::Workspace);
        let mut refused = 0;
        for page in pages {
            let path = format!("/w/acme/{}", page.path.replace("{seq}", "1"));
            let before = records(&instance, Some("acme"));
            if viewer.send(Request::new("GET", &path)).status != 403 {
                continue;
            }
            refused += 1;
            assert_eq!(records(&instance, Some("acme")), before + 1, "{path}");
            let record = last_record(&instance);
            assert_eq!(
                (&record["operation"], &record["outcome"]),
                (&json!(page.needs), &json!("refused"))
            );
            assert_eq!(record["actor_role"], "Viewer", "{path}");
            assert_eq!(record["actor_email"], "viewer@example.com", "{path}");
            assert_ne!(record["required_roles"], json!([]), "{path}");
            assert_ne!(record["reason"], "", "{path}");
        }
        assert!(refused > 5, "{refused}");
    });
}

#[test]
fn a_refusal_is_recorded_with_operation_person_and_both_roles() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let viewer = instance.member(Role::Viewer);
        let posted = entry("2026-03-01", "Sale", "1000", "4000", "5.00");
        viewer.refused("books.post_entry", posted, 403);
        let record = last_record(&instance);
        assert_eq!(record["operation"], "books.post_entry");
        assert_eq!(record["outcome"], "refused");
        assert_eq!(record["actor_email"], "viewer@example.com");
        assert_eq!(record["actor_role"], "Viewer");
        assert_eq!(
            record["required_roles"],
            json!(["Owner", "Admin", "Manager", "Member"])
        );
        assert!(
            record["actor"].as_str().is_some_and(|id| id.len() == 32),
            "{record}"
        );
        assert!(
            record["request"].as_str().is_some_and(|id| id.len() == 32),
            "{record}"
        );
    });
}

#[test]
fn a_change_of_role_is_recorded_with_actor_subject_old_and_new() {
    for_both_stores(|on| {
        let instance = instance(on);
        instance.make_person("grace@example.com");
        let owner = instance.owner();
        owner.ok(
            "team.add_member",
            json!({"email": "grace@example.com", "role": "Viewer"}),
        );
        let subject = person(&instance);
        owner.ok(
            "team.change_role",
            json!({"person": subject, "role": "Manager"}),
        );
        let record = last_record(&instance);
        assert_eq!(record["actor_email"], "owner@example.com");
        assert_eq!(
            (&record["target_kind"], &record["target_id"]),
            (&json!("Member"), &subject)
        );
        let (before, after) = sides(&record);
        assert_eq!(
            (&before["role"], &after["role"]),
            (&json!("Viewer"), &json!("Manager"))
        );
        assert_eq!(after["email"], "grace@example.com");
    });
}

/// What stands in a record as before and after.
fn sides(record: &Value) -> (Value, Value) {
    let read = |side: &Value| match side {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        other => other.clone(),
    };
    (read(&record["before"]), read(&record["after"]))
}

#[test]
fn every_change_is_recorded_with_before_and_after() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        owner.ok(
            "books.rename_account",
            json!({"account": "1200", "name": "House bank"}),
        );
        let (before, after) = sides(&last_record(&instance));
        assert!(
            before.to_string().contains("Bank") && !before.to_string().contains("House"),
            "{before}"
        );
        assert!(after.to_string().contains("House bank"), "{after}");
        owner.ok(
            "books.lock_period",
            json!({"through": "2026-01-31", "reason": "Filed"}),
        );
        let (_, after) = sides(&last_record(&instance));
        assert!(
            after.to_string().contains("2026-01-31") && after.to_string().contains("Filed"),
            "{after}"
        );
        owner.ok(
            "books.post_entry",
            entry("2026-03-01", "Coffee beans", "1000", "4000", "12.50"),
        );
        let (before, after) = sides(&last_record(&instance));
        assert!(before.is_null());
        for word in ["Coffee beans", "1000", "12.50", "-12.50"] {
            assert!(after.to_string().contains(word), "{after}");
        }
        let made = owner.ok(
            "team.create_api_token",
            json!({"name": "Nightly", "scopes": ["*"]}),
        );
        let record = last_record(&instance);
        assert!(
            !record.to_string().contains(made["token"].as_str().unwrap()),
            "{record}"
        );
    });
}

#[test]
fn what_cannot_be_recorded_does_not_happen() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.member_by_token(Role::Owner);
        let narrow = instance.owner().token(&["nothing.*"]);
        narrow.refused("books.journal", json!({}), 403);
        let sale = || entry("2026-03-01", "Sale", "1000", "4000", "5.00");
        owner.ok("books.post_entry", sale());
        let (count, seq) = (entries(&instance), records(&instance, Some("acme")));
        instance
            .tamper(Some("acme"), "ALTER TABLE audit_records RENAME TO hidden")
            .unwrap();
        assert_eq!(owner.call("books.post_entry", sale()).status, 503);
        assert_eq!(
            owner
                .call(
                    "books.lock_period",
                    json!({"through": "2026-01-31", "reason": "x"})
                )
                .status,
            503
        );
        assert_eq!(entries(&instance), count);
        // A refusal that cannot be recorded is no answer either, whatever was asked.
        let narrow = instance.bearer(narrow.secret(), "acme");
        for (operation, input) in [("books.post_entry", sale()), ("books.journal", json!({}))] {
            assert_eq!(narrow.call(operation, input).status, 503, "{operation}");
        }
        instance
            .tamper(Some("acme"), "ALTER TABLE hidden RENAME TO audit_records")
            .unwrap();
        assert_eq!(records(&instance, Some("acme")), seq);
        assert_eq!(
            instance.owner().ok("books.show_lock", json!({}))["through"],
            Value::Null
        );
        assert_eq!(trial_balance(&instance.owner(), None).len(), 2);
        // And it goes on where it was, with the next number.
        assert_eq!(owner.ok("books.post_entry", sale())["number"], count + 1);
        assert!(instance.log_is_whole(Some("acme")));
    });
}

fn entries(instance: &Instance) -> i64 {
    instance.peek(Some("acme"), "SELECT count(*) FROM entries")
}

#[test]
fn a_batch_that_fails_to_commit_leaves_nothing() {
    for_both_stores(|on| {
        let instance = instance(on);
        open_books(&instance.owner());
        let (count, seq) = (entries(&instance), records(&instance, Some("acme")));
        // The head is written last: after every change and every record.
        instance
            .tamper(Some("acme"), "ALTER TABLE audit_head RENAME TO hidden")
            .unwrap();
        let answer = instance.owner().call(
            "books.post_entry",
            entry("2026-03-01", "Sale", "1000", "4000", "5.00"),
        );
        assert_eq!(answer.status, 503);
        instance
            .tamper(Some("acme"), "ALTER TABLE hidden RENAME TO audit_head")
            .unwrap();
        assert_eq!(
            (entries(&instance), records(&instance, Some("acme"))),
            (count, seq)
        );
        instance.owner().ok(
            "books.post_entry",
            entry("2026-03-01", "Sale", "1000", "4000", "5.00"),
        );
        assert!(instance.log_is_whole(Some("acme")));
    });
}
