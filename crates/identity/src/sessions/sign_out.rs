//! Ends the session at hand.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TOKEN_PURPOSE;
use crate::secret::Secret;
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignOut {
    /// The token of the session that ends. In the browser it comes from the cookie.
    token: Secret,
}

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
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = SignedOut;

    fn example() -> Self {
        Self {
            token: Secret::placeholder(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<SignedOut>, Error> {
        let person = signed_in(permit.caller())?.to_string();
        let hash = tx.vault().keyed_hash(TOKEN_PURPOSE, self.token.as_bytes());
        let ended = tx.first(
            "DELETE FROM sessions WHERE token_hash = $1 AND person = $2 RETURNING id",
            &[Param::Bytes(&hash), Param::Text(&person)],
            |row| Ok(row.text(0)?.to_owned()),
        )?;
        let id = ended.ok_or_else(Error::not_found)?;
        let output = SignedOut { id };
        let change = Change::removed("Session", &output.id, &output);
        Ok(Done::new(output, change))
    }
}
