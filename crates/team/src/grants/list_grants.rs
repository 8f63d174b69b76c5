//! The grants that this workspace gave, and those that it received.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Grant, Side};
use super::store;

/// The newest of each side; older ones are in the log.
const LISTED_MAX: i64 = 500;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListGrants {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Grants {
    /// The code by which a company offers a grant to this workspace.
    pub(crate) code: String,
    /// What others may read here, the newest first.
    pub(crate) given: Vec<Grant>,
    /// What this workspace may read elsewhere, the newest first.
    pub(crate) received: Vec<Grant>,
}

impl Query for ListGrants {
    const SPEC: Spec = Spec {
        name: "team.list_grants",
        summary: "List what other workspaces may read here, and what this one may read of others.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Grants;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Grants, Error> {
        let code = tx.workspace().map(|it| it.to_string());
        Ok(Grants {
            code: code.unwrap_or_default(),
            given: store::all(tx, Side::Given, LISTED_MAX)?,
            received: store::all(tx, Side::Received, LISTED_MAX)?,
        })
    }

    fn table(output: &Grants) -> Option<Table> {
        let names = [
            "side",
            "grant",
            "workspace",
            "scope",
            "purpose",
            "until",
            "state",
        ];
        let mut table = Table::new(&names.map(|name| (name, false)));
        let sides = [("given", &output.given), ("received", &output.received)];
        for (side, grants) in sides {
            table.rows.extend(grants.iter().map(|it| {
                vec![
                    side.to_owned(),
                    it.grant.clone(),
                    it.other_named(),
                    it.scope.to_string(),
                    it.purpose.clone(),
                    it.until.clone(),
                    it.state.name().to_owned(),
                ]
            }));
        }
        Some(table)
    }
}
