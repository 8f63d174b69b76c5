//! Ends all of one's own sessions, the one at hand too.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::end_all;
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeSessions {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct SessionsRevoked {
    /// How many sessions ended.
    sessions: u64,
}

impl Command for RevokeSessions {
    const SPEC: Spec = Spec {
        name: "identity.revoke_sessions",
        summary: "Sign out everywhere.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = SessionsRevoked;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(
        self,
        tx: &mut Write<'_>,
        permit: Permit<Self>,
    ) -> Result<Done<SessionsRevoked>, Error> {
        let person = signed_in(permit.caller())?;
        let output = SessionsRevoked {
            sessions: end_all(tx, person)?,
        };
        let change = Change::removed("Sessions", person, &output);
        Ok(Done::new(output, change))
    }
}
