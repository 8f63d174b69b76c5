//! `daybook import full`: a workspace out of an export of another, or of another
//! instance. Hashes and log are verified before anything is done; tables come in
//! by one transaction, under the guards of daily work; then the reports are made
//! anew and must be the bytes that the export holds.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use daybook_books::carry;
use daybook_engine::audit::verify_export;
use daybook_engine::carry::{
    Carrying, Cell, Loading, Table, is_pristine, is_the_engines, load, read_lines, sha256_hex,
    tables,
};
use daybook_engine::keys::CheckpointKey;
use daybook_engine::{Call, Credential, Desk};
use daybook_kernel::road::Registry;
use daybook_kernel::{Error, Origin, Scope};
use daybook_server::App;
use daybook_trust::exports::keep_log;
use serde_json::{Value, json};

use super::export::{FORM, Manifest, ask, ask_report, find};
use super::journal::spinner;
use super::look::lift;
use super::{print, tell};
use crate::cli::ImportFull;
use crate::failure::Failure;
use crate::features::{FEATURES, SITE};
use crate::reach::{self, engine, must_exist};
use crate::settings;

/// People and their tokens are the instance's that they came from; what was
/// checked there was checked there.
const LEFT_OUT: &[&str] = &[
    "members",
    "assignments",
    "api_tokens",
    "promise_checks",
    "carried_logs",
    "carried_log_lines",
];

type Rows = Vec<(Table, Vec<Vec<Cell>>)>;

/// An export that was read and verified.
struct Read {
    manifest: Manifest,
    manifest_sha256: String,
    files: BTreeMap<String, Vec<u8>>,
    vkey: String,
}

pub fn run(args: ImportFull) -> Result<(), Failure> {
    must_exist(&args.data)?;
    let shown = spinner();
    shown.set_message("Verifying the export");
    let read = read(&args.folder)?;
    let Some(_lock) = reach::lock(&args.data)? else {
        return Err(Failure::refused(
            "A server has this instance open. Stop it, import, and start it again.",
        ));
    };
    let mut settings = settings::read(&args.data, &[])?;
    lift(&mut settings.limits);
    let app = App::new(engine(&args.data, &settings)?, SITE);
    let workspace = find(&app, &args.workspace)?;
    let desk = app.engine.desk(Some(&workspace.slug))?;
    let rows = rows(&desk, &read)?;
    must_be_empty(&desk, &rows)?;
    shown.set_message(format!("Importing into {}", workspace.slug));
    let output = take_in(&app, &desk, &workspace.slug, args.person, &read, rows)?;
    shown.set_message("Comparing the reports");
    compare(&app, &workspace.slug, &read)?;
    shown.finish_and_clear();
    tell("The reports are the same as in the export.");
    print(&output.to_string())
}

/// Reads the files that the manifest names, each of which must have its hash; the
/// log must verify against the key beside it.
fn read(folder: &Path) -> Result<Read, Failure> {
    let open = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
    };
    let text = open("manifest.json")?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|error| Failure::faults(format!("manifest.json: {error}")))?;
    if manifest.form != FORM {
        return Err(Failure::faults(format!(
            "manifest.json: The form {} is not {FORM}, which this version reads.",
            manifest.form
        )));
    }
    let mut files = BTreeMap::new();
    for (name, hash) in &manifest.files {
        if name.starts_with('/') || name.split('/').any(|part| part == "..") {
            return Err(Failure::faults(format!(
                "manifest.json: {name} is outside the folder."
            )));
        }
        let bytes = open(name)?;
        if sha256_hex(&bytes) != *hash {
            return Err(Failure::refused(format!(
                "{name} is not what was exported: its hash differs. Nothing was imported."
            )));
        }
        files.insert(name.clone(), bytes);
    }
    let vkey = verified_log(&manifest, &files)?;
    Ok(Read {
        manifest_sha256: sha256_hex(&text),
        manifest,
        files,
        vkey,
    })
}

fn verified_log(manifest: &Manifest, files: &BTreeMap<String, Vec<u8>>) -> Result<String, Failure> {
    let part = |name: &str| {
        let bytes = files.get(name).map(Vec::as_slice);
        bytes.ok_or_else(|| Failure::faults(format!("manifest.json: {name} is not named.")))
    };
    let vkey = String::from_utf8_lossy(part("audit.vkey")?)
        .trim()
        .to_owned();
    let key = CheckpointKey::from_vkey(&vkey)
        .filter(|key| key.origin() == manifest.log.origin)
        .ok_or_else(|| Failure::refused("audit.vkey is not the key of the workspace's log."))?;
    let verdict = verify_export(&mut BufReader::new(part("audit.jsonl")?), &key, &[])?;
    if !verdict.is_whole() || verdict.signed != Some(manifest.log.records) {
        return Err(Failure::refused(format!(
            "The audit log of the export is not whole: {verdict}. Nothing was imported."
        )));
    }
    Ok(vkey)
}

/// The rows of each table, read as this version's tables are.
fn rows(desk: &Desk, read: &Read) -> Result<Rows, Failure> {
    let known = desk
        .database
        .read(|store| tables(store, desk.database.is_embedded()))?;
    let mut rows = Vec::new();
    for (name, count) in &read.manifest.tables {
        let left = LEFT_OUT
            .iter()
            .chain(carry::LEFT_OUT)
            .any(|left| left == name);
        if left || is_the_engines(name) {
            continue;
        }
        let Some(table) = known.iter().find(|table| table.name == *name) else {
            return Err(Failure::faults(format!(
                "tables/{name}.jsonl: This version has no such table. Import with version {}.",
                read.manifest.version
            )));
        };
        let file = format!("tables/{name}.jsonl");
        let bytes = read.files.get(&file).map(Vec::as_slice).unwrap_or_default();
        let found = read_lines(table, &file, &mut BufReader::new(bytes))?;
        if found.len() as u64 != *count {
            return Err(Failure::faults(format!(
                "{file}: It does not have {count} rows."
            )));
        }
        rows.push((table.clone(), found));
    }
    Ok(rows)
}

fn must_be_empty(desk: &Desk, rows: &Rows) -> Result<(), Failure> {
    let tables: Vec<&Table> = rows.iter().map(|(table, _)| table).collect();
    let registry = Registry::new(&FEATURES);
    let full = desk
        .database
        .read(|store| is_pristine(store, &registry, Scope::Workspace, &tables))?;
    match full {
        None => Ok(()),
        Some(table) => Err(Failure::refused(format!(
            "The workspace is not empty: there are rows in {table}. Import into a new one."
        ))),
    }
}

fn take_in(
    app: &App,
    desk: &Desk,
    slug: &str,
    person: Option<String>,
    read: &Read,
    rows: Rows,
) -> Result<Value, Failure> {
    let manifest = &read.manifest;
    let counts: BTreeMap<&str, usize> = rows
        .iter()
        .map(|(table, rows)| (table.name.as_str(), rows.len()))
        .collect();
    let input = json!({
        "from_workspace": manifest.workspace.id, "from_name": manifest.workspace.name,
        "exported_at": manifest.created_at, "manifest_sha256": read.manifest_sha256,
        "tables": counts,
        "log": {
            "origin": manifest.log.origin, "vkey": read.vkey,
            "records": manifest.log.records, "checkpoint": manifest.log.checkpoint,
        },
    });
    let call = Call {
        workspace: Some(slug.to_owned()),
        operation: app.operation("trust.import_workspace")?,
        input: serde_json::to_vec(&input).map_err(Error::ours)?,
        credential: Credential::Local(person),
        origin: Arc::new(Origin::local()),
        request: app.engine.new_request()?,
    };
    let is_embedded = desk.database.is_embedded();
    let log = read.files.get("audit.jsonl").cloned().unwrap_or_default();
    let carrying = Carrying {
        load: Box::new(move |store| {
            let loading = Loading {
                first: carry::FIRST,
                last: carry::LAST,
                late: carry::LATE,
            };
            load(store, &Registry::new(&FEATURES), loading, rows, is_embedded)
        }),
        finish: Box::new(move |tx| {
            carry::index_anew(tx)?;
            keep_log(tx, &String::from_utf8_lossy(&log))
        }),
    };
    let output = app.engine.carry_in(call, carrying)?;
    serde_json::from_slice(&output).map_err(|error| Failure::ours(error.to_string()))
}

/// Makes the reports anew: they must be the same bytes, and the books must check.
fn compare(app: &Arc<App>, slug: &str, read: &Read) -> Result<(), Failure> {
    for (file, report) in &read.manifest.reports {
        if read.files.get(file) != Some(&ask_report(app, slug, report)?) {
            return Err(Failure::ours(format!(
                "{file} is not the same after the import. Do not use this workspace; report this."
            )));
        }
    }
    let checked = ask(app, slug, "books.check_balances", &json!({}), "json")?;
    if checked["good"] == json!(true) {
        return Ok(());
    }
    let difference = checked["difference"].as_str().unwrap_or_default();
    Err(Failure::ours(format!(
        "The books do not check after the import: {difference}"
    )))
}
