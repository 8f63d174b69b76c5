//! `daybook import full`: a workspace out of an export of another, or of another
//! instance, into one that is empty.

use std::sync::Arc;

use daybook::exported::{Exported, LEFT_OUT, asking, find};
use daybook_engine::carry::{Rows, Table, is_pristine};
use daybook_engine::{Call, Credential, Desk};
use daybook_kernel::road::Registry;
use daybook_kernel::{Origin, Scope};
use daybook_server::App;
use serde_json::Value;

use super::journal::spinner;
use super::look::lift;
use super::{print, tell};
use crate::cli::ImportFull;
use crate::failure::Failure;
use crate::features::{FEATURES, SITE};
use crate::reach::{self, engine, must_exist};
use crate::settings;

pub fn run(args: ImportFull) -> Result<(), Failure> {
    must_exist(&args.data)?;
    let shown = spinner();
    shown.set_message("Verifying the export");
    let exported = Exported::read(&args.folder)?;
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
    let rows = exported.rows(&desk, LEFT_OUT)?;
    must_be_empty(&desk, &rows)?;
    shown.set_message(format!("Importing into {}", workspace.slug));
    let output = take_in(&app, &desk, &workspace.slug, args.person, &exported, rows)?;
    shown.set_message("Comparing the reports");
    exported.compare(&asking(&app, &workspace.slug)?)?;
    shown.finish_and_clear();
    tell("The reports are the same as in the export.");
    print(&output.to_string())
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
    exported: &Exported,
    rows: Rows,
) -> Result<Value, Failure> {
    let call = Call {
        workspace: Some(slug.to_owned()),
        operation: app.operation("trust.import_workspace")?,
        input: exported.input(&rows)?,
        credential: Credential::Local(person),
        origin: Arc::new(Origin::local()),
        request: app.engine.new_request()?,
    };
    let carrying = exported.carrying(rows, desk.database.is_embedded());
    let output = app.engine.carry_in(call, carrying)?;
    serde_json::from_slice(&output).map_err(|error| Failure::ours(error.to_string()))
}
