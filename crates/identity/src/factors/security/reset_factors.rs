//! Takes every second factor off an account whose owner has lost them all. Whoever
//! holds the data folder does it, once they know by other means who asks; the
//! person is told, and signs in by password from then on.

use daybook_kernel::id::hex;
use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, PersonId, Rate,
    Scope, Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::factors::{drop_what_is_left, enrolled};
use crate::mail::{self, Draft};
use crate::people::{check_shown_address, person};
use crate::sessions::end_all;
use crate::workspaces::{Trouble, tell_trouble};

const REASON_CHARACTERS_MAX: usize = 500;
/// A letter about it is no news after a week.
const TOLD_WITHIN_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetFactors {
    /// The address of the account.
    email: String,
    /// Why, and how it was made sure who asks; for the log.
    reason: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct FactorsReset {
    /// Whether an authenticator app was taken off.
    app: bool,
    passkeys: i64,
    recovery_codes: i64,
    sessions_ended: u64,
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    reset: &'a FactorsReset,
    reason: &'a str,
}

impl Command for ResetFactors {
    const SPEC: Spec = Spec {
        name: "identity.reset_factors",
        summary: "Take every second factor off an account whose owner has lost them.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::Fresh,
        exposure: Exposure::Local,
    };
    type Output = FactorsReset;

    fn example() -> Self {
        Self {
            email: "ada@example.com".to_owned(),
            reason: "Lost her phone; called back at the number we know".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_shown_address(faults, "email", &self.email);
        faults.text("reason", &self.reason, REASON_CHARACTERS_MAX);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<FactorsReset>, Error> {
        let who = person(tx, &self.email)?
            .ok_or_else(|| Error::fault("email", "Nobody here has this address."))?;
        let before = enrolled(tx, who.person)?;
        if !before.has_second_factor() {
            return Err(Error::conflict("This account has no second factor."));
        }
        take_off(tx, who.person)?;
        let output = FactorsReset {
            app: before.app,
            passkeys: before.passkeys,
            recovery_codes: before.recovery_codes_left,
            sessions_ended: end_all(tx, who.person)?,
        };
        tell(tx, &who.email)?;
        tell_their_workspaces(tx, who.person)?;
        let told = Told {
            reset: &output,
            reason: self.reason.trim(),
        };
        let change = Change::removed("Factors", who.person, &told);
        Ok(Done::new(output, change))
    }
}

fn take_off(tx: &mut Write<'_>, person: PersonId) -> Result<(), Error> {
    let name = person.to_string();
    tx.run(
        "DELETE FROM totp_factors WHERE person = $1",
        &[Param::Text(&name)],
    )?;
    tx.run(
        "DELETE FROM passkeys WHERE person = $1",
        &[Param::Text(&name)],
    )?;
    drop_what_is_left(tx, person)
}

/// Whoever answers for this member may ask them whether they wanted it.
fn tell_their_workspaces(tx: &mut Write<'_>, person: PersonId) -> Result<(), Error> {
    let (id, now) = (hex(&tx.random::<16>()?), tx.now().as_millisecond());
    let trouble = Trouble {
        id: &id,
        kind: "factors_reset",
        times: 1,
        first_at_ms: now,
        last_at_ms: now,
    };
    tell_trouble(tx, person, &trouble)
}

fn tell(tx: &mut Write<'_>, email: &str) -> Result<(), Error> {
    let until_ms = tx.now().as_millisecond() + TOLD_WITHIN_MS;
    let paragraphs = [
        "Whoever runs this Daybook took the second factors off your account: the authenticator app, passkeys and recovery codes. You are signed out everywhere, and your password alone signs you in now.".to_owned(),
        "If you did not ask for it, sign in, change your password and ask them why. Set up a second factor again in any case.".to_owned(),
    ];
    let letter = Draft {
        to: email,
        subject: "The second factors of your Daybook account were taken off",
        paragraphs: &paragraphs,
        link: Some(("Set up a second factor", "/account/security")),
        until_ms,
    };
    mail::post(tx, &letter)
}
