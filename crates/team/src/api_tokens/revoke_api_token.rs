//! Revokes an API token, in effect on its very next use.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{ApiToken, State};
use super::store;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeApiToken {
    /// The id of the token, as it is listed.
    id: String,
}

impl Command for RevokeApiToken {
    const SPEC: Spec = Spec {
        name: "team.revoke_api_token",
        summary: "Revoke an API token of yours; Owners and Admins revoke anybody's.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        // Revoking must be quick when a token has leaked.
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = ApiToken;

    fn example() -> Self {
        Self {
            id: "01234567".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::record("ApiToken", &self.id)
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<ApiToken>, Error> {
        let before = store::load(tx, &self.id)?.ok_or_else(Error::not_found)?;
        if before.state == State::Revoked {
            return Err(Error::conflict("This token is revoked already."));
        }
        let now = tx.now().as_millisecond();
        tx.run(
            "UPDATE api_tokens SET revoked_at_ms = $2 WHERE id = $1",
            &[Param::Text(&self.id), now.into()],
        )?;
        let after = ApiToken {
            state: State::Revoked,
            ..before.clone()
        };
        let change = Change::updated("ApiToken", &after.id, &before, &after);
        Ok(Done::new(after, change))
    }
}
