//! `daybook export`: a workspace as a journal that other programs read, or whole:
//! every table, the reports, the journal and the audit log, with a manifest that
//! names each file's hash. All of it is read as of one record of the audit log,
//! and nothing is written before the log says that it leaves.

use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;

use daybook::exported::{find, gather, seal, write};
use daybook::features::SITE;
use daybook_server::App;
use serde_json::json;

use super::journal::spinner;
use super::look::lift;
use super::print;
use crate::cli::{Export, ExportFormat};
use crate::failure::Failure;
use crate::reach::{Ask, Reach, engine, must_exist};
use crate::settings;

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
    // Beside a running server a second engine reads; what it records, the server takes up.
    let app = match &reach {
        Reach::Here { app, .. } => Arc::clone(app),
        Reach::Server(_) => App::new(engine(&args.data, &settings)?, SITE),
    };
    let workspace = find(&app, &args.workspace)?;
    let (manifest, mut files) = gather(&app, &workspace)?;
    let (manifest, hash) = seal(manifest, &mut files)?;
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
