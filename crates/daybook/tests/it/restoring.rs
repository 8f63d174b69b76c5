//! A workspace that goes back to what an export of it holds, while its neighbours
//! are worked in: told through the local door, on both stores.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use daybook::exported::{find, gather, seal, write};
use daybook_kernel::Role;
use daybook_server::{LocalAnswer, LocalRequest, answer_local};
use daybook_testkit::{Caller, Instance, On, Request, for_both_stores, until};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::scene::{assign, entry, open_books, trial_balance, with_books};

const NEIGHBOUR: &str = "neighbour@example.com";

/// Acme with a sale of 100.00, and Globex next door.
pub fn neighbours(on: On) -> Instance {
    let instance = with_books(on);
    instance.make_person(NEIGHBOUR);
    instance.make_workspace("globex", NEIGHBOUR);
    open_books(&globex(&instance));
    sell(&instance.local("acme"), "100.00");
    instance
}

pub fn globex(instance: &Instance) -> Caller<'_> {
    instance.local_as(NEIGHBOUR, "globex")
}

pub fn sell(caller: &Caller<'_>, amount: &str) -> Value {
    let sale = entry("2026-03-01", "Sale", "1000", "4000", amount);
    caller.ok("books.post_entry", sale)
}

fn person_of(caller: &Caller<'_>, email: &str) -> String {
    let listed = caller.ok("team.list_members", json!({}));
    let mut members = listed["members"].as_array().unwrap().iter();
    let member = members.find(|it| it["email"] == email).unwrap();
    member["person"].as_str().unwrap().to_owned()
}

fn cash(caller: &Caller<'_>) -> String {
    trial_balance(caller, None)[0].2.clone()
}

/// What `daybook export` would write now.
pub fn export(instance: &Instance, slug: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let workspace = find(instance.app(), slug).unwrap();
    let (manifest, mut files) = gather(instance.app(), &workspace).unwrap();
    seal(manifest, &mut files).unwrap();
    for (name, bytes) in &files {
        write(folder.path(), name, bytes).unwrap();
    }
    folder
}

pub fn restore(instance: &Instance, slug: &str, folder: &Path, members: &str) -> LocalAnswer {
    let request = LocalRequest {
        operation: "restore".to_owned(),
        workspace: None,
        r#as: None,
        input: json!({"workspace": slug, "folder": folder, "members": members}),
        format: "json".to_owned(),
    };
    let answer = answer_local(instance.app(), request);
    instance.runtime().block_on(answer)
}

pub fn restored(instance: &Instance, slug: &str, folder: &Path, members: &str) -> Value {
    let answer = restore(instance, slug, folder, members);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn is_whole(instance: &Instance, workspace: Option<&str>) {
    let verdict = instance.engine().desk(workspace).unwrap().verify().unwrap();
    assert!(verdict.is_whole(), "{workspace:?}: {verdict}");
}

fn told(instance: &Instance, workspace: Option<&str>, operation: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM audit_records
         WHERE operation = '{operation}' AND outcome = 'allowed'"
    );
    instance.peek(workspace, &sql)
}

/// Runs `work` while the neighbour posts one entry after the other; answers how
/// many were taken, each of which was answered well.
fn while_globex_posts(instance: &Instance, work: impl FnOnce()) -> i64 {
    let ended = AtomicBool::new(false);
    let neighbour = instance.sign_in(NEIGHBOUR, "globex");
    std::thread::scope(|scope| {
        let posting = scope.spawn(|| {
            let mut posted = 0;
            while !ended.load(Ordering::Relaxed) || posted == 0 {
                sell(&neighbour, "1.00");
                posted += 1;
            }
            posted
        });
        work();
        ended.store(true, Ordering::Relaxed);
        posting.join().unwrap()
    })
}

#[test]
fn a_workspace_goes_back_while_its_neighbour_is_written_to() {
    for_both_stores(|on| {
        let mut instance = neighbours(on);
        let owner = instance.member(Role::Owner);
        let token = owner.token(&["books.*"]);
        let viewer = instance.member(Role::Viewer);
        assign(&instance, &["1000"]);
        let yesterday = export(&instance, "acme");
        let before = trial_balance(&owner, None);

        // Today much is done, and much of it is wrong.
        sell(&owner, "999.00");
        let account = json!({"code": "7777", "name": "Wrong", "kind": "expense"});
        owner.ok("books.open_account", account);
        assign(&instance, &["7777"]);
        let gone = json!({"person": person_of(&owner, "viewer@example.com")});
        instance.owner().ok("team.remove_member", gone);
        let manager = instance.member(Role::Manager);

        let mut answer = Value::Null;
        let posted = while_globex_posts(&instance, || {
            answer = restored(&instance, "acme", yesterday.path(), "now");
        });
        let kept_as = answer["kept_as"].as_str().unwrap();
        assert_eq!(kept_as, "acme-before-2026-06-15");

        // The same session meets the books of yesterday at its next request.
        assert_eq!(trial_balance(&owner, None), before);
        assert_eq!(sell(&owner, "5.00")["number"], 2);
        assert_eq!(cash(&owner), "105.00");
        // Rights are those of today, and the token is good for nothing.
        viewer.refused("books.trial_balance", json!({}), 404);
        assert_eq!(cash(&manager), "105.00");
        token.refused("books.trial_balance", json!({}), 401);
        let assigned = "SELECT count(*) FROM assignments";
        assert_eq!(instance.peek(Some("acme"), assigned), 1);
        let colleagues = owner.ok("team.list_members", json!({}));
        assert_eq!(colleagues["members"].as_array().unwrap().len(), 3);

        // What was there before opens to nobody, and is in no list.
        let said = owner
            .at(kept_as)
            .refused("books.trial_balance", json!({}), 403);
        assert!(said.contains("locked"), "{said}");
        let listed = owner.ok("identity.list_workspaces", json!({}));
        assert_eq!(listed["workspaces"].as_array().unwrap().len(), 1);

        // All three logs tell of it, and all are whole; what was there is there.
        for workspace in [None, Some(kept_as)] {
            assert_eq!(told(&instance, workspace, "identity.restore_workspace"), 1);
            is_whole(&instance, workspace);
        }
        assert_eq!(told(&instance, Some("acme"), "trust.import_workspace"), 1);
        is_whole(&instance, Some("acme"));
        let entries = "SELECT count(*) FROM entries";
        assert_eq!(instance.peek(Some(kept_as), entries), 2);

        // The neighbour lost nothing.
        assert_eq!(instance.peek(Some("globex"), entries), posted);
        let checked = globex(&instance).ok("books.check_balances", json!({}));
        assert_eq!(checked["good"], true);
        is_whole(&instance, Some("globex"));
        instance.restart();
        assert_eq!(cash(&instance.local("acme")), "105.00");
        assert_eq!(cash(&globex(&instance)), format!("{posted}.00"));
    });
}

/// How many databases there are: what failed leaves none.
fn databases(instance: &Instance) -> i64 {
    if let Some(database) = instance.database() {
        let mut client = daybook_testkit::Cluster::shared().client(database);
        let sql = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'ws\\_%'";
        return client.query_one(sql, &[]).unwrap().get(0);
    }
    let files = std::fs::read_dir(instance.folder().join("databases")).unwrap();
    let names = files.map(|it| it.unwrap().file_name().into_string().unwrap());
    let files = names.filter(|name| {
        name.starts_with("ws_") && name.split('.').nth(1) == Some("db") && !name.contains('-')
    });
    i64::try_from(files.count()).unwrap()
}

#[test]
fn what_cannot_be_restored_changes_nothing_for_anybody() {
    for_both_stores(|on| {
        let instance = neighbours(on);
        let own = export(&instance, "acme");
        sell(&instance.local("acme"), "999.00");
        let listed = instance
            .local_as("owner@example.com", "acme")
            .ok("identity.list_workspaces", json!({}));
        let refused = |slug: &str, folder: &Path, why: &str| {
            let answer = restore(&instance, slug, folder, "now");
            let said = answer.body.to_string();
            assert!((400..500).contains(&answer.status), "{said}");
            assert!(said.contains(why), "{said}");
            assert_eq!(cash(&instance.local("acme")), "1099.00");
            assert_eq!(databases(&instance), 2);
        };
        refused("nosuch", own.path(), "no such workspace");
        refused("acme", Path::new("/nowhere"), "manifest.json");
        let other = export(&instance, "globex");
        refused("acme", other.path(), "of another workspace");
        let foreign = export(&with_books(On::Embedded), "acme");
        refused("acme", foreign.path(), "of another instance");
        let lines = own.path().join("tables/lines.jsonl");
        let forged = std::fs::read_to_string(&lines).unwrap();
        std::fs::write(&lines, forged.replace("10000", "90000")).unwrap();
        refused("acme", own.path(), "its hash differs");
        // Nor is a key taken that this instance did not seal.
        let workspace = json!({
            "workspace": "acme", "by": "0123456789abcdef0123456789abcdef",
            "sealed_key": "AQID", "exported": "0".repeat(32),
            "exported_at": "2026-06-14T12:00:00Z", "manifest_sha256": "0".repeat(64),
        });
        let operator = instance.operator();
        operator.refused("identity.restore_workspace", workspace, 422);
        let still = instance
            .local_as("owner@example.com", "acme")
            .ok("identity.list_workspaces", json!({}));
        assert_eq!(still, listed);
    });
}

#[test]
fn a_workspace_that_was_restored_goes_back_to_older_exports_too() {
    for_both_stores(|on| {
        let instance = neighbours(on);
        let first = export(&instance, "acme");
        sell(&instance.local("acme"), "10.00");
        let second = export(&instance, "acme");
        restored(&instance, "acme", first.path(), "now");
        assert_eq!(cash(&instance.local("acme")), "100.00");
        let again = restored(&instance, "acme", second.path(), "now");
        assert_eq!(cash(&instance.local("acme")), "110.00");
        // There is one of that name already, and both are kept.
        assert_eq!(again["kept_as"], "acme-before-2026-06-15-2");
        assert_eq!(databases(&instance), 4);
    });
}

/// The practice of the neighbour reads acme's books by a grant.
fn grant(instance: &Instance) -> String {
    let listed = globex(instance).ok("identity.list_workspaces", json!({}));
    let terms = json!({
        "practice": listed["workspaces"][0]["id"], "scope": "books.read",
        "purpose": "The year's end", "until": "2026-08-01",
    });
    let offered = instance.member(Role::Owner).ok("team.offer_grant", terms);
    let accept = json!({"grant": offered["grant"]});
    until("the grant arrives", || {
        let practice = globex(instance);
        practice.call("team.accept_grant", accept.clone()).status == 200
    });
    offered["grant"].as_str().unwrap().to_owned()
}

#[test]
fn grants_end_on_both_sides_when_a_workspace_goes_back() {
    for_both_stores(|on| {
        let instance = neighbours(on);
        grant(&instance);
        let clerk = instance.sign_in(NEIGHBOUR, "globex~acme");
        clerk.ok("books.trial_balance", json!({}));
        let folder = export(&instance, "acme");
        restored(&instance, "acme", folder.path(), "now");
        let left = clerk.call("books.trial_balance", json!({})).status;
        assert!(matches!(left, 403 | 404), "{left}");
        until("the practice is told", || {
            let listed = globex(&instance).ok("team.list_grants", json!({}));
            listed["received"][0]["state"] == "revoked"
        });
        let listed = instance.owner().ok("team.list_grants", json!({}));
        assert_eq!(listed["given"], json!([]));
        // What ended is published to the members, who came along.
        let changes = instance.owner().ok("team.list_access_changes", json!({}));
        assert!(changes.to_string().contains("grant"), "{changes}");
    });
}

/// Puts noise in the place of a workspace's file, or takes its schema away.
pub fn damage(instance: &mut Instance, slug: &str) {
    let name = instance.schema(Some(slug));
    if let Some(database) = instance.database() {
        let mut client = daybook_testkit::Cluster::shared().client(database);
        let sql = format!("DROP SCHEMA {name} CASCADE");
        return client.batch_execute(&sql).unwrap();
    }
    let file = instance.folder().join(format!("databases/{name}.db"));
    // A server that has it open works on in what it has in memory.
    instance.stop();
    for end in ["db-wal", "db-shm"] {
        let _ = std::fs::remove_file(file.with_extension(end));
    }
    let length = usize::try_from(file.metadata().unwrap().len()).unwrap();
    std::fs::write(&file, vec![0x5a; length]).unwrap();
    instance.restart();
}

#[test]
fn a_workspace_whose_database_is_damaged_says_so_and_is_restored() {
    for_both_stores(|on| {
        let mut instance = neighbours(on);
        let (owner, viewer) = (instance.member(Role::Owner), instance.member(Role::Viewer));
        let stranger = instance.sign_in(NEIGHBOUR, "acme");
        let nothing = stranger.refused("books.trial_balance", json!({}), 404);
        let folder = export(&instance, "acme");
        let gone = json!({"person": person_of(&owner, "viewer@example.com")});
        instance.owner().ok("team.remove_member", gone);
        until("the directory is told", || {
            let listed = viewer.ok("identity.list_workspaces", json!({}));
            listed["workspaces"] == json!([])
        });
        let [owner, viewer, stranger] =
            [owner, viewer, stranger].map(|caller| caller.secret().to_owned());
        let file = instance.schema(Some("acme"));
        let file = instance.folder().join(format!("databases/{file}.db"));
        damage(&mut instance, "acme");
        for is_gone in [false, true] {
            if is_gone {
                instance.stop();
                let _ = std::fs::remove_file(&file);
                instance.restart();
            }
            let owner = instance.cookie(&owner, "acme");
            let said = owner.refused("books.trial_balance", json!({}), 503);
            assert!(said.contains("damaged or gone"), "{said}");
            let sale = entry("2026-03-01", "Sale", "1000", "4000", "1.00");
            owner.refused("books.post_entry", sale, 503);
            let page = owner.send(Request::new("GET", "/w/acme/books/entries"));
            assert_eq!(page.status, 503, "{}", page.text());
            assert!(page.text().contains("damaged or gone"), "{}", page.text());
            let stranger = instance.cookie(&stranger, "acme");
            assert_eq!(
                stranger.refused("books.trial_balance", json!({}), 404),
                nothing
            );
            sell(&globex(&instance), "1.00");
        }
        // Nobody knows who may do what now, so nobody's rights are guessed at.
        let unread = restore(&instance, "acme", folder.path(), "now");
        assert_eq!(unread.status, 503, "{}", unread.body);
        restored(&instance, "acme", folder.path(), "exported");
        let owner = instance.cookie(&owner, "acme");
        assert_eq!(cash(&owner), "100.00");
        let viewer = instance.cookie(&viewer, "acme");
        viewer.refused("books.trial_balance", json!({}), 404);
        assert_eq!(cash(&globex(&instance)), "2.00");
    });
}
