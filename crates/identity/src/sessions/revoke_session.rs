//! Ends one of one's own sessions, such as that of a lost phone.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeSession {
    /// The id of the session, as it is listed.
    id: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct SessionRevoked {
    id: String,
}

impl Command for RevokeSession {
    const SPEC: Spec = Spec {
        name: "identity.revoke_session",
        summary: "End one of your sessions.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = SessionRevoked;

    fn example() -> Self {
        Self {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("id", &self.id, 32);
    }

    fn apply(
        self,
        tx: &mut Write<'_>,
        permit: Permit<Self>,
    ) -> Result<Done<SessionRevoked>, Error> {
        let person = signed_in(permit.caller())?.to_string();
        let ended = tx.run(
            "DELETE FROM sessions WHERE id = $1 AND person = $2",
            &[Param::Text(&self.id), Param::Text(&person)],
        )?;
        if ended == 0 {
            return Err(Error::not_found());
        }
        let output = SessionRevoked { id: self.id };
        let change = Change::removed("Session", &output.id, &output);
        Ok(Done::new(output, change))
    }
}
