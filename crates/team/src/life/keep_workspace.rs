//! Takes a deletion back, while there is something to take back.

use daybook_kernel::{
    Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, Standing, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::orders::{Ordered, give};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeepWorkspace {}

impl Command for KeepWorkspace {
    const SPEC: Spec = Spec {
        name: "team.keep_workspace",
        summary: "Take back the deletion of this workspace: it is open again.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Ordered;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Ordered>, Error> {
        let Standing::Deleted { gone_at_ms } = tx.standing() else {
            return Err(Error::conflict("This workspace is not deleted."));
        };
        if gone_at_ms <= tx.now().as_millisecond() {
            return Err(Error::conflict(
                "The seven days are over. This workspace cannot be taken back any more.",
            ));
        }
        let after = Ordered::of(Standing::Active);
        let change = give(tx, permit.caller(), "keep", &after, None)?;
        Ok(Done::new(after, change))
    }
}
