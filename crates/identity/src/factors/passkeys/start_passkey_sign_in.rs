//! Begins to sign in with a passkey: a question that any passkey of this site
//! may answer, so that it says nothing about who has an account.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::challenges::{self, Asked};
use super::{Challenge, ceremony};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartPasskeySignIn {}

#[derive(Serialize)]
struct Begun {}

impl Command for StartPasskeySignIn {
    const SPEC: Spec = Spec {
        name: "identity.start_passkey_sign_in",
        summary: "Begin to sign in with a passkey.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Public,
    };
    type Output = Challenge;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<Challenge>, Error> {
        let site = ceremony::site(tx)?;
        let (options, state) = ceremony::authentication(&site, &[])?;
        let challenge = challenges::put(tx, &Asked::Visitor, &state)?;
        let change = Change::created("PasskeyChallenge", "visitor", &Begun {});
        Ok(Done::new(Challenge { challenge, options }, change))
    }
}
