//! Ends the session at hand.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignOut {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct SignedOut {
    /// The session that ended.
    id: String,
}

impl Command for SignOut {
    const SPEC: Spec = Spec {
        name: "identity.sign_out",
        summary: "End the session at hand.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Halfway,
    };
    type Output = SignedOut;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<SignedOut>, Error> {
        let session = permit.caller().session.as_ref();
        let session = session.ok_or_else(|| Error::conflict("There is no session to end."))?;
        let ended = tx.run(
            "DELETE FROM sessions WHERE id = $1",
            &[Param::Text(&session.id)],
        )?;
        if ended == 0 {
            return Err(Error::not_found());
        }
        let id = session.id.clone();
        let output = SignedOut { id };
        let change = Change::removed("Session", &output.id, &output);
        Ok(Done::new(output, change))
    }
}
