//! `daybook export`: a workspace as a journal that other programs read, or whole:
//! every table, the reports, the journal and the audit log, with a manifest that
//! names each file's hash. All of it is read as of one record of the audit log,
//! and nothing is written before the log says that it leaves.

use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;

use daybook_engine::Desk;
use daybook_engine::audit;
use daybook_engine::carry::{is_the_engines, sha256_hex, tables, write_lines};
use daybook_kernel::road::WorkspaceEntry;
use daybook_kernel::{Connection, Error};
use daybook_server::{App, LocalRequest, answer_local};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::journal::spinner;
use super::look::lift;
use super::print;
use crate::cli::{Export, ExportFormat};
use crate::failure::{Failure, succeeded};
use crate::features::SITE;
use crate::reach::{Ask, Reach, engine, must_exist};
use crate::settings;

pub const FORM: &str = "daybook/full/1";
/// Writing that goes on meanwhile makes the reading begin again, so many times.
const TRIES: usize = 5;

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

type Files = BTreeMap<String, Vec<u8>>;

pub fn run(args: Export) -> Result<(), Failure> {
    make_folder(&args.to)?;
    match args.format {
        ExportFormat::Full => full(&args),
        ExportFormat::Hledger => journal(&args, "hledger"),
        ExportFormat::Beancount => journal(&args, "beancount"),
    }
}

fn journal(args: &Export, format: &str) -> Result<(), Failure> {
    let mut answer = Reach::of_folder(&args.data)?.ask(Ask {
        operation: "books.export_journal",
        workspace: Some(&args.workspace),
        person: args.person.as_deref(),
        input: json!({"format": format}),
        format: "json",
    })?;
    let text = answer["text"].take();
    let file = answer["file"]
        .as_str()
        .unwrap_or("books.journal")
        .to_owned();
    write(
        &args.to,
        &file,
        text.as_str().unwrap_or_default().as_bytes(),
    )?;
    print(&json!({"file": args.to.join(file), "entries": answer["entries"]}).to_string())
}

fn full(args: &Export) -> Result<(), Failure> {
    must_exist(&args.data)?;
    let mut settings = settings::read(&args.data, &[])?;
    lift(&mut settings.limits);
    let shown = spinner();
    shown.set_message("Exporting");
    let reach = Reach::open(&args.data, &settings)?;
    // Beside a running server a second engine reads; it writes nothing.
    let app = match &reach {
        Reach::Here { app, .. } => Arc::clone(app),
        Reach::Server(_) => App::new(engine(&args.data, &settings)?, SITE),
    };
    let workspace = find(&app, &args.workspace)?;
    let (mut manifest, mut files) = gather(&app, &workspace)?;
    for (name, bytes) in &files {
        manifest.files.insert(name.clone(), sha256_hex(bytes));
    }
    let text = serde_json::to_vec_pretty(&manifest).map_err(Error::ours)?;
    let hash = sha256_hex(&text);
    files.insert("manifest.json".to_owned(), text);
    reach.ask(Ask {
        operation: "trust.export_workspace",
        workspace: Some(&workspace.slug),
        person: args.person.as_deref(),
        input: json!({
            "format": "full", "tables": manifest.tables, "records": manifest.log.records,
            "manifest_sha256": hash,
        }),
        format: "json",
    })?;
    for (name, bytes) in &files {
        write(&args.to, name, bytes)?;
    }
    shown.finish_and_clear();
    print(
        &json!({
            "folder": args.to, "tables": manifest.tables, "records": manifest.log.records,
            "manifest_sha256": hash,
        })
        .to_string(),
    )
}

pub fn find(app: &App, slug_or_id: &str) -> Result<WorkspaceEntry, Failure> {
    let mut all = app.engine.workspaces()?.into_iter();
    all.find(|it| it.slug == slug_or_id || it.id.to_string() == slug_or_id)
        .ok_or_else(|| Failure::refused("There is no such workspace."))
}

/// Reads until reports and tables are of one state of the log.
fn gather(app: &Arc<App>, workspace: &WorkspaceEntry) -> Result<(Manifest, Files), Failure> {
    let desk = app.engine.desk(Some(&workspace.slug))?;
    for _ in 0..TRIES {
        // The journal is a file that leaves, and each leaves a record of its own.
        let start = desk.database.read(|store| Ok(head(store)?.0))?;
        let journal = hledger(app, &workspace.slug)?;
        let before = desk.database.read(|store| Ok(head(store)?.0))?;
        if before != start + 1 {
            continue;
        }
        let mut manifest = Manifest {
            form: FORM.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created_at: app.engine.now().to_string(),
            workspace: OfWorkspace {
                id: workspace.id.to_string(),
                slug: workspace.slug.clone(),
                name: workspace.name.clone(),
            },
            log: OfLog {
                origin: desk.checkpoint_key().origin().to_owned(),
                records: before,
                checkpoint: String::new(),
            },
            tables: BTreeMap::new(),
            reports: reports(),
            files: BTreeMap::new(),
        };
        let mut files = Files::new();
        for (file, report) in &manifest.reports {
            files.insert(file.clone(), ask_report(app, &workspace.slug, report)?);
        }
        files.insert("journal.hledger".to_owned(), journal);
        read_tables(&desk, &mut manifest, &mut files)?;
        if manifest.log.records == before {
            return Ok((manifest, files));
        }
    }
    Err(Failure::refused(
        "The workspace is written to all the time. Export it when there is less to do.",
    ))
}

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

/// A report as CSV, all of its pages. The operator's own engine asks as the first
/// Owner; whether this person may take it all away is judged before it leaves.
pub fn ask_report(app: &Arc<App>, slug: &str, report: &Report) -> Result<Vec<u8>, Failure> {
    let mut text = String::new();
    let mut input = report.input.clone();
    loop {
        let page = ask(app, slug, &report.operation, &input, "csv")?;
        let page = page.as_str().unwrap_or_default();
        // Only the first page keeps its heading.
        let rows = match text.as_str() {
            "" => page,
            _ => page.split_once("\r\n").map_or("", |(_, rows)| rows),
        };
        text.push_str(rows);
        let next = if report.operation == "books.journal" {
            ask(app, slug, &report.operation, &input, "json")?["next"].take()
        } else {
            Value::Null
        };
        if next.is_null() {
            return Ok(text.into_bytes());
        }
        input["cursor"] = next;
    }
}

fn hledger(app: &Arc<App>, slug: &str) -> Result<Vec<u8>, Failure> {
    let input = json!({"format": "hledger"});
    let mut answer = ask(app, slug, "books.export_journal", &input, "json")?;
    Ok(match answer["text"].take() {
        Value::String(text) => text.into_bytes(),
        _ => Vec::new(),
    })
}

/// Asks an engine of this process, as the first Owner.
pub fn ask(
    app: &Arc<App>,
    slug: &str,
    operation: &str,
    input: &Value,
    format: &str,
) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let request = || LocalRequest {
        operation: operation.to_owned(),
        workspace: Some(slug.to_owned()),
        r#as: None,
        input: input.clone(),
        format: format.to_owned(),
    };
    succeeded(runtime.block_on(answer_local(app, request())))
}

/// Tables and log, on one snapshot.
fn read_tables(desk: &Desk, manifest: &mut Manifest, files: &mut Files) -> Result<(), Failure> {
    let vkey = format!("{}\n", desk.checkpoint_key().to_vkey());
    files.insert("audit.vkey".to_owned(), vkey.into_bytes());
    desk.database.read(|store| {
        for table in tables(store, desk.database.is_embedded())? {
            if is_the_engines(&table.name) {
                continue;
            }
            let mut bytes = Vec::new();
            let rows = write_lines(&table, store, &mut bytes)?;
            files.insert(format!("tables/{}.jsonl", table.name), bytes);
            manifest.tables.insert(table.name, rows);
        }
        let mut log = Vec::new();
        audit::export(store, &mut log)?;
        files.insert("audit.jsonl".to_owned(), log);
        let (records, checkpoint) = head(store)?;
        files.insert(
            "audit.checkpoint".to_owned(),
            checkpoint.clone().into_bytes(),
        );
        manifest.log.records = records;
        manifest.log.checkpoint = checkpoint;
        Ok(())
    })?;
    Ok(())
}

/// How many records the log has, and its last checkpoint.
fn head(store: &mut dyn Connection) -> Result<(u64, String), Error> {
    let mut head = (0, String::new());
    store.each("SELECT size, checkpoint FROM audit_head", &[], &mut |row| {
        head = (
            u64::try_from(row.int(0)?).map_err(Error::ours)?,
            row.text(1)?.to_owned(),
        );
        Ok(())
    })?;
    Ok(head)
}

/// The folder must be new or empty, and nobody else reads it.
fn make_folder(folder: &Path) -> Result<(), Failure> {
    let unusable = |error| Failure::usage(format!("{}: {error}", folder.display()));
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(unusable)?;
    if std::fs::read_dir(folder)
        .map_err(unusable)?
        .next()
        .is_some()
    {
        return Err(Failure::usage(format!(
            "{} is not empty. Name a new folder.",
            folder.display()
        )));
    }
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(unusable)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)?;
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}
