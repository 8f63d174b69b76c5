//! Asks for one of one's own passkeys, as a second factor or before something
//! grave.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::challenges::{self, Asked};
use super::{Challenge, ceremony, sql};
use crate::factors::own_session;
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartPasskeyProof {}

#[derive(Serialize)]
struct Begun {}

impl Command for StartPasskeyProof {
    const SPEC: Spec = Spec {
        name: "identity.start_passkey_proof",
        summary: "Ask for one of your own passkeys, to show that it is you.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Halfway,
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
        let own = sql::credentials(tx, person)?;
        if own.is_empty() {
            return Err(Error::conflict("You have no passkey here."));
        }
        let site = ceremony::site(tx)?;
        let (options, state) = ceremony::authentication(&site, &own)?;
        let challenge = challenges::put(tx, &Asked::Session(&session.id), &state)?;
        let change = Change::created("PasskeyChallenge", person, &Begun {});
        Ok(Done::new(Challenge { challenge, options }, change))
    }
}
