//! The workspaces that one is a member of, for the switcher.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Param, Permit, Query, Rate, Read, Scope, Spec, StepUp,
    Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::directory::NAME;
use crate::signed_in;

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
            "SELECT w.id, w.slug, w.name, w.colour
             FROM workspace_people m JOIN workspaces w ON w.id = m.workspace
             WHERE m.person = $1",
            &[Param::Text(&person)],
            |row| {
                Ok(WorkspaceListed {
                    id: row.text(0)?.to_owned(),
                    slug: row.text(1)?.to_owned(),
                    name: row.sealed(2, NAME)?,
                    colour: row.int(3)?,
                })
            },
        )?;
        // Names are sealed in the store, so they are put in order here.
        workspaces.sort_by_cached_key(|it| (it.name.to_lowercase(), it.id.clone()));
        Ok(Workspaces { workspaces })
    }

    fn table(output: &Workspaces) -> Option<Table> {
        let mut table = Table::new(&[("workspace", false), ("name", false), ("id", false)]);
        table.rows = output
            .workspaces
            .iter()
            .map(|it| vec![it.slug.clone(), it.name.clone(), it.id.clone()])
            .collect();
        Some(table)
    }
}
