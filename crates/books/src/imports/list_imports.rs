//! The imports of the books, the latest first.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListImports {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImportList {
    pub imports: Vec<ListedImport>,
    /// Whether you see only what is assigned to you: then no import is listed.
    pub assigned_only: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ListedImport {
    pub import: i64,
    /// RFC 3339, UTC.
    pub at: String,
    pub file: String,
    pub entries: i64,
    pub skipped: i64,
    pub accounts_opened: i64,
    pub undone_at: Option<String>,
}

impl Query for ListImports {
    const SPEC: Spec = Spec {
        name: "books.list_imports",
        summary: "Lists the imports of the books.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = ImportList;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<ImportList, Error> {
        let instant = |at_ms: i64| {
            jiff::Timestamp::from_millisecond(at_ms)
                .map(|at| at.to_string())
                .map_err(Error::ours)
        };
        let listed = |one: sql::KeptImport| {
            Ok(ListedImport {
                import: one.id,
                at: instant(one.at_ms)?,
                file: one.file,
                entries: one.entries,
                skipped: one.skipped,
                accounts_opened: one.accounts_opened,
                undone_at: one.undone_at_ms.map(instant).transpose()?,
            })
        };
        let imports = sql::all(tx)?
            .into_iter()
            .map(listed)
            .collect::<Result<_, Error>>()?;
        Ok(ImportList {
            imports,
            assigned_only: !tx.sees_all(),
        })
    }

    fn table(output: &ImportList) -> Option<Table> {
        let mut table = Table::new(&[
            ("import", true),
            ("at", false),
            ("file", false),
            ("entries", true),
            ("undone_at", false),
        ]);
        table.rows.extend(output.imports.iter().cloned().map(|one| {
            let undone = one.undone_at.unwrap_or_default();
            vec![
                one.import.to_string(),
                one.at,
                one.file,
                one.entries.to_string(),
                undone,
            ]
        }));
        Some(table)
    }
}
