//! Invites somebody by address, whether they have an account here or not.

use daybook_kernel::id::hex;
use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Role, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Invitation, OPEN_MAX, OPEN_MS};
use super::store::{self, New};
use crate::members::{check_gift, member};

/// The longest address that mail can have.
const EMAIL_CHARACTERS_MAX: usize = 254;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InviteMember {
    /// Where the invitation is sent. Only whoever proves this address can accept it.
    email: String,
    role: Role,
}

impl Command for InviteMember {
    const SPEC: Spec = Spec {
        name: "team.invite_member",
        summary: "Invite somebody to this workspace by e-mail.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Invitation;

    fn example() -> Self {
        Self {
            email: "katherine@example.com".to_owned(),
            role: Role::Member,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("email", &self.email, EMAIL_CHARACTERS_MAX);
        let (mailbox, domain) = self.email.trim().rsplit_once('@').unwrap_or_default();
        let odd = |c: char| c.is_whitespace() || c.is_control();
        let good = !mailbox.is_empty() && !domain.is_empty() && !self.email.trim().contains(odd);
        if !good && !self.email.trim().is_empty() {
            faults.add(
                "email",
                "This is no e-mail address. Write it as name@example.com.",
            );
        }
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Invitation>, Error> {
        let caller = permit.caller();
        check_gift(caller, self.role)?;
        let inviter = caller.person.ok_or_else(Error::not_found)?;
        let email = self.email.trim();
        check_free(tx, email)?;
        let expires_at_ms = tx.now().as_millisecond() + OPEN_MS;
        let new = New {
            email,
            role: self.role,
            inviter: &inviter.to_string(),
            inviter_email: &caller.email,
            expires_at_ms,
        };
        let id = hex(&tx.random::<16>()?);
        store::insert(tx, &id, &new)?;
        let invitation = store::load(tx, &id)?.ok_or_else(Error::not_found)?;
        store::tell_made(tx, &invitation, expires_at_ms)?;
        let change = Change::created("Invitation", &id, &invitation);
        Ok(Done::new(invitation, change))
    }
}

/// Refuses whom there is nothing to offer.
fn check_free(tx: &mut Write<'_>, email: &str) -> Result<(), Error> {
    if let Some(person) = tx.find_person(email)?
        && member(tx, person)?.is_some()
    {
        return Err(Error::fault(
            "email",
            "This person is a member already. Change the role instead.",
        ));
    }
    if store::open_of(tx, email)?.is_some() {
        return Err(Error::fault(
            "email",
            "This address is invited already. Send the invitation again, or revoke it first.",
        ));
    }
    if store::count_open(tx)? >= OPEN_MAX {
        return Err(Error::conflict(format!(
            "{OPEN_MAX} invitations wait, which is as many as may. Revoke some first."
        )));
    }
    Ok(())
}
