//! How long the logs keep what they tell: sign-ins and refusals a year, the deeds
//! of members for good; and that nobody shortens it.

use daybook_kernel::Role;
use daybook_testkit::{Cluster, Instance, On, for_both_stores};
use jiff::SignedDuration;
use serde_json::json;

use crate::scene::with_books;

const OWNER: &str = "owner@example.com";

/// A wrong password, a refusal in the workspace, and an account that is opened.
fn live(instance: &Instance, viewer: &str, code: &str) {
    let wrong = json!({"email": OWNER, "password": "not the right password"});
    instance.anonymous().refused("identity.sign_in", wrong, 403);
    let account = json!({"code": code, "name": code, "kind": "asset"});
    let viewer = instance.local_as(viewer, "acme");
    viewer.refused("books.open_account", account.clone(), 403);
    instance.owner().ok("books.open_account", account);
}

fn days(instance: &Instance, count: i64) {
    instance
        .clock
        .advance(SignedDuration::from_hours(24 * count));
}

/// How many records of an operation there are, and how many still have their content.
fn kept(instance: &Instance, workspace: Option<&str>, operation: &str, outcome: &str) -> [i64; 2] {
    ["", " AND content IS NOT NULL AND salt IS NOT NULL"].map(|and| {
        let sql = format!(
            "SELECT count(*) FROM audit_records
             WHERE operation = '{operation}' AND outcome = '{outcome}'{and}"
        );
        instance.peek(workspace, &sql)
    })
}

fn sign_ins(instance: &Instance) -> [i64; 2] {
    kept(instance, None, "identity.sign_in", "refused")
}

fn refusals(instance: &Instance) -> [i64; 2] {
    kept(instance, Some("acme"), "books.open_account", "refused")
}

/// Housekeeping comes by every few seconds; half a minute is more than it takes.
pub fn until(is_so: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if is_so() {
            return;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
    panic!("it never was so");
}

#[test]
fn sign_ins_and_refusals_are_kept_for_a_year_and_then_lose_their_content() {
    for_both_stores(|on| {
        let mut instance = with_books(on);
        let viewer = instance.colleague(Role::Viewer);
        live(&instance, &viewer, "7001");
        days(&instance, 3);
        live(&instance, &viewer, "7002");
        let deeds = || kept(&instance, Some("acme"), "books.open_account", "allowed");
        let deeds_before = deeds();
        // The first are 367 days old, the second 364; nobody opened the workspace.
        days(&instance, 364);
        until(|| sign_ins(&instance) == [2, 1]);
        until(|| refusals(&instance) == [2, 1]);
        assert_eq!(deeds(), deeds_before);
        for workspace in [None, Some("acme")] {
            let verdict = instance.engine().desk(workspace).unwrap().verify().unwrap();
            assert!(verdict.is_whole() && verdict.erased > 0, "{verdict}");
            let told = kept(
                &instance,
                workspace,
                "trust.erase_expired_records",
                "allowed",
            );
            assert_eq!(told, [1, 1]);
        }
        // What is left tells when, what and by whom, and no more.
        let left = "SELECT count(*) FROM audit_records WHERE content IS NULL
             AND target_id IS NULL AND leaf IS NOT NULL AND at_ms > 0 AND actor IS NOT NULL";
        assert_eq!(instance.peek(Some("acme"), left), 1);
        instance.restart();
        days(&instance, 3);
        until(|| sign_ins(&instance) == [2, 0]);
        until(|| refusals(&instance) == [2, 0]);
        let verdict = instance.engine().desk(None).unwrap().verify().unwrap();
        assert!(verdict.is_whole(), "{verdict}");
    });
}

const YOUNG: &str = "UPDATE audit_records SET salt = NULL, content = NULL, target_id = NULL
     WHERE seq = (SELECT max(seq) FROM audit_records)";

#[test]
fn the_store_refuses_to_change_a_record_before_its_time_or_to_delete_one() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let viewer = instance.colleague(Role::Viewer);
        live(&instance, &viewer, "7001");
        days(&instance, 367);
        until(|| sign_ins(&instance) == [1, 0]);
        for workspace in [None, Some("acme")] {
            for sql in [
                YOUNG,
                "DELETE FROM audit_records WHERE seq = 1",
                "DELETE FROM audit_records",
                "UPDATE audit_records SET operation = 'x' WHERE seq = 1",
                "UPDATE audit_records SET content = leaf WHERE seq = 1",
            ] {
                let why = instance.tamper(workspace, sql).unwrap_err();
                assert!(why.contains("guard audit_"), "{sql}: {why}");
            }
        }
    });
}

#[test]
fn the_servers_role_has_no_right_to_change_records_and_the_erasers_none_but_that() {
    let instance = with_books(On::Postgres);
    let mut client = Cluster::shared().client(instance.database().unwrap());
    for workspace in [None, Some("acme")] {
        let schema = instance.schema(workspace);
        let mut refused = |role: &str, sql: &str| {
            let begin = format!("BEGIN; SET LOCAL ROLE {role}; SET LOCAL search_path = {schema}");
            client.batch_execute(&begin).unwrap();
            let done = client.batch_execute(sql);
            client.batch_execute("ROLLBACK").unwrap();
            let error = done.expect_err(sql);
            error.as_db_error().unwrap().code().code().to_owned()
        };
        // No right at all, whatever the age.
        for sql in [
            YOUNG,
            "UPDATE audit_records SET content = NULL",
            "DELETE FROM audit_records",
            "TRUNCATE audit_records",
            "DROP TABLE audit_records",
            "ALTER TABLE audit_records DISABLE TRIGGER ALL",
        ] {
            assert_eq!(refused(&schema, sql), "42501", "{sql}");
        }
        let eraser = format!("{schema}_eraser");
        for sql in [
            "DELETE FROM audit_records",
            "TRUNCATE audit_records",
            "UPDATE audit_records SET leaf = NULL",
            "INSERT INTO audit_head SELECT * FROM audit_head",
            "SELECT * FROM audit_head",
        ] {
            assert_eq!(refused(&eraser, sql), "42501", "{sql}");
        }
        // And what it may do, not before its time.
        assert_eq!(refused(&eraser, YOUNG), "P0001");
    }
}
