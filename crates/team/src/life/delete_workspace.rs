//! Deletes the workspace. It is closed for everyone at once; for a week an Owner
//! can take it back, and then nothing of what it holds can be had again.

use daybook_kernel::standing::KEPT_MS;
use daybook_kernel::{
    Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, Standing, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::orders::{Ordered, check_reason, give};

/// Longer than any address.
const ADDRESS_CHARACTERS_MAX: usize = 100;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteWorkspace {
    /// The workspace's own name in addresses, typed out.
    address: String,
    /// Why, for the log; leave it out if it goes without saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Command for DeleteWorkspace {
    const SPEC: Spec = Spec {
        name: "team.delete_workspace",
        summary: "Delete this workspace: it is closed at once, and gone after seven days.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Ordered;

    fn example() -> Self {
        Self {
            address: "lovelace".to_owned(),
            reason: None,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("address", &self.address, ADDRESS_CHARACTERS_MAX);
        check_reason(faults, self.reason.as_deref());
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Ordered>, Error> {
        if self.address.trim() != tx.address() {
            let message = format!(
                "This is not the address of this workspace. Type {} to delete it.",
                tx.address()
            );
            return Err(Error::fault("address", message));
        }
        let gone_at_ms = tx.now().as_millisecond() + KEPT_MS;
        let after = Ordered::of(Standing::Deleted { gone_at_ms });
        let reason = self.reason.as_deref();
        let change = give(tx, permit.caller(), "delete", &after, reason)?;
        Ok(Done::new(after, change))
    }
}
