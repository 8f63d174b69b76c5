//! Sends an invitation again, with a new link and three more days. The link of
//! the letter before is over.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Invitation, OPEN_MS, SENDINGS_MAX};
use super::store;
use crate::members::check_gift;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResendInvitation {
    /// The id of the invitation.
    invitation: String,
}

impl Command for ResendInvitation {
    const SPEC: Spec = Spec {
        name: "team.resend_invitation",
        summary: "Send an invitation again; the link of the letter before is over.",
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

    /// Whoever sends it again is whose right it stands on from then on.
    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Invitation>, Error> {
        let caller = permit.caller();
        let before = store::load(tx, &self.invitation)?.ok_or_else(Error::not_found)?;
        check_gift(caller, before.role)?;
        if before.sendings >= SENDINGS_MAX {
            return Err(Error::conflict(format!(
                "This invitation was sent {SENDINGS_MAX} times. Ask {} whether the address is right, then revoke it and invite anew.",
                before.email
            )));
        }
        let inviter = caller.person.ok_or_else(Error::not_found)?.to_string();
        let expires_at_ms = tx.now().as_millisecond() + OPEN_MS;
        tx.run(
            "UPDATE invitations SET sendings = sendings + 1, expires_at_ms = $2, inviter = $3, inviter_email = $4
             WHERE id = $1",
            &[
                Param::Text(&self.invitation),
                expires_at_ms.into(),
                Param::Text(&inviter),
                Param::Sealed {
                    column: "invitations.inviter_email",
                    text: &caller.email,
                },
            ],
        )?;
        let after = store::load(tx, &self.invitation)?.ok_or_else(Error::not_found)?;
        store::tell_made(tx, &after, expires_at_ms)?;
        let change = Change::updated("Invitation", &after.id, &before, &after);
        Ok(Done::new(after, change))
    }
}
