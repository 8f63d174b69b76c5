//! Begins to add a passkey: what the browser is to ask its devices.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::challenges::{self, Asked};
use super::{Challenge, ceremony, sql};
use crate::factors::{own_session, refuse_while_frozen};
use crate::signed_in;

/// More than anybody has.
const PASSKEYS_PER_PERSON_MAX: usize = 20;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartPasskey {}

#[derive(Serialize)]
struct Begun {
    passkeys: usize,
}

impl Command for StartPasskey {
    const SPEC: Spec = Spec {
        name: "identity.start_passkey",
        summary: "Begin to add a passkey.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Challenge;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Challenge>, Error> {
        let person = signed_in(permit.caller())?;
        let session = own_session(permit.caller())?;
        refuse_while_frozen(tx, person)?;
        let kept = sql::credentials(tx, person)?;
        let passkeys = kept.len();
        if passkeys >= PASSKEYS_PER_PERSON_MAX {
            return Err(Error::conflict(format!(
                "You have {PASSKEYS_PER_PERSON_MAX} passkeys, which is as many as are kept. Remove one first."
            )));
        }
        let site = ceremony::site(tx)?;
        let (options, state) = ceremony::registration(&site, person, &permit.caller().email, kept)?;
        let challenge = challenges::put(tx, &Asked::NewPasskey(&session.id), &state)?;
        let change = Change::created("PasskeyChallenge", person, &Begun { passkeys });
        Ok(Done::new(Challenge { challenge, options }, change))
    }
}
