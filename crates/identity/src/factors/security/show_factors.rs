//! What one can show of oneself: asked by whoever owes the second factor, and
//! before what is grave.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Param, Permit, PersonId, Query, Rate, Read, Scope, Spec,
    StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::factors::enrolled;
use crate::people::kept_password;
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowFactors {}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a way that is there or is not; no two exclude each other"
)]
#[derive(Serialize, JsonSchema)]
pub(crate) struct Factors {
    /// Only where there is no other factor: a password alone is no second one.
    password: bool,
    /// Only where there is not even a password: an account elsewhere signs in anew.
    provider: bool,
    app: bool,
    passkey: bool,
    recovery_code: bool,
    /// Whether to say that there is no second factor yet.
    remind: bool,
}

impl Query for ShowFactors {
    const SPEC: Spec = Spec {
        name: "identity.show_factors",
        summary: "Show which factors you can prove yourself with.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Halfway,
    };
    type Output = Factors;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<Factors, Error> {
        let person = signed_in(permit.caller())?;
        let enrolled = enrolled(tx, person)?;
        let bare = !enrolled.has_second_factor();
        let has_password = kept_password(tx, person)?.is_some();
        Ok(Factors {
            password: bare && has_password,
            provider: bare && !has_password,
            app: enrolled.app,
            passkey: enrolled.passkeys > 0,
            recovery_code: !bare && enrolled.recovery_codes_left > 0,
            remind: bare && !is_dismissed(tx, person)?,
        })
    }
}

/// Whether the reminder is put off.
pub(super) fn is_dismissed(tx: &mut Read<'_>, person: PersonId) -> Result<bool, Error> {
    let until = tx.first(
        "SELECT reminder_dismissed_until_ms FROM people WHERE id = $1",
        &[Param::Text(&person.to_string())],
        |row| row.int(0),
    )?;
    Ok(until.unwrap_or(0) > tx.now().as_millisecond())
}
