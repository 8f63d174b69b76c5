//! The life of a workspace: frozen, locked, deleted and taken back, each from
//! the next request on and for itself alone.

use daybook_kernel::Role;
use daybook_testkit::{Caller, Instance, On, Request, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{entry, last_record, open_books, records, with_books};

const OWNER: &str = "owner@example.com";
const BOOKS: &str = "books.trial_balance";
const POST: &str = "books.post_entry";

fn sale() -> Value {
    entry("2026-03-01", "Sale", "1000", "4000", "5.00")
}

/// `acme`, and `globex` beside it, both with books.
fn neighbours(on: On) -> Instance {
    let instance = with_books(on);
    instance.make_workspace("globex", OWNER);
    open_books(&instance.local("globex"));
    instance
}

fn lock(instance: &Instance, verb: &str) {
    let input = json!({"workspace": "acme", "reason": "A token was found in public"});
    instance.operator().ok(&format!("identity.{verb}"), input);
}

/// How `acme` is listed for somebody, if it is.
fn listed(caller: &Caller<'_>) -> Option<Value> {
    let listed = caller.ok("identity.list_workspaces", json!({}));
    let listed = listed["workspaces"].as_array().unwrap();
    listed.iter().find(|it| it["slug"] == "acme").cloned()
}

fn page(caller: &Caller<'_>, path: &str) -> (u16, String) {
    let answer = caller.send(Request::new("GET", path));
    (answer.status, answer.text())
}

#[test]
fn a_frozen_workspace_is_read_and_exported_and_takes_no_command_until_its_owner_ends_that() {
    for_both_stores(|on| {
        let mut instance = neighbours(on);
        let token = instance.member_by_token(Role::Owner);
        token.ok(POST, sale());
        let owner = instance.member(Role::Owner);
        for role in [Role::Admin, Role::Manager, Role::Viewer] {
            instance
                .member(role)
                .refused("team.freeze_workspace", json!({}), 403);
        }
        token.refused("team.freeze_workspace", json!({}), 403);
        owner.refused("team.thaw_workspace", json!({}), 409);
        owner.ok("team.freeze_workspace", json!({"reason": "Year end"}));
        let record = last_record(&instance);
        assert_eq!(record["operation"], "team.freeze_workspace");
        assert!(record.to_string().contains("Year end"), "{record}");
        // From the next request on, by whatever door.
        let before = records(&instance, Some("acme"));
        for caller in [&token, &owner, &instance.owner()] {
            let said = caller.refused(POST, sale(), 409);
            assert!(said.contains("frozen"), "{said}");
        }
        assert_eq!(records(&instance, Some("acme")), before + 3);
        for caller in [&token, &owner, &instance.owner()] {
            caller.ok(BOOKS, json!({}));
        }
        let whole = json!({"format": "hledger"});
        owner.ok("books.export_journal", whole);
        assert_eq!(listed(&owner).unwrap()["standing"], "frozen");
        instance.local("globex").ok(POST, sale());
        instance.restart();
        let (owner, token) = (instance.sign_in_anew(OWNER, "acme"), instance.owner());
        token.refused(POST, sale(), 409);
        instance
            .member(Role::Admin)
            .refused("team.thaw_workspace", json!({}), 403);
        owner.ok("team.thaw_workspace", json!({}));
        token.ok(POST, sale());
    });
}

#[test]
fn a_locked_workspace_opens_to_nobody_by_any_door_and_its_neighbour_notices_nothing() {
    for_both_stores(|on| {
        let mut instance = neighbours(on);
        let token = instance.member_by_token(Role::Manager);
        let (owner, viewer) = (instance.member(Role::Owner), instance.member(Role::Viewer));
        instance.make_person("stranger@example.com");
        let stranger = instance.sign_in("stranger@example.com", "acme");
        let unknown = stranger.refused(BOOKS, json!({}), 404);
        let nowhere = page(&stranger, "/w/acme/settings");
        let guest = guest(&instance);
        guest.ok(BOOKS, json!({}));
        let invited = json!({"email": "stranger@example.com", "role": "Viewer"});
        owner.refused(
            "identity.lock_workspace",
            json!({"workspace": "acme", "reason": "x"}),
            403,
        );
        lock(&instance, "lock_workspace");
        for caller in [&token, &owner, &viewer, &guest, &instance.owner()] {
            for (operation, input) in [
                (BOOKS, json!({})),
                (POST, sale()),
                ("team.list_members", json!({})),
                ("books.export_journal", json!({"format": "hledger"})),
                ("team.thaw_workspace", json!({})),
                ("team.keep_workspace", json!({})),
                ("team.invite_member", invited.clone()),
                ("books.show_entry", json!({"number": 99})),
            ] {
                let said = caller.refused(operation, input, 403);
                // A token and a guest are told first what they never may.
                let is_theirs = operation.starts_with("books.") && !operation.contains("export");
                assert!(said.contains("locked") || !is_theirs, "{operation}: {said}");
            }
        }
        for path in ["/w/acme/", "/w/acme/settings", "/w/acme/team/deletion"] {
            let (status, said) = page(&owner, path);
            assert!(status == 403 && said.contains("locked"), "{path}: {said}");
        }
        // Whoever knew nothing of it learns nothing.
        assert_eq!(stranger.refused(BOOKS, json!({}), 404), unknown);
        assert_eq!(page(&stranger, "/w/acme/settings").0, nowhere.0);
        instance.anonymous().refused(BOOKS, json!({}), 401);
        instance.local("globex").ok(POST, sale());
        assert_eq!(listed(&owner).unwrap()["standing"], "locked");
        instance.restart();
        instance.owner().refused(BOOKS, json!({}), 403);
        lock(&instance, "unlock_workspace");
        instance.owner().ok(POST, sale());
        let again = json!({"workspace": "acme", "reason": "x"});
        let operator = instance.operator();
        operator.refused("identity.unlock_workspace", again, 409);
        let nowhere = json!({"workspace": "nosuch", "reason": "x"});
        operator.refused("identity.lock_workspace", nowhere, 422);
    });
}

/// Somebody of `globex`, which reads `acme`'s books by a grant.
fn guest(instance: &Instance) -> Caller<'_> {
    let listed = instance.owner().ok("identity.list_workspaces", json!({}));
    let listed = listed["workspaces"].as_array().unwrap();
    let globex = listed.iter().find(|it| it["slug"] == "globex").unwrap();
    let terms = json!({"practice": globex["id"], "scope": "books.read", "purpose": "x",
        "until": "2026-08-01"});
    let offered = instance.owner().ok("team.offer_grant", terms);
    let accept = json!({"grant": offered["grant"]});
    let practice = instance.local("globex");
    daybook_testkit::until("the grant arrives", || {
        practice.call("team.accept_grant", accept.clone()).status == 200
    });
    instance.sign_in(OWNER, "globex~acme")
}

#[test]
fn a_deleted_workspace_is_closed_at_once_and_its_owner_takes_it_back_within_a_week() {
    for_both_stores(|on| {
        let mut instance = neighbours(on);
        instance.owner().ok(POST, sale());
        let token = instance.member_by_token(Role::Manager);
        let (owner, viewer) = (instance.member(Role::Owner), instance.member(Role::Viewer));
        let delete = "team.delete_workspace";
        for role in [Role::Admin, Role::Manager, Role::Viewer] {
            let input = json!({"address": "acme"});
            instance.member(role).refused(delete, input, 403);
        }
        for wrong in ["globex", "Acme", ""] {
            owner.refused(delete, json!({"address": wrong}), 422);
        }
        owner.refused("team.keep_workspace", json!({}), 409);
        let deleted = owner.ok(delete, json!({"address": "acme"}));
        assert_eq!(deleted["gone_at"], "2026-06-22T09:00:00Z");
        for caller in [&token, &owner, &viewer, &instance.owner()] {
            for (operation, input) in [(BOOKS, json!({})), (POST, sale())] {
                let said = caller.refused(operation, input, 403);
                assert!(said.contains("gone on 22 June 2026"), "{said}");
            }
        }
        viewer.refused("team.keep_workspace", json!({}), 403);
        let (status, said) = page(&viewer, "/w/acme/team/deletion");
        assert!(status == 403, "{said}");
        assert_eq!(listed(&viewer), None);
        let shown = listed(&owner).unwrap();
        assert_eq!(
            (&shown["standing"], &shown["gone_at"]),
            (&json!("deleted"), &json!("2026-06-22T09:00:00Z"))
        );
        let (_, front) = page(&owner, "/?switch");
        assert!(front.contains("/w/acme/team/deletion"), "{front}");
        let (status, said) = page(&owner, "/w/acme/team/deletion");
        assert!(
            status == 200 && said.contains("Keep this workspace"),
            "{said}"
        );
        instance.local("globex").ok(POST, sale());
        instance.restart();
        let owner = instance.sign_in_anew(OWNER, "acme");
        owner.ok("team.keep_workspace", json!({}));
        let record = last_record(&instance);
        assert_eq!(record["operation"], "team.keep_workspace");
        instance.member(Role::Viewer).ok(BOOKS, json!({}));
        assert_eq!(listed(&owner).unwrap()["standing"], "active");
    });
}
