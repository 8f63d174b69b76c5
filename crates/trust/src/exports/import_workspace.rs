//! Notes that a workspace came in whole from an export, and which log it had
//! before: this workspace's own log begins anew, and its record names the other.

use std::collections::BTreeMap;

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TEXT_CHARACTERS_MAX: usize = 2_000;

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportWorkspace {
    /// The workspace that was exported, by its own id and name.
    pub from_workspace: String,
    pub from_name: String,
    pub exported_at: String,
    pub manifest_sha256: String,
    /// How many rows of each table come in.
    pub tables: BTreeMap<String, u64>,
    pub log: CarriedLog,
}

/// The log that came along.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CarriedLog {
    /// Whose log it is: `daybook/` and the id of the workspace.
    pub origin: String,
    /// The public key that its checkpoint verifies with.
    pub vkey: String,
    pub records: i64,
    /// Its last checkpoint, a signed note.
    pub checkpoint: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct WorkspaceImported {
    /// The number under which the log is kept that came along.
    log: i64,
    tables: BTreeMap<String, u64>,
}

impl Command for ImportWorkspace {
    const SPEC: Spec = Spec {
        name: "trust.import_workspace",
        summary: "Take in a whole workspace from an export.",
        scope: Scope::Workspace,
        rate: Rate::Heavy,
        data: DataClass::Restricted,
        step_up: StepUp::Fresh,
        exposure: Exposure::Local,
    };
    type Output = WorkspaceImported;

    fn example() -> Self {
        Self {
            from_workspace: "0".repeat(32),
            from_name: "Lovelace & Sons".to_owned(),
            exported_at: "2026-01-31T12:00:00Z".to_owned(),
            manifest_sha256: "0".repeat(64),
            tables: BTreeMap::from([("accounts".to_owned(), 12)]),
            log: CarriedLog {
                origin: format!("daybook/{}", "0".repeat(32)),
                vkey: "daybook+0a1b2c3d+AbCd".to_owned(),
                records: 40,
                checkpoint: "daybook\n40\nAbCd=\n".to_owned(),
            },
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("from_workspace", &self.from_workspace, TEXT_CHARACTERS_MAX);
        faults.text("log.origin", &self.log.origin, TEXT_CHARACTERS_MAX);
        faults.text("log.vkey", &self.log.vkey, TEXT_CHARACTERS_MAX);
        faults.text("log.checkpoint", &self.log.checkpoint, TEXT_CHARACTERS_MAX);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<WorkspaceImported>, Error> {
        let last = tx.first(
            "SELECT COALESCE(max(id), 0) FROM carried_logs",
            &[],
            |row| row.int(0),
        )?;
        let log = last.unwrap_or(0) + 1;
        let now = tx.now().as_millisecond();
        tx.run(
            "INSERT INTO carried_logs (id, origin, vkey, records, carried_at_ms)
             VALUES ($1, $2, $3, $4, $5)",
            &[
                log.into(),
                Param::Text(&self.log.origin),
                Param::Text(&self.log.vkey),
                self.log.records.into(),
                now.into(),
            ],
        )?;
        let change = Change::created("Import", &self.from_workspace, &self);
        let tables = self.tables;
        Ok(Done::new(WorkspaceImported { log, tables }, change))
    }
}
