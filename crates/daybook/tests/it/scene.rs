//! The scenes that stories begin with.

use daybook::features::{DIRECTORY, FEATURES, SITE};
use daybook_kernel::Role;
use daybook_testkit::{Caller, Instance, On, Options, Product};
use serde_json::{Value, json};

pub fn product() -> Product {
    Product {
        features: &FEATURES,
        directory: DIRECTORY,
        site: SITE,
    }
}

/// One workspace, `acme`, and its Owner.
pub fn instance(on: On) -> Instance {
    Instance::start(product(), Options::on(on))
}

/// The same with a chart of five accounts and EUR as its currency.
pub fn with_books(on: On) -> Instance {
    let instance = instance(on);
    open_books(&instance.owner());
    instance
}

pub const ACCOUNTS: [(&str, &str, &str); 5] = [
    ("1000", "Cash", "asset"),
    ("1200", "Bank", "asset"),
    ("2000", "Owed to suppliers", "liability"),
    ("4000", "Sales", "income"),
    ("6000", "Costs", "expense"),
];

pub fn open_books(owner: &Caller<'_>) {
    owner.ok("books.set_base_currency", json!({"currency": "EUR"}));
    for (code, name, kind) in ACCOUNTS {
        owner.ok(
            "books.open_account",
            json!({"code": code, "name": name, "kind": kind}),
        );
    }
}

/// Assigns these accounts to the Member of `acme`, who is made at the first call.
pub fn assign(instance: &Instance, accounts: &[&str]) {
    let person = instance.colleague(Role::Member);
    for account in accounts {
        let input = json!({"person": person, "account": account});
        instance.owner().ok("books.assign_account", input);
    }
}

/// The Member of `acme`, to whom all accounts of [`open_books`] are assigned.
pub fn member(instance: &Instance) -> Caller<'_> {
    assign(instance, &ACCOUNTS.map(|(code, ..)| code));
    instance.member(Role::Member)
}

/// An entry of two lines.
pub fn entry(date: &str, description: &str, debit: &str, credit: &str, amount: &str) -> Value {
    json!({
        "date": date,
        "description": description,
        "lines": [
            {"account": debit, "debit": amount},
            {"account": credit, "credit": amount},
        ],
    })
}

/// The number of the last record of a workspace's log.
pub fn records(instance: &Instance, workspace: Option<&str>) -> i64 {
    instance.peek(workspace, "SELECT COALESCE(max(seq), 0) FROM audit_records")
}

/// The last record of `acme`'s log, in full, but for those of looking at records so.
pub fn last_record(instance: &Instance) -> Value {
    let last = "SELECT max(seq) FROM audit_records
                WHERE operation <> 'trust.show_activity' OR outcome = 'refused'";
    let seq = instance.peek(Some("acme"), last);
    instance
        .owner()
        .ok("trust.show_activity", json!({"seq": seq}))
}

/// A record of the instance's log, which no operation shows: its skeleton and its content.
pub fn instance_record(instance: &Instance, seq: i64) -> Value {
    let desk = instance.engine().desk(None).unwrap();
    let mut file = Vec::new();
    let export = |store: &mut dyn daybook_kernel::Connection| {
        daybook_engine::audit::export(store, &mut file)
    };
    desk.database.read(export).unwrap();
    let lines = String::from_utf8(file).unwrap();
    let line = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line["seq"] == seq);
    let mut record = line.unwrap();
    let content = record["content"].as_str().unwrap();
    let content: Value = serde_json::from_str(content).unwrap();
    for (name, value) in content.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

/// The rows of the trial balance: account, currency, balance.
pub fn trial_balance(caller: &Caller<'_>, on: Option<&str>) -> Vec<(String, String, String)> {
    let asked = on.map_or_else(|| json!({}), |on| json!({"on": on}));
    let report = caller.ok("books.trial_balance", asked);
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = report["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        (
            text(row, "account"),
            text(row, "currency"),
            text(row, "balance"),
        )
    })
    .collect()
}
