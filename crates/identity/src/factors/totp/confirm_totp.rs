//! Ends setting up an authenticator app, by its first code. That shows the
//! factor, so the session goes on under a new token that has shown it.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql;
use crate::factors::security::check_code;
use crate::factors::session::prove;
use crate::factors::shown::Factor;
use crate::factors::{own_session, refuse_while_frozen};
use crate::secret::Secret;
use crate::sessions::SessionOpened;
use crate::signed_in;
use crate::workspaces::tell_workspaces;

/// A secret that was shown and never confirmed is good for so long.
const SETTING_UP_MS_MAX: i64 = 15 * 60 * 1_000;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmTotp {
    /// The six digits that the app shows now.
    code: Secret,
}

#[derive(Serialize)]
struct Confirmed {
    confirmed: bool,
}

impl Command for ConfirmTotp {
    const SPEC: Spec = Spec {
        name: "identity.confirm_totp",
        summary: "Finish setting up an authenticator app.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    const OPENS_SESSION: bool = true;
    type Output = SessionOpened;

    fn example() -> Self {
        Self {
            code: Secret::placeholder(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_code(faults, "code", &self.code);
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<SessionOpened>, Error> {
        let person = signed_in(permit.caller())?;
        let session = own_session(permit.caller())?;
        refuse_while_frozen(tx, person)?;
        let now = tx.now().as_millisecond();
        if !sql::confirm(tx, person, &self.code, now - SETTING_UP_MS_MAX)? {
            return Err(Error::fault(
                "code",
                "This is not the code that the app should show now. Check the device's clock, and type the next one.",
            ));
        }
        tell_workspaces(tx, person)?;
        let opened = prove(tx, session, Factor::App)?;
        let change = Change::updated(
            "AuthenticatorApp",
            person,
            &Confirmed { confirmed: false },
            &Confirmed { confirmed: true },
        );
        Ok(Done::new(opened, change))
    }
}
