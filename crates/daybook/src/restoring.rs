//! `daybook restore`: a workspace goes back to what an export of it holds, while it
//! and the others are worked in. The export is verified and loaded into a database
//! of its own, which nobody finds until all is proved equal; then one transaction
//! of the instance has the address lead there. What goes wrong before that changes
//! nothing for anybody.
//!
//! Who may do what is as it is now, not as it was: somebody who was removed since
//! is not back. API tokens, known devices, invitations and grants do not come
//! along: each is bound to the database that is left.

use std::path::PathBuf;
use std::sync::Arc;

use daybook_engine::carry::{Along, Cell, Rights, Rows};
use daybook_engine::{Apart, Call, Credential, Replacing};
use daybook_kernel::road::WorkspaceEntry;
use daybook_kernel::{Error, Origin};
use daybook_server::App;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::exported::{Exported, LEFT_OUT, find, value_of, wanted};

/// What the server is asked for.
pub const CHORE: &str = "restore";

const REPLACING: Replacing = Replacing {
    along: Along {
        tables: RIGHTS,
        leads: &[("assignments", "account", "accounts")],
    },
    leave: daybook_team::leave,
};

/// In the order in which they may be filled.
const RIGHTS: &[&str] = &[
    "members",
    "access_policies",
    "access_changes",
    "assignments",
];

/// What is bound to the database that is left.
const BOUND: &[&str] = &["known_devices", "invitations", "grants"];

/// What whoever holds the data folder asks for.
#[derive(Serialize, Deserialize)]
pub struct Restore {
    /// The workspace, by its address or its id.
    pub workspace: String,
    /// The folder of the export.
    pub folder: PathBuf,
    pub members: Members,
}

/// Whose rights hold in the workspace that is restored.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Members {
    /// As they are at this moment.
    Now,
    /// As the export has them, of those who are still listed: for a workspace that
    /// cannot be read any more.
    Exported,
}

pub fn restore(app: &Arc<App>, asked: &Restore) -> Result<Value, Error> {
    let exported = Exported::read(&asked.folder)?;
    let old = find(app, &asked.workspace)?;
    must_be_signed_here(app, &exported)?;
    let owner = match asked.members {
        Members::Now => app.engine.first_owner(&old)?,
        Members::Exported => old.founder.clone(),
    };
    let apart = app.engine.make_apart(&old, owner)?;
    let done = fill(app, &apart, &exported)
        .and_then(|()| put_in_place(app, &old, &apart, &exported, asked.members));
    if done.is_err() {
        app.engine.give_up(apart);
    }
    done
}

/// The same, as the server is asked for it.
pub fn chore(app: &Arc<App>, input: Value) -> Result<Value, Error> {
    let asked = serde_json::from_value(input);
    restore(
        app,
        &asked.map_err(|error| Error::fault("restore", error.to_string()))?,
    )
}

/// The log of the export must be one that this instance signed.
fn must_be_signed_here(app: &App, exported: &Exported) -> Result<(), Error> {
    let workspace = exported.manifest.workspace.id.parse();
    let workspace =
        workspace.map_err(|_| Error::fault("manifest.json", "This is no id of a workspace."))?;
    if app.engine.log_key(workspace)? == exported.vkey {
        return Ok(());
    }
    Err(Error::conflict(
        "This export is of another instance. `daybook import full` brings it into a new workspace.",
    ))
}

/// Loads it, and proves that the reports are what they were.
fn fill(app: &Arc<App>, apart: &Apart, exported: &Exported) -> Result<(), Error> {
    let left_out = [LEFT_OUT, RIGHTS, BOUND].concat();
    let rows = exported.rows(&apart.desk, &left_out)?;
    let input = exported.input(&rows)?;
    let carrying = exported.carrying(rows, apart.desk.database.is_embedded());
    let import = app.operation("trust.import_workspace")?;
    app.engine.carry_apart(apart, (import, &input), carrying)?;
    exported.compare(&|operation, input, format| {
        let operation = app.operation(operation)?;
        let input = serde_json::to_vec(input).map_err(Error::ours)?;
        let given = app
            .engine
            .ask_apart(apart, (operation, &input), wanted(format))?;
        value_of(given, format)
    })
}

fn put_in_place(
    app: &Arc<App>,
    old: &WorkspaceEntry,
    apart: &Apart,
    exported: &Exported,
    members: Members,
) -> Result<Value, Error> {
    let rights = match members {
        Members::Now => Rights::AsTheyAre,
        Members::Exported => Rights::Given(still_listed(app, old, apart, exported)?),
    };
    let input = json!({
        "workspace": old.id.to_string(), "by": apart.entry.id.to_string(),
        "sealed_key": apart.sealed_key(),
        "exported": exported.manifest.workspace.id,
        "exported_at": exported.manifest.created_at,
        "manifest_sha256": exported.manifest_sha256,
    });
    let call = Call {
        workspace: None,
        operation: app.operation("identity.restore_workspace")?,
        input: serde_json::to_vec(&input).map_err(Error::ours)?,
        credential: Credential::Local(None),
        origin: Arc::new(Origin::local()),
        request: app.engine.new_request()?,
    };
    let output = app
        .engine
        .put_in_place(old, apart, (&REPLACING, rights), call)?;
    serde_json::from_slice(&output).map_err(Error::ours)
}

/// The members of the export, without those who are in no list any more.
fn still_listed(
    app: &App,
    old: &WorkspaceEntry,
    apart: &Apart,
    exported: &Exported,
) -> Result<Rows, Error> {
    let names: Vec<String> = RIGHTS.iter().map(|name| (*name).to_owned()).collect();
    let mut rows = exported.rows_of(&apart.desk, names.iter())?;
    for (table, rows) in &mut rows {
        let Some(at) = table.columns.iter().position(|it| it.name == "person") else {
            continue;
        };
        let mut kept = Vec::new();
        for row in rows.drain(..) {
            let person = match &row[at] {
                Cell::Text(person) => person.parse().map_err(Error::ours)?,
                _ => return Err(Error::fault(table.name.clone(), "This is no person.")),
            };
            if app.engine.is_listed(person, old.id)? {
                kept.push(row);
            }
        }
        *rows = kept;
    }
    if rows
        .iter()
        .any(|(table, rows)| table.name == "members" && rows.is_empty())
    {
        return Err(Error::conflict(
            "Nobody of the export is a member any more.",
        ));
    }
    Ok(rows)
}
