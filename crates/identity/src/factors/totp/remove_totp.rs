//! Takes the authenticator app off the account.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::factors::{drop_what_is_left, refuse_while_frozen};
use crate::{instant, signed_in};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveTotp {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct TotpRemoved {
    /// Since when the app was good.
    confirmed_at: String,
}

impl Command for RemoveTotp {
    const SPEC: Spec = Spec {
        name: "identity.remove_totp",
        summary: "Remove your authenticator app.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = TotpRemoved;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<TotpRemoved>, Error> {
        let person = signed_in(permit.caller())?;
        refuse_while_frozen(tx, person)?;
        let confirmed_at_ms = tx.first(
            "DELETE FROM totp_factors WHERE person = $1 AND confirmed_at_ms IS NOT NULL
             RETURNING confirmed_at_ms",
            &[Param::Text(&person.to_string())],
            |row| row.int(0),
        )?;
        let confirmed_at_ms =
            confirmed_at_ms.ok_or_else(|| Error::conflict("You have no authenticator app."))?;
        drop_what_is_left(tx, person)?;
        let output = TotpRemoved {
            confirmed_at: instant(confirmed_at_ms),
        };
        let change = Change::removed("AuthenticatorApp", person, &output);
        Ok(Done::new(output, change))
    }
}
