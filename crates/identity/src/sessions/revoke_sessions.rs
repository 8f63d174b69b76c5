//! Ends all of one's own sessions, or all but the one at hand.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{end_all, end_others};
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeSessions {
    /// All of them, or all others than the one that asks; all if it is left out.
    #[serde(default)]
    which: Which,
}

#[derive(Serialize, Deserialize, JsonSchema, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Which {
    #[default]
    All,
    Others,
}

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
        Self { which: Which::All }
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
        let own = permit.caller().session.as_ref();
        let sessions = match own.filter(|_| self.which == Which::Others) {
            Some(own) => end_others(tx, person, &own.id)?,
            None => end_all(tx, person)?,
        };
        let output = SessionsRevoked { sessions };
        let change = Change::removed("Sessions", person, &output);
        Ok(Done::new(output, change))
    }
}
