//! A whole workspace as files: every table, the reports, the journal and the audit
//! log, with a manifest that names each file's hash. Written by `daybook export`,
//! read by `daybook import full` and `daybook restore`.

mod gather;
mod read;

use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use daybook_engine::carry::sha256_hex;
use daybook_kernel::Error;
use daybook_kernel::operation::{Given, Wanted};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use gather::{asking, find, gather};
pub use read::{Exported, LEFT_OUT};

pub const FORM: &str = "daybook/full/1";

/// What an export says of itself.
#[derive(Serialize, Deserialize)]
pub struct Manifest {
    pub form: String,
    /// The version of Daybook that wrote it.
    pub version: String,
    pub created_at: String,
    pub workspace: OfWorkspace,
    pub log: OfLog,
    /// Rows of each table, in `tables/NAME.jsonl`.
    pub tables: BTreeMap<String, u64>,
    /// What each report was asked with, by its file.
    pub reports: BTreeMap<String, Report>,
    /// The SHA-256 of every file but this.
    pub files: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
pub struct OfWorkspace {
    pub id: String,
    pub slug: String,
    pub name: String,
}

#[derive(Serialize, Deserialize)]
pub struct OfLog {
    pub origin: String,
    pub records: u64,
    pub checkpoint: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Report {
    pub operation: String,
    pub input: Value,
}

pub type Files = BTreeMap<String, Vec<u8>>;

/// Reports that say all of it, whatever day it is.
fn reports() -> BTreeMap<String, Report> {
    let (from, to) = ("1900-01-01", "2199-12-31");
    let report = |operation: &str, input: Value| Report {
        operation: operation.to_owned(),
        input,
    };
    let all = [
        ("trial_balance", report("books.trial_balance", json!({}))),
        (
            "profit_and_loss",
            report(
                "books.profit_and_loss",
                json!({"from": from, "to": to, "by": "total"}),
            ),
        ),
        (
            "balance_sheet",
            report("books.balance_sheet", json!({"on": to, "compare_on": from})),
        ),
        (
            "journal",
            report("books.journal", json!({"from": from, "to": to})),
        ),
    ];
    all.into_iter()
        .map(|(name, report)| (format!("reports/{name}.csv"), report))
        .collect()
}

/// Asks a workspace: the operation, its input, and how the answer is written.
pub type Ask<'a> = &'a dyn Fn(&str, &Value, &str) -> Result<Value, Error>;

/// A report as CSV, all of its pages.
fn whole_report(ask: Ask<'_>, report: &Report) -> Result<Vec<u8>, Error> {
    let mut text = String::new();
    let mut input = report.input.clone();
    loop {
        let page = ask(&report.operation, &input, "csv")?;
        let page = page.as_str().unwrap_or_default();
        // Only the first page keeps its heading.
        let rows = match text.as_str() {
            "" => page,
            _ => page.split_once("\r\n").map_or("", |(_, rows)| rows),
        };
        text.push_str(rows);
        let next = if report.operation == "books.journal" {
            ask(&report.operation, &input, "json")?["next"].take()
        } else {
            Value::Null
        };
        if next.is_null() {
            return Ok(text.into_bytes());
        }
        input["cursor"] = next;
    }
}

/// An answer as the value that whoever asked for it is given.
pub fn value_of(given: Given, format: &str) -> Result<Value, Error> {
    match given {
        Given::Json(json) => serde_json::from_slice(&json).map_err(Error::ours),
        Given::Table(table) if format == "csv" => Ok(Value::String(table.csv())),
        Given::Table(table) => Ok(Value::String(table.text())),
        Given::File(file) => Ok(Value::String(file.text)),
    }
}

/// How an answer is wanted that is written so.
pub fn wanted(format: &str) -> Wanted {
    if format == "json" {
        Wanted::Json
    } else {
        Wanted::Table
    }
}

/// Names each file's hash in the manifest, and adds that; answers the hash of it.
pub fn seal(mut manifest: Manifest, files: &mut Files) -> Result<(Manifest, String), Error> {
    for (name, bytes) in &*files {
        manifest.files.insert(name.clone(), sha256_hex(bytes));
    }
    let text = serde_json::to_vec_pretty(&manifest).map_err(Error::ours)?;
    let hash = sha256_hex(&text);
    files.insert("manifest.json".to_owned(), text);
    Ok((manifest, hash))
}

/// Writes one of the files, which nobody else reads.
pub fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
