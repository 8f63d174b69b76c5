//! One workspace shows nothing of another: not in answers, not in the database,
//! not in files, caches or limits.

use std::num::NonZeroU32;

use daybook_kernel::Role;
use daybook_testkit::{Answer, Caller, Cluster, Instance, On, Options, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{entry, instance, open_books, product, trial_balance};

/// In every text that somebody of `acme` typed.
const CANARY: &str = "QXCANARY7";

/// `acme` full of canaries, and `globex` with an Owner of its own.
fn neighbours(on: On) -> Instance {
    let instance = instance(on);
    instance.make_person("neighbour@example.com");
    instance.make_workspace("globex", "neighbour@example.com");
    let owner = instance.owner();
    open_books(&owner);
    open_books(&instance.local_as("neighbour@example.com", "globex"));
    owner.ok(
        "books.open_account",
        json!({"code": format!("9{CANARY}"), "name": format!("{CANARY} account"), "kind": "asset"}),
    );
    let mut posted = entry(
        "2026-03-01",
        &format!("{CANARY} sale"),
        "1000",
        "4000",
        "123456.78",
    );
    posted["note"] = json!(format!("{CANARY} note"));
    posted["reference"] = json!(format!("{CANARY} reference"));
    posted["tags"] = json!([format!("{CANARY}-tag")]);
    owner.ok("books.post_entry", posted);
    owner.ok(
        "books.lock_period",
        json!({"through": "2026-01-31", "reason": format!("{CANARY} reason")}),
    );
    owner.ok(
        "team.create_api_token",
        json!({"name": format!("{CANARY} token"), "scopes": ["*"]}),
    );
    instance
}

fn neighbour(instance: &Instance) -> Caller<'_> {
    instance.sign_in("neighbour@example.com", "globex")
}

#[test]
fn one_workspace_shows_nothing_of_another() {
    for_both_stores(|on| {
        let instance = neighbours(on);
        let own = instance.owner();
        let other = neighbour(&instance);
        let token = instance
            .local_as("neighbour@example.com", "globex")
            .token(&["*"]);
        let ids = ids_of(&own);
        let secret = |answer: &Answer| {
            let text = answer.text();
            let typed = ["account", "sale", "note", "reference", "reason", "token"];
            let typed = typed.map(|word| format!("{CANARY} {word}"));
            text.contains("123456.78") || typed.iter().any(|words| text.contains(words))
        };
        for operation in instance
            .engine()
            .registry()
            .operations()
            .filter(|it| it.in_workspace() && !it.is_command())
        {
            let name = operation.spec.name;
            for input in inputs(&(operation.example)(), &ids) {
                for caller in [&other, &token] {
                    let at_home = caller.call(name, input.clone());
                    assert!(
                        !secret(&at_home),
                        "{name} {input} at home: {}",
                        at_home.text()
                    );
                    let abroad = caller.at("acme").call(name, input.clone());
                    assert!(
                        matches!(abroad.status, 401 | 404),
                        "{name} {input}: {}",
                        abroad.status
                    );
                    assert!(!secret(&abroad), "{name} {input} abroad: {}", abroad.text());
                }
            }
        }
        let listed = other.ok("identity.list_workspaces", json!({})).to_string();
        assert!(!listed.contains("acme"), "{listed}");
    });
}

/// Every id, code and number that answers in `acme` name.
fn ids_of(own: &Caller<'_>) -> Vec<Value> {
    let mut ids = vec![
        json!(1),
        json!("1"),
        json!(format!("9{CANARY}")),
        json!(CANARY),
        json!(format!("{CANARY}-tag")),
    ];
    for operation in [
        "team.list_members",
        "team.list_api_tokens",
        "trust.list_activity",
    ] {
        let text = own.ok(operation, json!({})).to_string();
        ids.extend(
            text.split('"')
                .filter(|word| word.len() >= 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .map(|word| json!(word)),
        );
    }
    ids.sort_by_key(ToString::to_string);
    ids.dedup();
    ids.truncate(40);
    ids
}

/// The example, and the example with each field in turn naming each id.
fn inputs(example: &Value, ids: &[Value]) -> Vec<Value> {
    let mut inputs = vec![example.clone(), json!({})];
    for field in example.as_object().into_iter().flat_map(|it| it.keys()) {
        for id in ids {
            let mut input = example.clone();
            input[field] = id.clone();
            inputs.push(input);
        }
    }
    inputs
}

#[test]
fn every_operation_hides_a_foreign_workspace() {
    for_both_stores(|on| {
        let instance = neighbours(on);
        let id = instance
            .local_as("owner@example.com", "acme")
            .ok("identity.list_workspaces", json!({}));
        let id = id["workspaces"][0]["id"]
            .as_str()
            .unwrap_or("acme")
            .to_owned();
        let other = neighbour(&instance);
        let token = instance
            .local_as("neighbour@example.com", "globex")
            .token(&["*"]);
        for operation in instance
            .engine()
            .registry()
            .operations()
            .filter(|it| it.in_workspace())
        {
            let name = operation.spec.name;
            for input in [(operation.example)(), json!({"surprise": 1})] {
                for (caller, status) in [(&other, 404), (&token, 401)] {
                    let unknown = caller.at("nosuch").call(name, input.clone());
                    for there in ["acme", &id] {
                        let foreign = caller.at(there).call(name, input.clone());
                        assert_eq!(
                            foreign.status,
                            status,
                            "{name} at {there}: {}",
                            foreign.text()
                        );
                        assert_eq!(foreign.status, unknown.status, "{name} at {there}");
                        assert_eq!(foreign.text(), unknown.text(), "{name} at {there}");
                        assert_eq!(telling(&foreign), telling(&unknown), "{name} at {there}");
                    }
                }
            }
        }
    });
}

/// The headers but those that differ between any two answers.
fn telling(answer: &Answer) -> Vec<(String, String)> {
    let mut headers = answer.headers.clone();
    headers.retain(|(name, _)| name != "x-request-id" && name != "date");
    headers
}

#[test]
fn each_workspace_has_a_database_of_its_own() {
    for_both_stores(|on| {
        let instance = neighbours(on);
        let entries = |workspace| instance.peek(Some(workspace), "SELECT count(*) FROM entries");
        assert_eq!((entries("acme"), entries("globex")), (1, 0));
        assert_ne!(
            instance.schema(Some("acme")),
            instance.schema(Some("globex"))
        );
        if on == On::Embedded {
            let files = std::fs::read_dir(instance.folder().join("databases")).unwrap();
            let names: Vec<String> = files
                .map(|it| it.unwrap().file_name().into_string().unwrap())
                .collect();
            for workspace in [None, Some("acme"), Some("globex")] {
                let name = format!("{}.db", instance.schema(workspace));
                assert!(names.contains(&name), "{name} in {names:?}");
            }
        }
        instance
            .tamper(Some("acme"), "DELETE FROM api_tokens")
            .unwrap();
        assert_eq!(
            trial_balance(&instance.local_as("neighbour@example.com", "globex"), None),
            []
        );
    });
}

#[test]
fn the_database_role_of_a_workspace_is_refused_by_its_neighbour() {
    let instance = neighbours(On::Postgres);
    let (own, other) = (
        instance.schema(Some("acme")),
        instance.schema(Some("globex")),
    );
    let mut client = Cluster::shared().client(instance.database().unwrap());
    let mut as_neighbour = |sql: &str| {
        let sql = format!("BEGIN; SET LOCAL ROLE {other}; {sql}");
        let done = client.batch_execute(&sql);
        client.batch_execute("ROLLBACK").unwrap();
        done.map_err(|error| {
            error
                .as_db_error()
                .map(|it| it.code().code().to_owned())
                .unwrap_or_default()
        })
    };
    assert_eq!(
        as_neighbour(&format!("SELECT * FROM {other}.entries")),
        Ok(())
    );
    for table in [
        "entries",
        "lines",
        "accounts",
        "members",
        "api_tokens",
        "audit_records",
    ] {
        for schema in [own.as_str(), "daybook_instance"] {
            let sql = format!("SELECT * FROM {schema}.{table}");
            assert_eq!(as_neighbour(&sql), Err("42501".to_owned()), "{sql}");
        }
        let sql = format!("DELETE FROM {own}.{table}");
        assert_eq!(as_neighbour(&sql), Err("42501".to_owned()), "{sql}");
    }
    for sql in [
        format!("CREATE TABLE {other}.mine (x BIGINT)"),
        format!("DROP TABLE {other}.entries"),
        format!("ALTER TABLE {other}.entries DISABLE TRIGGER ALL"),
        format!("INSERT INTO {other}.migrations VALUES ('x', 1)"),
        format!("DELETE FROM {other}.guards"),
    ] {
        assert_eq!(as_neighbour(&sql), Err("42501".to_owned()), "{sql}");
    }
}

#[test]
fn what_one_workspace_encrypted_another_cannot_read() {
    let mut instance = neighbours(On::Embedded);
    let file = |instance: &Instance, workspace| {
        instance
            .folder()
            .join("databases")
            .join(format!("{}.db", instance.schema(Some(workspace))))
    };
    let (own, other) = (file(&instance, "acme"), file(&instance, "globex"));
    instance.stop();
    for path in [&own, &other] {
        // A stopped instance has written everything into the file.
        let _ = std::fs::remove_file(path.with_extension("db-wal"));
        let _ = std::fs::remove_file(path.with_extension("db-shm"));
    }
    let aside = other.with_extension("aside");
    std::fs::rename(&other, &aside).unwrap();
    std::fs::copy(&own, &other).unwrap();
    instance.restart();
    let answer = instance
        .local_as("neighbour@example.com", "globex")
        .call("books.journal", json!({}));
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert!(!answer.text().contains(CANARY));
    let Err(why) = instance.engine().desk(Some("globex")) else {
        panic!("globex opens acme's file");
    };
    let why = format!("{why:?}");
    assert!(
        why.contains("does not open with this workspace's key")
            && why.contains("another workspace's file"),
        "{why}"
    );
    // The neighbour is not touched by it, and the right file opens again.
    instance.owner().ok("books.journal", json!({}));
    std::fs::rename(&aside, &other).unwrap();
    instance
        .local_as("neighbour@example.com", "globex")
        .ok("books.journal", json!({}));
}

#[test]
fn sealed_columns_do_not_open_elsewhere() {
    let instance = neighbours(On::Postgres);
    let (own, other) = (
        instance.schema(Some("acme")),
        instance.schema(Some("globex")),
    );
    // The bytes of one workspace's account names put into the other's table.
    let sql = format!(
        "UPDATE {other}.accounts SET name = (SELECT name FROM {own}.accounts WHERE code = '1000') WHERE code = '1000'"
    );
    instance.tamper(Some("globex"), &sql).unwrap();
    let answer = instance
        .local_as("neighbour@example.com", "globex")
        .call("books.list_accounts", json!({}));
    assert_eq!(answer.status, 500, "{}", answer.text());
    // Nor do the bytes of one column open in another.
    instance
        .tamper(
            Some("acme"),
            "UPDATE accounts SET name = (SELECT email FROM members LIMIT 1) WHERE code = '1000'",
        )
        .unwrap();
    assert_eq!(
        instance
            .owner()
            .call("books.list_accounts", json!({}))
            .status,
        500
    );
}

#[test]
fn destroying_a_key_destroys_one_workspace_alone() {
    for_both_stores(|on| {
        let mut instance = neighbours(on);
        instance
            .tamper(
                None,
                "UPDATE workspaces SET wrapped_key = CAST('' AS BYTEA) WHERE slug = 'acme'",
            )
            .or_else(|_| {
                instance.tamper(
                    None,
                    "UPDATE workspaces SET wrapped_key = x'' WHERE slug = 'acme'",
                )
            })
            .unwrap();
        instance.restart();
        let answer = instance.owner().call("books.journal", json!({}));
        assert_eq!(answer.status, 500, "{}", answer.text());
        let other = instance.local_as("neighbour@example.com", "globex");
        other.ok("books.journal", json!({}));
        other.ok(
            "books.post_entry",
            entry("2026-03-02", "Sale", "1000", "4000", "1.00"),
        );
    });
}

#[test]
fn caches_limits_and_folders_are_kept_apart() {
    for_both_stores(|on| {
        let mut options = Options::on(on);
        options.allowances.requests_per_second = NonZeroU32::new(10).unwrap();
        options.open_workspaces_max = 1;
        let instance = Instance::start(product(), options);
        instance.make_person("neighbour@example.com");
        instance.make_workspace("globex", "neighbour@example.com");
        let own = instance.owner().token(&["*"]);
        let other = instance
            .local_as("neighbour@example.com", "globex")
            .token(&["*"]);
        let known = instance.owner().token(&["*"]);
        known.ok("team.list_members", json!({}));
        // In the second after a start nobody has a burst yet.
        let asks = |_| other.call("team.show_roles", json!({})).status == 200;
        while !(0..3).all(asks) {}
        // One caller spends all of theirs; the neighbour has what is theirs.
        let mut refused = 0;
        for _ in 0..60 {
            refused += u32::from(own.call("team.show_roles", json!({})).status == 429);
        }
        assert!(refused > 0);
        assert_eq!(other.call("team.show_roles", json!({})).status, 200);
        // What one asked a moment ago is not what the other is answered.
        for _ in 0..3 {
            let answer = other.call("team.list_members", json!({}));
            assert!(answer.text().contains("neighbour@"), "{}", answer.text());
            assert!(!answer.text().contains("owner@"), "{}", answer.text());
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
        // A token that is known in one workspace is nobody in the other.
        for (caller, elsewhere) in [(&known, "globex"), (&other, "acme")] {
            let ask = || caller.at(elsewhere).call("team.list_members", json!({}));
            // Whoever is not known waits with all others of their network.
            let answer = std::iter::repeat_with(ask).find(|answer| answer.status != 429);
            assert_eq!(answer.map(|answer| answer.status), Some(401));
        }
    });
}

#[test]
fn a_neighbour_cannot_even_be_refused_differently_by_role() {
    let instance = neighbours(On::Embedded);
    let viewer = instance.member(Role::Viewer).at("globex");
    for operation in ["books.journal", "books.post_entry", "team.add_member"] {
        viewer.refused(operation, json!({}), 404);
    }
}
