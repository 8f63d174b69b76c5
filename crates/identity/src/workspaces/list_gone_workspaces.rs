//! The workspaces that were erased within the last year, by whom each was
//! deleted and when. What they held and what they were called is gone.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::instant;
use crate::people::EMAIL;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListGoneWorkspaces {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ErasedWorkspaces {
    /// The last first.
    workspaces: Vec<ErasedWorkspace>,
}

#[derive(Serialize, JsonSchema)]
struct ErasedWorkspace {
    id: String,
    created_at: String,
    deleted_at: String,
    /// The person who deleted it.
    deleted_by: Option<String>,
    /// Their address, while they have an account.
    deleted_by_email: Option<String>,
    erased_at: String,
}

impl Query for ListGoneWorkspaces {
    const SPEC: Spec = Spec {
        name: "identity.list_gone_workspaces",
        summary: "List the workspaces that were erased within a year, and who deleted them.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    type Output = ErasedWorkspaces;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<ErasedWorkspaces, Error> {
        let workspaces = tx.all(
            "SELECT w.id, w.created_at_ms, w.deleted_at_ms, w.deleted_by, p.email, w.erased_at_ms
             FROM workspaces w LEFT JOIN people p ON p.id = w.deleted_by
             WHERE w.erased_at_ms IS NOT NULL ORDER BY w.erased_at_ms DESC, w.id",
            &[],
            |row| {
                Ok(ErasedWorkspace {
                    id: row.text(0)?.to_owned(),
                    created_at: instant(row.int(1)?),
                    deleted_at: instant(row.maybe_int(2)?.unwrap_or_default()),
                    deleted_by: row.maybe_text(3)?.map(str::to_owned),
                    deleted_by_email: Some(row.sealed(4, EMAIL)?).filter(|it| !it.is_empty()),
                    erased_at: instant(row.int(5)?),
                })
            },
        )?;
        Ok(ErasedWorkspaces { workspaces })
    }

    fn table(output: &ErasedWorkspaces) -> Option<Table> {
        let columns = ["workspace", "deleted by", "deleted", "erased"].map(|name| (name, false));
        let mut table = Table::new(&columns);
        let rows = output.workspaces.iter().map(|it| {
            let by = it.deleted_by_email.as_ref().or(it.deleted_by.as_ref());
            let by = by.cloned().unwrap_or_default();
            vec![
                it.id.clone(),
                by,
                it.deleted_at.clone(),
                it.erased_at.clone(),
            ]
        });
        table.rows = rows.collect();
        Some(table)
    }
}
