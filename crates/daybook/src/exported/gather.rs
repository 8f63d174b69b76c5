//! Reading a workspace for an export, all of it as of one record of its log.

use std::collections::BTreeMap;
use std::sync::Arc;

use daybook_engine::carry::{is_the_engines, tables, write_lines};
use daybook_engine::{Call, Credential, Desk, audit};
use daybook_kernel::road::WorkspaceEntry;
use daybook_kernel::{Connection, Error, Origin};
use daybook_server::App;
use serde_json::{Value, json};

use super::{
    Ask, FORM, Files, Manifest, OfLog, OfWorkspace, reports, value_of, wanted, whole_report,
};

/// Writing that goes on meanwhile makes the reading begin again, so many times.
const TRIES: usize = 5;

pub fn find(app: &App, slug_or_id: &str) -> Result<WorkspaceEntry, Error> {
    let mut all = app.engine.workspaces()?.into_iter();
    all.find(|it| it.slug == slug_or_id || it.id.to_string() == slug_or_id)
        .ok_or_else(|| Error::conflict("There is no such workspace."))
}

/// Reads until reports and tables are of one state of the log.
///
/// The operator's own engine asks as the first Owner; whether somebody may take it
/// all away is judged before it leaves.
pub fn gather(app: &Arc<App>, workspace: &WorkspaceEntry) -> Result<(Manifest, Files), Error> {
    gather_by(app, workspace, &asking(app, &workspace.slug)?)
}

/// Asks a workspace in this process, as its first Owner.
pub fn asking(
    app: &Arc<App>,
    slug: &str,
) -> Result<impl Fn(&str, &Value, &str) -> Result<Value, Error>, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(Error::ours)?;
    Ok(move |operation: &str, input: &Value, format: &str| {
        let call = Call {
            workspace: Some(slug.to_owned()),
            operation: app.operation(operation)?,
            input: serde_json::to_vec(input).map_err(Error::ours)?,
            credential: Credential::Local(None),
            origin: Arc::new(Origin::local()),
            request: app.engine.new_request()?,
        };
        value_of(runtime.block_on(app.run(call, wanted(format)))?, format)
    })
}

fn gather_by(
    app: &Arc<App>,
    workspace: &WorkspaceEntry,
    ask: Ask<'_>,
) -> Result<(Manifest, Files), Error> {
    let desk = app.engine.desk(Some(&workspace.slug))?;
    for _ in 0..TRIES {
        // The journal is a file that leaves, and each leaves a record of its own.
        let start = desk.database.read(|store| Ok(head(store)?.0))?;
        let journal = hledger(ask)?;
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
            files.insert(file.clone(), whole_report(ask, report)?);
        }
        files.insert("journal.hledger".to_owned(), journal);
        read_tables(&desk, &mut manifest, &mut files)?;
        if manifest.log.records == before {
            return Ok((manifest, files));
        }
    }
    Err(Error::conflict(
        "The workspace is written to all the time. Export it when there is less to do.",
    ))
}

fn hledger(ask: Ask<'_>) -> Result<Vec<u8>, Error> {
    let input = json!({"format": "hledger"});
    let mut answer = ask("books.export_journal", &input, "json")?;
    Ok(match answer["text"].take() {
        Value::String(text) => text.into_bytes(),
        _ => Vec::new(),
    })
}

/// Tables and log, on one snapshot.
fn read_tables(desk: &Desk, manifest: &mut Manifest, files: &mut Files) -> Result<(), Error> {
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
