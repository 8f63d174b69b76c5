//! Moves the account to the address whose code is shown. Every other session
//! ends and this one gets a new token; the old address is told, with the way to
//! take the account back.

use daybook_kernel::{
    Asker, Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Refusal, Scope,
    Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::former::{self, is_reserved};
use super::store;
use crate::factors::{own_session, refuse_while_frozen};
use crate::links::{self, Purpose};
use crate::mail::{self, Draft};
use crate::people::{move_to, person};
use crate::secret::Secret;
use crate::sessions::{SessionOpened, Shown, end_others, rotate};
use crate::workspaces::tell_workspaces;
use crate::{named, signed_in};

const CODE_CHARACTERS_MAX: usize = 20;
const NOT_RIGHT: &str = "This code is not right, or it is too old. Look at the newest message, or ask for another code.";

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmEmailChange {
    /// The eight digits that were sent to the new address.
    code: Secret,
}

#[derive(Serialize)]
struct Address<'a> {
    email: &'a str,
}

impl Command for ConfirmEmailChange {
    const SPEC: Spec = Spec {
        name: "identity.confirm_email_change",
        summary: "Move your account to the new e-mail address, by the code that was sent there.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    const PREPARED: bool = true;
    const OPENS_SESSION: bool = true;
    type Output = SessionOpened;

    fn example() -> Self {
        Self {
            code: Secret::placeholder(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        if self.code.length() == 0 {
            faults.add("code", "Type the code.");
        } else if self.code.length() > CODE_CHARACTERS_MAX {
            faults.add("code", "This is longer than any code.");
        }
    }

    fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error> {
        store::charge(tx, named(asker.person)?, &self.code)
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<SessionOpened>, Error> {
        let own = signed_in(permit.caller())?;
        let session = own_session(permit.caller())?;
        refuse_while_frozen(tx, own)?;
        let refused = || Error::Refused(Refusal::Forbidden(NOT_RIGHT.to_owned()));
        let email = store::use_up(tx, own, &self.code)?.ok_or_else(refused)?;
        // Somebody may have come by the address since; they are no more told of.
        if person(tx, &email)?.is_some() || is_reserved(tx, &email, Some(own))? {
            return Err(refused());
        }
        let old = permit.caller().email.clone();
        let former = former::keep(tx, own, &old)?;
        move_to(tx, own, &email)?;
        links::end_all(tx, Purpose::Reset, &own.to_string())?;
        tell_workspaces(tx, own)?;
        tell_old(tx, (&old, &email), &former)?;
        end_others(tx, own, &session.id)?;
        let opened = rotate(tx, &session.id, Shown::Nothing)?;
        let (was, is) = (Address { email: &old }, Address { email: &email });
        Ok(Done::new(
            opened,
            Change::updated("EmailAddress", own, &was, &is),
        ))
    }
}

/// Whoever did not do this takes the account back.
fn tell_old(tx: &mut Write<'_>, (old, new): (&str, &str), former: &str) -> Result<(), Error> {
    let until_ms = tx.now().as_millisecond() + former::KEPT_MS;
    let token = links::make(tx, Purpose::AddressBack, former, until_ms)?;
    let paragraphs = [
        format!("Your account moved to the address {new}. From now on you sign in with that one."),
        "If it was not you, open the link within three days: you choose a new password, the account comes back to this address, and whoever else is signed in is out.".to_owned(),
    ];
    let letter = Draft {
        to: old,
        subject: "Your Daybook account has another address",
        paragraphs: &paragraphs,
        link: Some((
            "Take the account back",
            &links::path(Purpose::AddressBack, &token),
        )),
        until_ms,
    };
    mail::post(tx, &letter)
}
