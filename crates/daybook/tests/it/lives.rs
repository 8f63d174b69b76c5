//! The life of a workspace: frozen, locked, deleted and taken back, each from
//! the next request on and for itself alone.

use std::sync::Arc;

use daybook_engine::store::{Server, Store};
use daybook_kernel::Role;
use daybook_testkit::{Caller, Cluster, Instance, On, Request, for_both_stores, until};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::retention::until as soon;
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
        // Nothing is offered that would be refused.
        let (_, accounts) = page(&owner, "/w/acme/books/accounts");
        assert!(!accounts.contains("books.open_account"), "{accounts}");
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
    until("the grant arrives", || {
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
        let before = records(&instance, Some("acme"));
        let deleted = owner.ok(delete, json!({"address": "acme"}));
        assert_eq!(records(&instance, Some("acme")), before + 1);
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
        let before = records(&instance, Some("acme"));
        owner.ok("team.keep_workspace", json!({}));
        assert_eq!(records(&instance, Some("acme")), before + 1);
        let record = last_record(&instance);
        assert_eq!(record["operation"], "team.keep_workspace");
        instance.member(Role::Viewer).ok(BOOKS, json!({}));
        assert_eq!(listed(&owner).unwrap()["standing"], "active");
    });
}

fn days(instance: &Instance, count: i64) {
    instance
        .clock
        .advance(SignedDuration::from_hours(24 * count));
}

/// `acme` with something in it, deleted by its Owner; answers with its id and
/// how many records its log has.
fn deleted(instance: &Instance) -> (String, i64) {
    let owner = instance.member(Role::Owner);
    owner.ok(
        POST,
        entry("2026-03-01", "A secret sale", "1000", "4000", "5.00"),
    );
    instance.member(Role::Viewer).refused(POST, sale(), 403);
    owner.ok("team.delete_workspace", json!({"address": "acme"}));
    let id = listed(&owner).unwrap()["id"].as_str().unwrap().to_owned();
    (id, records(instance, Some("acme")))
}

/// What is left of workspaces in the store: files, or schemas and roles.
fn kept_of(instance: &Instance, id: &str) -> Vec<String> {
    let mut kept: Vec<String> = match instance.database() {
        None => std::fs::read_dir(instance.folder().join("databases"))
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains(id))
            .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
            .collect(),
        Some(database) => {
            let sql = "SELECT nspname::text FROM pg_namespace UNION ALL
                SELECT rolname::text FROM pg_roles";
            let rows = Cluster::shared().client(database).query(sql, &[]).unwrap();
            let names = rows.into_iter().map(|row| row.get::<_, String>(0));
            names.filter(|name| name.contains(id)).collect()
        }
    };
    kept.sort();
    kept
}

/// Waits until housekeeping has erased the only one that is deleted.
fn erased(instance: &Instance) -> Value {
    let list = || {
        let list = "identity.list_gone_workspaces";
        instance.operator().ok(list, json!({}))["workspaces"].clone()
    };
    soon(|| list()[0].is_object());
    list()[0].clone()
}

fn whole_remains(instance: &Instance, records: i64) {
    let remains = instance.engine().remains().unwrap();
    let verdict = instance.engine().verify_remains(&remains[0]).unwrap();
    let counts = [verdict.records, verdict.erased].map(|it| i64::try_from(it).unwrap());
    assert!(verdict.is_whole(), "{verdict}");
    assert_eq!(counts, [records, records], "{verdict}");
}

#[test]
fn after_a_week_nothing_of_a_deleted_workspace_is_left_but_the_skeleton_of_its_log_for_a_year() {
    for_both_stores(|on| {
        let mut instance = neighbours(on);
        let neighbour = || crate::scene::trial_balance(&instance.local("globex"), None);
        let (id, before) = deleted(&instance);
        let (sums, sign_ins) = (neighbour(), kept_sign_ins(&instance));
        assert!(sign_ins > 0);
        days(&instance, 6);
        assert!(
            kept_of(&instance, &id)
                .iter()
                .all(|it| !it.contains("gone"))
        );
        instance
            .local("acme")
            .refused("books.trial_balance", json!({}), 403);
        days(&instance, 1);
        let told = erased(&instance);
        // Who deleted it and when is known, and not what it was called.
        assert_eq!(told["id"], id.as_str());
        assert_eq!(told["deleted_by_email"], OWNER);
        assert_eq!(told["deleted_at"], "2026-06-15T09:00:00Z");
        assert!(!told.to_string().contains("acme"), "{told}");
        let kept = kept_of(&instance, &id);
        assert!(
            !kept.is_empty() && kept.iter().all(|it| it.starts_with("gone_")),
            "{kept:?}"
        );
        // The one more is of whoever was refused since.
        let before = before + 1;
        whole_remains(&instance, before);
        assert_eq!(of_the_directory(&instance, &id), [1, 0, 0]);
        instance.local("acme").refused(BOOKS, json!({}), 404);
        instance.restart();
        let owner = instance.sign_in_anew(OWNER, "acme");
        owner.refused(BOOKS, json!({}), 404);
        owner.refused("team.keep_workspace", json!({}), 404);
        assert_eq!(listed(&owner), None);
        // The address is free again.
        instance.make_workspace("acme", OWNER);
        // Sign-ins and refusals are there for their year, and then no more.
        days(&instance, 364 - 7);
        assert!(kept_sign_ins(&instance) >= sign_ins);
        whole_remains(&instance, before);
        days(&instance, 10);
        soon(|| kept_of(&instance, &id).is_empty());
        soon(|| of_the_directory(&instance, &id) == [0, 0, 0]);
        assert!(instance.engine().remains().unwrap().is_empty());
        let verdict = instance.engine().desk(None).unwrap().verify().unwrap();
        assert!(verdict.is_whole(), "{verdict}");
        let sums_now = crate::scene::trial_balance(&instance.local("globex"), None);
        assert_eq!(sums_now, sums);
    });
}

/// Records of sign-ins in the instance's log that still tell who and whence.
fn kept_sign_ins(instance: &Instance) -> i64 {
    instance.peek(
        None,
        "SELECT count(*) FROM audit_records
         WHERE operation = 'identity.sign_in' AND content IS NOT NULL",
    )
}

/// Whether the directory knows of a workspace, of its members, and still by its
/// own key and name.
fn of_the_directory(instance: &Instance, id: &str) -> [i64; 3] {
    [
        format!("SELECT count(*) FROM workspaces WHERE id = '{id}' AND deleted_by IS NOT NULL"),
        format!("SELECT count(*) FROM workspace_people WHERE workspace = '{id}'"),
        format!(
            "SELECT count(*) FROM workspaces WHERE id = '{id}'
             AND (wrapped_key <> remains_key OR slug <> id)"
        ),
    ]
    .map(|sql| instance.peek(None, &sql))
}

#[test]
fn an_erasure_that_broke_off_half_way_goes_on_at_the_next_start() {
    let mut instance = neighbours(On::Embedded);
    let (id, before) = deleted(&instance);
    let databases = instance.folder().join("databases");
    // What a first try left behind, and what the second stumbles over.
    std::fs::write(databases.join(format!("gone_{id}.db")), b"cut off").unwrap();
    let stone = databases.join(format!("ws_{id}.before-migration.db"));
    std::fs::create_dir(&stone).unwrap();
    days(&instance, 8);
    let database = databases.join(format!("ws_{id}.db"));
    soon(|| !database.exists());
    instance.restart();
    // To open it would make an empty one in its place.
    instance.owner().refused(BOOKS, json!({}), 404);
    assert!(instance.engine().remains().unwrap().is_empty());
    std::fs::remove_dir(&stone).unwrap();
    erased(&instance);
    whole_remains(&instance, before);
    assert!(!database.exists());
}

#[test]
fn whoever_is_too_late_takes_nothing_back_and_a_lock_holds_the_end_up() {
    for_both_stores(|on| {
        let instance = neighbours(on);
        let (id, _) = deleted(&instance);
        lock(&instance, "lock_workspace");
        let other = json!({"address": "globex"});
        instance.local("globex").ok("team.delete_workspace", other);
        days(&instance, 8);
        instance
            .sign_in_anew(OWNER, "acme")
            .refused("team.keep_workspace", json!({}), 403);
        // The other's turn comes after its own would have.
        let neighbour = erased(&instance);
        assert_ne!(neighbour["id"], id.as_str());
        let is_there = || {
            kept_of(&instance, &id)
                .iter()
                .any(|it| it.starts_with("ws_"))
        };
        assert!(is_there());
        lock(&instance, "unlock_workspace");
        let late = instance
            .local("acme")
            .call("team.keep_workspace", json!({}));
        assert!(matches!(late.status, 404 | 409), "{}", late.text());
        soon(|| !is_there());
    });
}

fn set_limit(instance: &Instance, bytes_max: Option<i64>) {
    let input = json!({"workspace": "acme", "bytes_max": bytes_max});
    instance.operator().ok("identity.set_storage_limit", input);
}

#[test]
fn a_full_workspace_is_read_and_exported_and_stores_nothing_more_while_its_neighbour_goes_on() {
    for_both_stores(|on| {
        let mut instance = neighbours(on);
        let owner = instance.member(Role::Owner);
        instance.member(Role::Viewer);
        owner.refused(
            "identity.set_storage_limit",
            json!({"workspace": "acme"}),
            403,
        );
        let used = |caller: &Caller<'_>| {
            let shown = caller.ok("team.show_workspace", json!({}));
            (
                shown["bytes_used"].as_i64().unwrap(),
                shown["bytes_max"].clone(),
            )
        };
        // A store past one machine is measured now and then.
        instance.clock.advance(SignedDuration::from_mins(2));
        owner.ok(POST, sale());
        let (before, none) = used(&owner);
        assert!(before > 100_000 && none.is_null(), "{before} {none}");
        let room = 200_000;
        set_limit(&instance, Some(before + room));
        assert_eq!(used(&owner).1, before + room);
        let long = entry("2026-03-01", &"x".repeat(400), "1000", "4000", "1.00");
        let stored = (0..2_000)
            .find(|_| owner.call(POST, long.clone()).status != 200)
            .unwrap();
        assert!(stored > 20, "{stored}");
        let sums = crate::scene::trial_balance(&owner, None);
        let said = owner.refused(POST, long.clone(), 507);
        assert!(said.contains("exported"), "{said}");
        assert_eq!(crate::scene::trial_balance(&owner, None), sums);
        assert_eq!(sums[0].2, format!("{}.00", stored + 5));
        // A page more for the record of the last, and no more than that.
        let beyond = used(&owner).0 - before - room;
        assert!(beyond < 64 * 1_024, "{beyond}");
        owner.ok("books.export_journal", json!({"format": "hledger"}));
        let members = owner.ok("team.list_members", json!({}));
        let viewer = members["members"].as_array().unwrap().iter();
        let viewer = viewer.clone().find(|it| it["role"] == "Viewer").unwrap();
        owner.ok("team.suspend_member", json!({"person": viewer["person"]}));
        instance.local("globex").ok(POST, long.clone());
        let (_, settings) = page(&owner, "/w/acme/settings");
        assert!(settings.contains("Little room is left"), "{settings}");
        set_limit(&instance, Some(before + room * 10));
        owner.ok(POST, long.clone());
        // Where nothing is said of one, the limit is the instance's.
        instance.options_mut().bytes_max = Some(1_000);
        instance.restart();
        instance.owner().ok(POST, long.clone());
        instance.local("globex").refused(POST, long.clone(), 507);
        set_limit(&instance, None);
        instance.owner().refused(POST, long, 507);
    });
}

#[test]
fn what_is_left_of_an_erased_workspace_moves_with_the_instance() {
    let instance = neighbours(On::Embedded);
    let (id, before) = deleted(&instance);
    days(&instance, 8);
    erased(&instance);
    let database = Cluster::shared().make_database();
    let by_socket = || Err("the cluster is reached by a socket".to_owned());
    let server = Server::new(&Cluster::shared().url(&database), by_socket).unwrap();
    let store = Store::postgres(&server).unwrap();
    let (store, engine) = (Arc::new(store), instance.engine());
    for _ in 0..2 {
        engine.carry_remains(&store).unwrap();
    }
    let mut there = Cluster::shared().client(&database);
    let sql = format!("SELECT count(*), count(content) FROM gone_{id}.audit_records");
    let row = there.query_one(&sql, &[]).unwrap();
    assert_eq!([row.get::<_, i64>(0), row.get(1)], [before, 0]);
}
