//! Freezes the workspace: it is read and exported as ever, and nothing in it
//! changes until an Owner ends that.

use daybook_kernel::{
    Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, Standing, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::orders::{Ordered, check_reason, give};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FreezeWorkspace {
    /// Why, for the log; leave it out if it goes without saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Command for FreezeWorkspace {
    const SPEC: Spec = Spec {
        name: "team.freeze_workspace",
        summary: "Freeze this workspace: it is read and exported, and takes no commands.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Ordered;

    fn example() -> Self {
        Self {
            reason: Some("The auditors are here".to_owned()),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_reason(faults, self.reason.as_deref());
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Ordered>, Error> {
        let after = Ordered::of(Standing::Frozen);
        let reason = self.reason.as_deref();
        let change = give(tx, permit.caller(), "freeze", &after, reason)?;
        Ok(Done::new(after, change))
    }
}
