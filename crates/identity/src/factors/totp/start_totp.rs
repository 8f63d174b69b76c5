//! Begins to set up an authenticator app: the secret is told this once.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{self, SECRET_BYTES};
use super::sql::{SECRET, enrolled_at_ms};
use crate::factors::refuse_while_frozen;
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartTotp {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct TotpStarted {
    /// The secret, for typing it into an app.
    secret: String,
    /// The same as an `otpauth` address, which the picture holds.
    uri: String,
}

/// What the log is told: that it began, and nothing of the secret.
#[derive(Serialize)]
struct Started {
    confirmed: bool,
}

impl Command for StartTotp {
    const SPEC: Spec = Spec {
        name: "identity.start_totp",
        summary: "Begin to set up an authenticator app.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = TotpStarted;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<TotpStarted>, Error> {
        let person = signed_in(permit.caller())?;
        refuse_while_frozen(tx, person)?;
        if enrolled_at_ms(tx, person)?.is_some() {
            return Err(Error::conflict(
                "You have an authenticator app already. Remove it before you set up another one.",
            ));
        }
        let secret = tx.random::<SECRET_BYTES>()?;
        let sealed = tx.vault().seal(SECRET, &secret)?;
        let now = tx.now().as_millisecond();
        tx.run(
            "INSERT INTO totp_factors (person, secret_sealed, started_at_ms, confirmed_at_ms, last_step)
             VALUES ($1, $2, $3, NULL, 0)
             ON CONFLICT (person) DO UPDATE SET secret_sealed = $2, started_at_ms = $3, last_step = 0",
            &[
                Param::Text(&person.to_string()),
                Param::Bytes(&sealed),
                now.into(),
            ],
        )?;
        let secret = model::base32(secret);
        let output = TotpStarted {
            uri: model::uri(&permit.caller().email, &secret),
            secret,
        };
        let change = Change::created("AuthenticatorApp", person, &Started { confirmed: false });
        Ok(Done::new(output, change))
    }
}
