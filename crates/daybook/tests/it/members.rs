//! Members: who may change whom, and that it holds from the next request on.

use daybook_kernel::Role;
use daybook_testkit::{Caller, Instance, On, Request, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{instance, last_record, records};

const OWNER: &str = "owner@example.com";

fn person(instance: &Instance, email: &str) -> Value {
    let listed = instance.owner().ok("team.list_members", json!({}));
    let listed = listed["members"].as_array().unwrap();
    let found = listed.iter().find(|it| it["email"] == email);
    found.unwrap_or_else(|| panic!("{email} is no member"))["person"].clone()
}

fn role(instance: &Instance, email: &str) -> String {
    let listed = instance
        .local_as(OWNER, "acme")
        .ok("team.list_members", json!({}));
    let listed = listed["members"].as_array().unwrap();
    let found = listed.iter().find(|it| it["email"] == email).unwrap();
    found["role"].as_str().unwrap().to_owned()
}

fn sides(record: &Value) -> (Value, Value) {
    let read = |side: &Value| match side {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        other => other.clone(),
    };
    (read(&record["before"]), read(&record["after"]))
}

#[test]
fn a_manager_manages_no_member() {
    for_both_stores(|on| {
        let instance = instance(on);
        let viewer = person(&instance, &instance.colleague(Role::Viewer));
        let owner = instance.owner();
        let invited = owner.ok(
            "team.invite_member",
            json!({"email": "g@example.com", "role": "Viewer"}),
        );
        let invitation = json!({"invitation": invited["id"]});
        let calls = [
            (
                "team.invite_member",
                json!({"email": "h@example.com", "role": "Viewer"}),
            ),
            ("team.list_invitations", json!({})),
            ("team.resend_invitation", invitation.clone()),
            ("team.revoke_invitation", invitation),
            (
                "team.add_member",
                json!({"email": "h@example.com", "role": "Viewer"}),
            ),
            (
                "team.change_role",
                json!({"person": viewer, "role": "Member"}),
            ),
            ("team.suspend_member", json!({"person": viewer})),
            ("team.reinstate_member", json!({"person": viewer})),
            ("team.remove_member", json!({"person": viewer})),
            ("team.transfer_ownership", json!({"person": viewer})),
        ];
        for role in [Role::Manager, Role::Member, Role::Viewer, Role::Auditor] {
            let caller = instance.member(role);
            for (operation, input) in &calls {
                caller.refused(operation, input.clone(), 403);
            }
        }
    });
}

#[test]
fn an_admin_makes_no_owner_and_touches_none() {
    for_both_stores(|on| {
        let instance = instance(on);
        let admin = instance.member(Role::Admin);
        let own = person(&instance, &instance.colleague(Role::Admin));
        let viewer = person(&instance, &instance.colleague(Role::Viewer));
        let owner = person(&instance, OWNER);
        let refused = |operation: &str, input: Value| {
            admin.refused(operation, input, 403);
        };
        refused(
            "team.invite_member",
            json!({"email": "g@example.com", "role": "Owner"}),
        );
        refused(
            "team.change_role",
            json!({"person": viewer, "role": "Owner"}),
        );
        refused("team.change_role", json!({"person": own, "role": "Owner"}));
        refused(
            "team.change_role",
            json!({"person": owner, "role": "Viewer"}),
        );
        refused("team.suspend_member", json!({"person": owner}));
        refused("team.remove_member", json!({"person": owner}));
        refused("team.transfer_ownership", json!({"person": own}));
        admin.ok(
            "team.change_role",
            json!({"person": viewer, "role": "Admin"}),
        );
    });
}

#[test]
fn a_suspended_member_is_out_with_their_next_request() {
    for_both_stores(|on| {
        let instance = instance(on);
        let email = instance.colleague(Role::Manager);
        let id = person(&instance, &email);
        let (session, token) = (
            instance.member(Role::Manager),
            instance.member_by_token(Role::Manager),
        );
        for caller in [&session, &token] {
            caller.ok("books.journal", json!({}));
        }
        let input = json!({"person": id, "reason": "Left the company"});
        instance
            .member(Role::Owner)
            .ok("team.suspend_member", input);
        for caller in [&session, &token] {
            for operation in instance.engine().registry().operations() {
                let name = operation.spec.name;
                if operation.in_workspace() {
                    let status = caller.call(name, (operation.example)()).status;
                    assert!(matches!(status, 401 | 403), "{name}: {status}");
                }
            }
        }
        let page = session.send(Request::new("GET", "/w/acme/"));
        assert!(matches!(page.status, 401 | 403), "{}", page.status);
        // What the reason was stands in the log, and who gave it.
        instance
            .owner()
            .ok("team.reinstate_member", json!({"person": id}));
        assert_eq!(session.call("books.journal", json!({})).status, 200);
    });
}

#[test]
fn a_change_of_rights_is_recorded_with_its_reason() {
    for_both_stores(|on| {
        let instance = instance(on);
        let email = instance.colleague(Role::Viewer);
        let id = person(&instance, &email);
        let admin = instance.member(Role::Admin);
        let told = |operation: &str, input: Value, old: &str, new: &str| {
            admin.ok(operation, input);
            let record = last_record(&instance);
            assert_eq!(record["actor_email"], "admin@example.com", "{record}");
            assert_eq!(
                (&record["target_kind"], &record["target_id"]),
                (&json!("Member"), &id)
            );
            let (before, after) = sides(&record);
            assert!(before.to_string().contains(old), "{operation}: {before}");
            let said = format!("{before}{after}");
            assert!(
                said.contains(new) && said.contains("Because"),
                "{operation}: {said}"
            );
        };
        let with = |more: Value| {
            let mut input = json!({"person": id, "reason": "  Because of the audit "});
            for (name, value) in more.as_object().unwrap() {
                input[name] = value.clone();
            }
            input
        };
        told(
            "team.change_role",
            with(json!({"role": "Member"})),
            "Viewer",
            "Member",
        );
        told(
            "team.suspend_member",
            with(json!({})),
            "\"suspended\":false",
            "\"suspended\":true",
        );
        told(
            "team.reinstate_member",
            with(json!({})),
            "\"suspended\":true",
            "\"suspended\":false",
        );
        told("team.remove_member", with(json!({})), "Member", "Member");
        // Every member reads what changed for whom.
        let published = instance
            .member(Role::Auditor)
            .ok("team.list_access_changes", json!({}));
        let said = published.to_string();
        for words in [
            "viewer@example.com",
            "admin@example.com",
            "suspended",
            "Viewer",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
        let long = json!({"person": id, "reason": "x".repeat(501)});
        instance.owner().refused("team.remove_member", long, 404);
    });
}

#[test]
fn ownership_is_handed_over_in_one_step_and_never_lost() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = instance.member(Role::Owner);
        let own = person(&instance, OWNER);
        // The last Owner neither leaves nor goes otherwise.
        for (operation, input) in [
            ("team.leave_workspace", json!({})),
            ("team.remove_member", json!({"person": own})),
            ("team.suspend_member", json!({"person": own})),
            ("team.change_role", json!({"person": own, "role": "Viewer"})),
        ] {
            let said = owner.refused(operation, input, 409);
            assert!(said.contains("last Owner"), "{said}");
        }
        owner.refused("team.transfer_ownership", json!({"person": own}), 422);
        let email = instance.colleague(Role::Manager);
        let heir = person(&instance, &email);
        owner.ok("team.suspend_member", json!({"person": heir}));
        owner.refused("team.transfer_ownership", json!({"person": heir}), 409);
        owner.ok("team.reinstate_member", json!({"person": heir}));
        let before = records(&instance, Some("acme"));
        owner.ok(
            "team.transfer_ownership",
            json!({"person": heir, "reason": "Sold"}),
        );
        assert_eq!(records(&instance, Some("acme")), before + 1);
        let record = last_record(&instance);
        let (was, is) = sides(&record);
        assert_eq!(
            (&was["role"], &is["role"]),
            (&json!("Manager"), &json!("Owner"))
        );
        assert_eq!(is["former_owner"]["role"], "Admin");
        assert_eq!(is["reason"], "Sold");
        assert_eq!(
            (role(&instance, &email), role(&instance, OWNER)),
            ("Owner".into(), "Admin".into())
        );
        // In effect at once, on both sides.
        let owner = fresh(&instance, OWNER);
        owner.refused("team.transfer_ownership", json!({"person": heir}), 403);
        owner.ok("team.leave_workspace", json!({}));
        owner.refused("team.show_roles", json!({}), 404);
        let heir = fresh(&instance, &email);
        heir.refused("team.leave_workspace", json!({}), 409);
    });
}

/// Signed in anew: a change of rights gives a session another token.
fn fresh<'i>(instance: &'i Instance, email: &str) -> Caller<'i> {
    crate::factors::by_password(instance, email)
}

#[test]
fn whoever_leaves_leaves_their_tokens_behind() {
    for_both_stores(|on| {
        let instance = instance(on);
        let token = instance.member_by_token(Role::Member);
        let member = instance.member(Role::Member);
        token.ok("team.show_roles", json!({}));
        let before = records(&instance, Some("acme"));
        member.ok("team.leave_workspace", json!({}));
        assert_eq!(records(&instance, Some("acme")), before + 1);
        assert_eq!(last_record(&instance)["actor_email"], "member@example.com");
        member.refused("team.show_roles", json!({}), 404);
        token.refused("team.show_roles", json!({}), 401);
        // Nor do they work again for whoever comes back.
        instance.colleague(Role::Member);
        fresh(&instance, "member@example.com").ok("team.show_roles", json!({}));
        token.refused("team.show_roles", json!({}), 401);
    });
}

#[test]
fn the_page_of_members_shows_who_has_not_come_yet() {
    let instance = instance(On::Embedded);
    let owner = instance.member(Role::Owner);
    let page = |caller: &Caller<'_>| {
        caller
            .send(Request::new("GET", "/w/acme/team/members"))
            .text()
    };
    assert!(
        page(&owner).contains("Nobody is invited at the moment"),
        "{}",
        page(&owner)
    );
    owner.ok(
        "team.invite_member",
        json!({"email": "grace@example.com", "role": "Auditor"}),
    );
    let shown = page(&owner);
    for words in [
        "grace@example.com",
        "Waiting",
        "Send again",
        "Revoke",
        "Leave",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let viewers = page(&instance.member(Role::Viewer));
    assert!(
        !viewers.contains("grace@example.com") && !viewers.contains("Send again"),
        "{viewers}"
    );
}
