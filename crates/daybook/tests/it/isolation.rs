//! One workspace shows nothing of another: not in answers, not in the database,
//! not in files, caches or limits.

use std::num::NonZeroU32;

use daybook_kernel::id::hex;
use daybook_kernel::{Role, Scope};
use daybook_testkit::{Answer, Caller, Cluster, Instance, On, Options, Request, for_both_stores};
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
        // Pages, and the addresses that no operation has.
        let pages = instance.engine().registry().pages_of(Scope::Workspace);
        let mut paths: Vec<String> = pages
            .map(|page| page.path.replace(['{', '}'], ""))
            .collect();
        paths.extend(["1", "under-way/1", "do/books.journal"].map(str::to_owned));
        for path in paths {
            let look = |at: &str| other.send(Request::new("GET", &format!("/w/{at}/{path}")));
            assert!(!secret(&look("globex")), "{path} at home");
            let (there, nowhere) = (look("acme"), look("nosuch"));
            assert_eq!(there.status, nowhere.status, "{path}");
            assert_ne!(there.status, 200, "{path}");
            let told = there.text().replace("acme", "nosuch");
            assert_eq!(told, nowhere.text(), "{path} tells of acme");
        }
        let progress = |who: &Caller<'_>, at: &str| {
            let path = format!("/api/v1/{at}/progress");
            who.send(Request::new("GET", &path)).status
        };
        assert_eq!(
            (progress(&other, "globex"), progress(&other, "acme")),
            (200, 404)
        );
        assert_eq!(
            (progress(&token, "globex"), progress(&token, "acme")),
            (200, 401)
        );
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
        assert_eq!(
            trial_balance(&instance.local_as("neighbour@example.com", "globex"), None),
            []
        );
    });
}

/// One person's two businesses are as apart as two people's.
#[test]
fn dropping_one_database_leaves_the_others_as_they_were() {
    for_both_stores(|on| {
        let mut instance = neighbours(on);
        instance.make_workspace("second", "owner@example.com");
        open_books(&instance.local("second"));
        let all = [Some("acme"), Some("globex"), Some("second")];
        let schemas = all.map(|workspace| instance.schema(workspace));
        if on == On::Embedded {
            let path = |name: &String| instance.folder().join(format!("databases/{name}.db"));
            let paths = [path(&schemas[0]), path(&schemas[1]), path(&schemas[2])];
            assert_eq!(databases(&instance).len(), all.len() + 1);
            instance.stop();
            let before = [1, 2].map(|at| std::fs::read(&paths[at]).unwrap());
            std::fs::remove_file(&paths[0]).unwrap();
            assert_eq!([1, 2].map(|at| std::fs::read(&paths[at]).unwrap()), before);
        } else {
            let mut client = Cluster::shared().client(instance.database().unwrap());
            let sql = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'ws\\_%'";
            assert_eq!(client.query_one(sql, &[]).unwrap().get::<_, i64>(0), 3);
            instance.stop();
            let sql = format!("DROP SCHEMA {} CASCADE", schemas[0]);
            client.batch_execute(&sql).unwrap();
        }
        instance.restart();
        let left = instance.local_as("neighbour@example.com", "globex");
        assert_eq!(
            left.ok("books.list_accounts", json!({}))["accounts"]
                .as_array()
                .unwrap()
                .len(),
            5
        );
        let left = instance.local("second");
        assert_eq!(
            left.ok("books.list_accounts", json!({}))["accounts"]
                .as_array()
                .unwrap()
                .len(),
            5
        );
    });
}

/// The files of databases, without what is written ahead of them.
fn databases(instance: &Instance) -> Vec<String> {
    let files = std::fs::read_dir(instance.folder().join("databases")).unwrap();
    let names = files.map(|it| it.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name.split('.').nth(1) == Some("db"))
        .filter(|name| !name.contains('-'))
        .collect()
}

#[test]
fn each_workspace_has_a_key_of_its_own() {
    for_both_stores(|on| {
        let instance = neighbours(on);
        instance.make_workspace("second", "owner@example.com");
        let desk = instance.engine().desk(None).unwrap();
        let mut keys: Vec<String> = wrapped_keys(&instance)
            .iter()
            .map(|(id, wrapped)| {
                let purpose = format!("workspaces.key:{id}");
                let key = desk.database.opening.vault.open(&purpose, wrapped).unwrap();
                // It opens as the key of no other workspace.
                let other = format!("workspaces.key:{}", "0".repeat(32));
                assert!(desk.database.opening.vault.open(&other, wrapped).is_err());
                hex(&key)
            })
            .collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 3);
        for key in keys {
            assert_eq!(key.len(), 64);
            assert_ne!(key, "0".repeat(64));
        }
    });
}

/// As they lie in the directory: the workspace, and its key.
fn wrapped_keys(instance: &Instance) -> Vec<(String, Vec<u8>)> {
    if let Some(database) = instance.database() {
        let sql = "SELECT id, wrapped_key FROM daybook_instance.workspaces";
        let rows = Cluster::shared().client(database).query(sql, &[]).unwrap();
        return rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    }
    let file = instance.embedded(None);
    let mut found = file
        .prepare("SELECT id, wrapped_key FROM workspaces")
        .unwrap();
    let rows = found
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
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
fn daybook_itself_works_with_the_role_of_the_workspace() {
    let instance = neighbours(On::Postgres);
    let own = instance.schema(Some("acme"));
    let other = instance.schema(Some("globex"));
    let roles = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'ws\\_%'
        AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole)";
    assert_eq!(instance.peek(None, roles), 0);
    let owner = instance.owner();
    // What is taken from the role is taken from whoever reads and writes here.
    for (right, query) in [("SELECT", true), ("INSERT", false)] {
        let ask = |slug: &str, code: &str| {
            let caller = if slug == "acme" {
                owner.clone()
            } else {
                instance.local_as("neighbour@example.com", slug)
            };
            let account = json!({"code": code, "name": "Any", "kind": "asset"});
            let answer = if query {
                caller.call("books.list_accounts", json!({}))
            } else {
                caller.call("books.open_account", account)
            };
            answer.status
        };
        let sql = |word: &str, to: &str| format!("{word} {right} ON {own}.accounts {to} {own}");
        instance
            .tamper(Some("acme"), &sql("REVOKE", "FROM"))
            .unwrap();
        assert_eq!(ask("acme", "8100"), 500, "{right} as {own}");
        assert_eq!(ask("globex", "8200"), 200, "{right} as {other}");
        instance.tamper(Some("acme"), &sql("GRANT", "TO")).unwrap();
        assert_eq!(ask("acme", "8300"), 200, "{right} as {own}");
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
    assert_eq!(answer.status, 503, "{}", answer.text());
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
