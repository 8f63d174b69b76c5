//! Ends a freeze: the workspace takes commands again.

use daybook_kernel::{
    Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, Standing, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::orders::{Ordered, check_reason, give};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThawWorkspace {
    /// Why, for the log; leave it out if it goes without saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Command for ThawWorkspace {
    const SPEC: Spec = Spec {
        name: "team.thaw_workspace",
        summary: "End the freeze of this workspace: it takes commands again.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Ordered;

    fn example() -> Self {
        Self { reason: None }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_reason(faults, self.reason.as_deref());
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Ordered>, Error> {
        if tx.standing() != Standing::Frozen {
            return Err(Error::conflict("This workspace is not frozen."));
        }
        let after = Ordered::of(Standing::Active);
        let reason = self.reason.as_deref();
        let change = give(tx, permit.caller(), "thaw", &after, reason)?;
        Ok(Done::new(after, change))
    }
}
