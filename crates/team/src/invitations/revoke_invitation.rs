//! Takes an invitation back: its link is over.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Invitation;
use super::store;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeInvitation {
    /// The id of the invitation.
    invitation: String,
}

impl Command for RevokeInvitation {
    const SPEC: Spec = Spec {
        name: "team.revoke_invitation",
        summary: "Take an invitation back.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Invitation;

    fn example() -> Self {
        Self {
            invitation: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::record("Invitation", &self.invitation)
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<Invitation>, Error> {
        let invitation = store::load(tx, &self.invitation)?.ok_or_else(Error::not_found)?;
        if !store::end(tx, &self.invitation, "revoked")? {
            return Err(Error::not_found());
        }
        store::tell_ended(tx, &self.invitation)?;
        let change = Change::removed("Invitation", &invitation.id, &invitation);
        Ok(Done::new(invitation, change))
    }
}
