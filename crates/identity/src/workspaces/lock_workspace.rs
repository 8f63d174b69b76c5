//! Locks a workspace: nobody comes in, by whatever door, until the operator
//! lifts that. Nothing of it is lost meanwhile, nor erased if it is deleted.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    Standing, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::life;

pub(super) const REASON_CHARACTERS_MAX: usize = 500;
/// Longer than an address and an id.
pub(super) const WORKSPACE_CHARACTERS_MAX: usize = 40;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LockWorkspace {
    /// Its name in addresses, or its id.
    workspace: String,
    /// Why, for the log.
    reason: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct WorkspaceLock {
    pub(super) id: String,
    locked: bool,
    reason: String,
}

impl Command for LockWorkspace {
    const SPEC: Spec = Spec {
        name: "identity.lock_workspace",
        summary: "Lock a workspace: nobody comes in until that is lifted.",
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
            reason: "A token of theirs was found in public".to_owned(),
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
        if life.standing == Standing::Locked {
            return Err(Error::conflict("This workspace is locked already."));
        }
        let now = tx.now().as_millisecond();
        let output = set_lock(tx, id, Some(now), self.reason)?;
        let change = Change::created("WorkspaceLock", &output.id, &output);
        Ok(Done::new(output, change))
    }
}

pub(super) fn set_lock(
    tx: &mut Write<'_>,
    id: String,
    at_ms: Option<i64>,
    reason: String,
) -> Result<WorkspaceLock, Error> {
    tx.run(
        "UPDATE workspaces SET locked_at_ms = $2 WHERE id = $1",
        &[Param::Text(&id), at_ms.into()],
    )?;
    tx.lives_changed();
    Ok(WorkspaceLock {
        id,
        locked: at_ms.is_some(),
        reason,
    })
}
