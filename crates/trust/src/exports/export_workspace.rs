//! Notes that a workspace leaves whole. Whoever writes the export reads on a
//! snapshot, calls this with what was read, and lets the files go only after: as
//! with every Restricted answer, the record stands before the data leaves.

use std::collections::BTreeMap;

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TEXT_CHARACTERS_MAX: usize = 2_000;
const TABLES_MAX: usize = 1_000;

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportWorkspace {
    /// How the export is written: full.
    format: String,
    /// How many rows of each table it holds.
    tables: BTreeMap<String, u64>,
    /// Records of the audit log in it.
    records: u64,
    /// The SHA-256 of its manifest, which names every file's.
    manifest_sha256: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ExportNoted {
    noted_at: String,
}

impl Command for ExportWorkspace {
    const SPEC: Spec = Spec {
        name: "trust.export_workspace",
        summary: "Note that the whole workspace leaves as an export.",
        scope: Scope::Workspace,
        rate: Rate::Heavy,
        data: DataClass::Restricted,
        step_up: StepUp::Fresh,
        exposure: Exposure::Local,
    };
    type Output = ExportNoted;

    fn example() -> Self {
        Self {
            format: "full".to_owned(),
            tables: BTreeMap::from([("accounts".to_owned(), 12)]),
            records: 40,
            manifest_sha256: "0".repeat(64),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("format", &self.format, TEXT_CHARACTERS_MAX);
        faults.text("manifest_sha256", &self.manifest_sha256, 64);
        if self.tables.len() > TABLES_MAX {
            faults.add("tables", format!("At most {TABLES_MAX} tables are named."));
        }
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<ExportNoted>, Error> {
        let noted = ExportNoted {
            noted_at: tx.now().to_string(),
        };
        let id = self.manifest_sha256.clone();
        Ok(Done::new(noted, Change::created("Export", id, &self)))
    }
}
