//! A workspace that leaves whole and comes back whole, and an instance that moves
//! from one store to the other: told through the program itself.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use daybook_testkit::Cluster;
use serde_json::{Value, json};

/// Runs the program; its code, its answer and its talk.
fn run(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_daybook"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn ok(arguments: &[&str]) -> String {
    let (code, answer, talk) = run(arguments, "correct horse battery");
    assert_eq!(code, 0, "{arguments:?}: {talk}");
    answer
}

fn ask(data: &str, workspace: &str, operation: &str, input: &Value) -> Value {
    let input = input.to_string();
    let answer = ok(&[
        "do",
        operation,
        "--data",
        data,
        "--workspace",
        workspace,
        "--input",
        &input,
    ]);
    serde_json::from_str(&answer).unwrap()
}

/// An instance whose workspace `acme` has entries, a tag, a closed account and a
/// locked period.
fn with_history(folder: &Path) -> String {
    let data = folder.join("data").to_str().unwrap().to_owned();
    ok(&[
        "init",
        "--data",
        &data,
        "--owner",
        "owner@example.com",
        "--workspace",
        "Acme",
        "--password-stdin",
    ]);
    let journal = folder.join("main.journal");
    std::fs::create_dir(folder.join("2026")).unwrap();
    std::fs::write(&journal, "include 2026/*.journal\n").unwrap();
    std::fs::write(
        folder.join("2026/january.journal"),
        "2026-01-02 Sale\n    Assets:Bank  100.00 EUR\n    Income:Sales\n",
    )
    .unwrap();
    ok(&[
        "import",
        "journal",
        journal.to_str().unwrap(),
        "--data",
        &data,
        "--workspace",
        "acme",
    ]);
    ask(
        &data,
        "acme",
        "books.open_account",
        &json!({"code": "9999", "name": "Old", "kind": "expense"}),
    );
    for (debit, credit) in [("9999", "Assets:Bank"), ("Assets:Bank", "9999")] {
        let lines = json!([{"account": debit, "debit": "5"}, {"account": credit, "credit": "5"}]);
        let entry =
            json!({"date": "2026-02-01", "description": "x", "tags": ["Trip"], "lines": lines});
        ask(&data, "acme", "books.post_entry", &entry);
    }
    ask(
        &data,
        "acme",
        "books.close_account",
        &json!({"account": "9999"}),
    );
    let lines = json!([{"account": "Assets:Bank", "debit": "7"}, {"account": "Income:Sales", "credit": "7"}]);
    let sale =
        json!({"date": "2026-02-02", "description": "Shop", "journal": "SAL", "lines": lines});
    ask(&data, "acme", "books.post_entry", &sale);
    let own = json!({"person": "owner@example.com", "account": "Assets:Bank"});
    ask(&data, "acme", "books.assign_account", &own);
    let template = json!({"name": "Shop", "entry": 4});
    ask(&data, "acme", "books.save_entry_template", &template);
    ask(
        &data,
        "acme",
        "books.close_journal",
        &json!({"journal": "SAL"}),
    );
    let lock = json!({"through": "2026-02-28", "reason": "The quarter is filed."});
    ask(&data, "acme", "books.lock_period", &lock);
    data
}

fn make(data: &str, name: &str) {
    let input = json!({"name": name}).to_string();
    ok(&[
        "do",
        "identity.create_workspace",
        "--data",
        data,
        "--as",
        "owner@example.com",
        "--input",
        &input,
    ]);
}

#[test]
fn a_full_export_makes_an_equal_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_history(folder.path());
    let export = folder.path().join("export").to_str().unwrap().to_owned();
    ok(&[
        "export",
        "--data",
        &data,
        "--workspace",
        "acme",
        "--to",
        &export,
    ]);
    ok(&["audit", "verify", "--export", &export]);
    make(&data, "Copy");
    ok(&[
        "import",
        "full",
        &export,
        "--data",
        &data,
        "--workspace",
        "copy",
    ]);
    for report in [
        "books.trial_balance",
        "books.profit_and_loss",
        "books.balance_sheet",
    ] {
        let of = |workspace| ask(&data, workspace, report, &json!({}));
        assert_eq!(of("acme"), of("copy"), "{report}");
    }
    let tagged = ask(&data, "copy", "books.list_entries", &json!({"tag": "trip"}));
    assert_eq!(tagged["entries"].as_array().unwrap().len(), 2);
    ask(
        &data,
        "copy",
        "books.account_register",
        &json!({"account": "Income:Sales"}),
    );
    let of = |workspace, operation, input: Value| ask(&data, workspace, operation, &input);
    for (operation, input) in [
        ("books.list_journals", json!({"with": "counts"})),
        ("books.list_entries", json!({"journal": "SAL"})),
        ("books.show_entry_template", json!({"id": 1})),
    ] {
        assert_eq!(
            of("acme", operation, input.clone()),
            of("copy", operation, input),
            "{operation}"
        );
    }
    carried_names_are_taken(&data);
    no_second_or_forged_import(&data, &export);
    ok(&["audit", "verify", "--data", &data]);
}

/// The names are found again, and the log of the other workspace tells of its entries.
fn carried_names_are_taken(data: &str) {
    let template = json!({"name": "SHOP", "entry": 4}).to_string();
    let taken = [
        "do",
        "books.save_entry_template",
        "--data",
        data,
        "--workspace",
        "copy",
        "--input",
        &template,
    ];
    let (_, answer, talk) = run(&taken, "");
    assert!(
        format!("{answer}{talk}").contains("already"),
        "{answer} {talk}"
    );
    let shown = ask(data, "copy", "books.show_entry", &json!({"number": 4}));
    assert_eq!(shown["audit_sequence"], Value::Null);
    let logs = ask(data, "copy", "trust.list_carried_logs", &json!({}));
    assert_eq!(logs["logs"].as_array().unwrap().len(), 1);
}

/// A second time it is not empty, and an export that was changed is refused.
fn no_second_or_forged_import(data: &str, export: &str) {
    let again = [
        "import",
        "full",
        export,
        "--data",
        data,
        "--workspace",
        "copy",
    ];
    assert_eq!(run(&again, "").0, 3);
    make(data, "Third");
    let lines = Path::new(export).join("tables/lines.jsonl");
    let changed = std::fs::read_to_string(&lines)
        .unwrap()
        .replace("10000", "90000");
    std::fs::write(&lines, changed).unwrap();
    let forged = [
        "import",
        "full",
        export,
        "--data",
        data,
        "--workspace",
        "third",
    ];
    let (code, _, talk) = run(&forged, "");
    assert_eq!(code, 3, "{talk}");
    assert!(talk.contains("its hash differs"), "{talk}");
}

#[test]
fn a_workspace_is_restored_by_the_server_that_runs_and_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_history(folder.path());
    make(&data, "Globex");
    let export = folder.path().join("export").to_str().unwrap().to_owned();
    let whole = [
        "export",
        "--data",
        &data,
        "--workspace",
        "acme",
        "--to",
        &export,
    ];
    ok(&whole);
    let balance = || ask(&data, "acme", "books.trial_balance", &json!({}));
    let yesterday = balance();
    let sell = || {
        let lines = json!([{"account": "Assets:Bank", "debit": "9"}, {"account": "Income:Sales", "credit": "9"}]);
        let sale = json!({"date": "2026-03-02", "description": "Shop", "lines": lines});
        ask(&data, "acme", "books.post_entry", &sale)
    };
    let number = sell()["number"].clone();
    let restore = ["restore", &export, "--data", &data, "--workspace", "acme"];
    let served = crate::logs::Server::start(Path::new(&data), &[]);
    let restored: Value = serde_json::from_str(&ok(&restore)).unwrap();
    assert_eq!(balance(), yesterday);
    assert_eq!(sell()["number"], number);
    ask(&data, "globex", "books.trial_balance", &json!({}));
    drop(served);
    // The same without a server; and both are kept beside it.
    ok(&restore);
    assert_eq!(balance(), yesterday);
    ok(&["audit", "verify", "--data", &data]);
    let kept = restored["kept_as"].as_str().unwrap();
    let closed = [
        "do",
        "books.trial_balance",
        "--data",
        &data,
        "--workspace",
        kept,
    ];
    let (code, _, talk) = run(&closed, "");
    assert_eq!(code, 3, "{talk}");
    assert!(talk.contains("locked"), "{talk}");
    let nowhere = [
        "restore",
        "/nowhere",
        "--data",
        &data,
        "--workspace",
        "acme",
    ];
    let (code, _, talk) = run(&nowhere, "");
    assert_eq!(code, 4, "{talk}");
}

#[test]
fn an_instance_moves_to_postgres_and_back_and_is_equal() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_history(folder.path());
    let database = Cluster::shared().make_database();
    let url = Cluster::shared().url(&database);
    let back = folder.path().join("back").to_str().unwrap().to_owned();
    ok(&["move", "--from", &data, "--to", &url]);
    ok(&["move", "--from", &url, "--to", &back, "--data", &data]);
    ok(&["audit", "verify", "--data", &back]);
    for report in [
        "books.trial_balance",
        "books.journal",
        "books.check_balances",
        "books.list_journals",
        "books.list_entry_templates",
    ] {
        let of = |data: &str| ask(data, "acme", report, &json!({}));
        assert_eq!(of(&data), of(&back), "{report}");
    }
    // What is there goes on: the next number and the next id are free.
    let line = format!("database = {}\n", toml_text(&url));
    std::fs::write(Path::new(&data).join("daybook.toml"), line).unwrap();
    ok(&["audit", "verify", "--data", &data]);
    let account = json!({"code": "7777", "name": "New", "kind": "expense"});
    ask(&data, "acme", "books.open_account", &account);
    // Now that it differs it is a target no more.
    let (code, _, talk) = run(&["move", "--from", &back, "--to", &url], "");
    assert_eq!(code, 3, "{talk}");
}

fn toml_text(text: &str) -> String {
    format!("'{text}'")
}
