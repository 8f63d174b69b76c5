//! The workspaces that one is a member of, for the switcher.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Param, Permit, Query, Rate, Read, Scope, Spec, Standing,
    StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::directory::NAME;
use super::life;
use crate::{instant, signed_in};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListWorkspaces {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Workspaces {
    /// By name.
    workspaces: Vec<WorkspaceListed>,
}

#[derive(Serialize, JsonSchema)]
struct WorkspaceListed {
    id: String,
    /// What stands in its address.
    slug: String,
    name: String,
    /// 0 to 7, one of the colours of pages.
    colour: i64,
    /// `active`, `frozen`, `locked`, or `deleted` for whoever may take that back.
    standing: String,
    /// When it will be gone, if it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    gone_at: Option<String>,
}

impl Query for ListWorkspaces {
    const SPEC: Spec = Spec {
        name: "identity.list_workspaces",
        summary: "List the workspaces that you are a member of.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = Workspaces;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<Workspaces, Error> {
        let person = signed_in(permit.caller())?.to_string();
        let mut workspaces = tx.all(
            "SELECT w.id, w.slug, w.name, w.colour,
             w.frozen_at_ms, w.locked_at_ms, w.deleted_at_ms, w.remains_key
             FROM workspace_people m JOIN workspaces w ON w.id = m.workspace
             WHERE m.person = $1 AND w.remains_key IS NULL AND (w.deleted_at_ms IS NULL
             OR EXISTS (SELECT 1 FROM workspace_keepers k
             WHERE k.workspace = m.workspace AND k.person = m.person))",
            &[Param::Text(&person)],
            |row| {
                let standing = life::standing(row, 4)?;
                Ok(WorkspaceListed {
                    id: row.text(0)?.to_owned(),
                    slug: row.text(1)?.to_owned(),
                    name: row.sealed(2, NAME)?,
                    colour: row.int(3)?,
                    standing: standing.name().to_owned(),
                    gone_at: gone_at(standing),
                })
            },
        )?;
        // Names are sealed in the store, so they are put in order here.
        workspaces.sort_by_cached_key(|it| (it.name.to_lowercase(), it.id.clone()));
        Ok(Workspaces { workspaces })
    }

    fn table(output: &Workspaces) -> Option<Table> {
        let columns = ["workspace", "name", "state", "id"].map(|name| (name, false));
        let mut table = Table::new(&columns);
        table.rows = output
            .workspaces
            .iter()
            .map(|it| {
                [&it.slug, &it.name, &it.standing, &it.id]
                    .map(Clone::clone)
                    .to_vec()
            })
            .collect();
        Some(table)
    }
}

fn gone_at(standing: Standing) -> Option<String> {
    match standing {
        Standing::Deleted { gone_at_ms } => Some(instant(gone_at_ms)),
        _ => None,
    }
}
