//! Lifts the operator's lock of a workspace. It stands again as its Owner left it.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, Standing,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::life;
use super::lock_workspace::{
    REASON_CHARACTERS_MAX, WORKSPACE_CHARACTERS_MAX, WorkspaceLock, set_lock,
};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnlockWorkspace {
    /// Its name in addresses, or its id.
    workspace: String,
    /// Why, for the log.
    reason: String,
}

impl Command for UnlockWorkspace {
    const SPEC: Spec = Spec {
        name: "identity.unlock_workspace",
        summary: "Lift the lock of a workspace.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::Fresh,
        exposure: Exposure::Local,
    };
    type Output = WorkspaceLock;

    fn example() -> Self {
        Self {
            workspace: "lovelace".to_owned(),
            reason: "The token is revoked".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("workspace", &self.workspace, WORKSPACE_CHARACTERS_MAX);
        faults.text("reason", &self.reason, REASON_CHARACTERS_MAX);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<WorkspaceLock>, Error> {
        let (id, life) = life::of(tx, &self.workspace)?;
        if life.standing != Standing::Locked {
            return Err(Error::conflict("This workspace is not locked."));
        }
        let output = set_lock(tx, id, None, self.reason)?;
        let change = Change::removed("WorkspaceLock", &output.id, &output);
        Ok(Done::new(output, change))
    }
}
