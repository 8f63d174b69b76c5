//! Asks for another address: a code goes there. The answer is the same whether
//! or not somebody here has it; only its mailbox is told.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::former::is_reserved;
use super::store::{self, CODE_MS};
use crate::factors::refuse_while_frozen;
use crate::mail::{self, Draft};
use crate::people::{check_address, normalise, person};
use crate::signed_in;

const DIGITS: u64 = 100_000_000;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestEmailChange {
    /// The address that you want to sign in with.
    new_email: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct EmailChangeRequested {
    /// What happens next, whoever has the address.
    next: &'static str,
}

const NEXT: &str =
    "A message with a code is on its way to the new address. The code is good for 10 minutes.";

impl Command for RequestEmailChange {
    const SPEC: Spec = Spec {
        name: "identity.request_email_change",
        summary: "Ask for another e-mail address: a code goes there.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = EmailChangeRequested;

    fn example() -> Self {
        Self {
            new_email: "ada@example.org".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_address(faults, "new_email", &self.new_email);
    }

    fn apply(
        self,
        tx: &mut Write<'_>,
        permit: Permit<Self>,
    ) -> Result<Done<EmailChangeRequested>, Error> {
        let own = signed_in(permit.caller())?;
        refuse_while_frozen(tx, own)?;
        let email = self.new_email.trim();
        if normalise(email) == normalise(&permit.caller().email) {
            return Err(Error::fault("new_email", "This is your address already."));
        }
        let taken = person(tx, email)?.is_some() || is_reserved(tx, email, Some(own))?;
        // Made either way: both ways take the same work.
        let random = u64::from_le_bytes(tx.random()?);
        let code = format!("{:08}", random % DIGITS);
        store::keep(tx, own, email, (!taken).then_some(code.as_str()))?;
        write(tx, email, (!taken).then_some(code.as_str()))?;
        let output = EmailChangeRequested { next: NEXT };
        // The log is not told of the address: it may be somebody else's.
        let change = Change::created("AddressChange", own, &output);
        Ok(Done::new(output, change))
    }
}

fn write(tx: &mut Write<'_>, to: &str, code: Option<&str>) -> Result<(), Error> {
    let said = match code {
        Some(code) => [
            format!("The code for your new address is {code}. Type it within 10 minutes, where you asked for it."),
            "If it was not you, leave it: nothing changes without the code, so tell it to nobody.".to_owned(),
        ],
        None => [
            "Somebody asked to use this address for their account here. It is yours already, so nothing was changed.".to_owned(),
            "If it was you, sign in with this address instead.".to_owned(),
        ],
    };
    let letter = Draft {
        to,
        subject: "Your new address for Daybook",
        paragraphs: &said,
        link: None,
        until_ms: tx.now().as_millisecond() + CODE_MS,
    };
    mail::post(tx, &letter)
}
