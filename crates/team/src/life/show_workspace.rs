//! How the workspace stands, and how much it has stored of what it may.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowWorkspace {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct WorkspaceShown {
    /// What stands in its address.
    pub address: String,
    /// `active` or `frozen`.
    pub standing: String,
    /// What is stored, in bytes, as it was measured last.
    pub bytes_used: i64,
    /// How much it may be; nothing if there is no limit.
    pub bytes_max: Option<i64>,
}

impl Query for ShowWorkspace {
    const SPEC: Spec = Spec {
        name: "team.show_workspace",
        summary: "Show how this workspace stands, and how much it has stored of what it may.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = WorkspaceShown;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<WorkspaceShown, Error> {
        let usage = tx.usage();
        Ok(WorkspaceShown {
            address: tx.address().to_owned(),
            standing: tx.standing().name().to_owned(),
            bytes_used: usage.bytes_used,
            bytes_max: usage.bytes_max,
        })
    }
}
