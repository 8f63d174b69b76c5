//! Databases as they come and go: opened beyond the bound, cut off half-way,
//! guarded by themselves.

use daybook_testkit::{Cluster, Instance, On, Options, for_both_stores, until};
use serde_json::json;

use crate::scene::{entry, open_books, product, trial_balance, with_books};

#[test]
fn workspaces_beyond_the_bound_are_opened_in_turn() {
    for_both_stores(|on| {
        let mut options = Options::on(on);
        options.open_workspaces_max = 2;
        let instance = Instance::start(product(), options);
        let names: Vec<String> = (0..5).map(|number| format!("w{number}")).collect();
        for name in &names {
            instance.make_workspace(name, "owner@example.com");
            open_books(&instance.local(name));
        }
        for round in 1..=3 {
            for (index, name) in names.iter().enumerate() {
                let amount = format!("{}.00", index + 1);
                let posted = instance.local(name).ok(
                    "books.post_entry",
                    entry("2026-03-01", name, "1000", "4000", &amount),
                );
                assert_eq!(posted["number"], round);
            }
        }
        for (index, name) in names.iter().enumerate() {
            let rows = trial_balance(&instance.local(name), None);
            assert_eq!(rows[0].2, format!("{}.00", 3 * (index + 1)), "{name}");
            assert!(instance.log_is_whole(Some(name)));
        }
        assert!(
            instance.engine().open_count() <= 2 + 1,
            "{}",
            instance.engine().open_count()
        );
    });
}

#[test]
fn a_workspace_that_was_never_opened_is_founded_at_its_first_opening() {
    for_both_stores(|on| {
        let mut instance = crate::scene::instance(on);
        // Made, and cut off before anybody looked.
        let owner = instance.owner();
        owner.ok(
            "identity.create_workspace",
            json!({"name": "Globex", "slug": "globex"}),
        );
        instance.restart();
        let listed = instance.local("globex").ok("team.list_members", json!({}));
        assert_eq!(listed["members"].as_array().unwrap().len(), 1);
        assert_eq!(listed["members"][0]["role"], "Owner");
        // Once only.
        instance.restart();
        let again = instance.local("globex").ok("team.list_members", json!({}));
        assert_eq!(again, listed);
    });
}

/// Roles are the server's, and databases of several instances share the name of
/// one: whoever comes second to grant it finds it done.
#[test]
fn instances_that_start_at_once_on_one_server_do_not_collide() {
    let instance = Instance::start(product(), Options::on(On::Postgres));
    let mut other = Cluster::shared().client("postgres");
    let mut watch = Cluster::shared().client("postgres");
    for role in ["daybook_instance", "daybook_instance_eraser"] {
        let mut run = |sql: String| other.batch_execute(&sql).unwrap();
        run(format!("REVOKE {role} FROM daybook"));
        run(format!("BEGIN; GRANT {role} TO daybook"));
        std::thread::scope(|scope| {
            let second = scope.spawn(|| instance.another_process());
            until("the second waits for the first", || {
                let waiting = "SELECT 1 FROM pg_stat_activity
                     WHERE wait_event_type = 'Lock' AND query LIKE '%GRANT%'";
                second.is_finished() || !watch.query(waiting, &[]).unwrap().is_empty()
            });
            run("COMMIT".to_owned());
            second.join().unwrap();
        });
    }
}

#[test]
fn a_restart_loses_nothing() {
    for_both_stores(|on| {
        let mut instance = with_books(on);
        instance.owner().ok(
            "books.post_entry",
            entry("2026-03-01", "Sale", "1000", "4000", "5.00"),
        );
        let before = instance.owner().ok("books.journal", json!({}));
        instance.restart();
        assert_eq!(instance.owner().ok("books.journal", json!({})), before);
        let next = instance.owner().ok(
            "books.post_entry",
            entry("2026-03-02", "Sale", "1000", "4000", "5.00"),
        );
        assert_eq!(next["number"], 2);
        assert!(instance.log_is_whole(Some("acme")));
    });
}

#[test]
fn the_store_itself_refuses_to_change_what_was_posted() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.owner();
        owner.ok(
            "books.post_entry",
            entry("2026-03-01", "Sale", "1000", "4000", "5.00"),
        );
        owner.ok("books.close_account", json!({"account": "2000"}));
        let account = instance.peek(Some("acme"), "SELECT id FROM accounts WHERE code = '2000'");
        let late = format!(
            "INSERT INTO lines (entry, line, account, date, amount, currency, base) VALUES (9, 1, {account}, 20260301, 1, 'EUR', 1)"
        );
        for (sql, guard) in [
            ("UPDATE entries SET date = 20260302", "entry_is_not_changed"),
            ("DELETE FROM entries", "entry_is_not_removed"),
            ("UPDATE lines SET amount = 1", "line_is_not_changed"),
            ("DELETE FROM lines WHERE line = 1", "line_is_not_removed"),
            (
                "INSERT INTO lines SELECT entry, 9, account, date, amount, currency, base, rate, note FROM lines WHERE line = 1",
                "line_joins_no_posted_entry",
            ),
            (
                "INSERT INTO entries (number, date, posted_at_ms) VALUES (9, 20260301, 0)",
                "entry_balances",
            ),
            (late.as_str(), "line_is_to_an_open_account"),
        ] {
            let refused = instance.tamper(Some("acme"), sql).unwrap_err();
            assert!(refused.contains(guard), "{sql}: {refused}");
        }
        let checked = owner.ok("books.check_balances", json!({}));
        assert_eq!(checked["good"], true, "{checked}");
    });
}
