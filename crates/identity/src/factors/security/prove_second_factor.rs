//! Shows the second factor that a sign-in by password still owes. The session
//! is whole from then on, under a new token.

use daybook_kernel::{
    Asker, Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check_code;
use crate::factors::own_session;
use crate::factors::session::prove;
use crate::factors::shown::{self, Charged, Factor};
use crate::secret::Secret;
use crate::sessions::SessionOpened;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProveSecondFactor {
    /// The six digits of the authenticator app, or a recovery code.
    #[serde(default)]
    code: Option<Secret>,
    /// Or a passkey: what `identity.start_passkey_proof` answered.
    #[serde(default)]
    challenge: Option<String>,
    /// And the browser's answer to it, as its own JSON.
    #[serde(default)]
    passkey: Option<Secret>,
    #[serde(skip)]
    charged: Charged,
}

#[derive(Serialize)]
struct Proved<'a> {
    factor: Factor,
    expires_at: &'a str,
}

impl Command for ProveSecondFactor {
    const SPEC: Spec = Spec {
        name: "identity.prove_second_factor",
        summary: "Show your second factor and finish signing in.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Halfway,
    };
    const PREPARED: bool = true;
    const OPENS_SESSION: bool = true;
    type Output = SessionOpened;

    fn example() -> Self {
        Self {
            code: Some(Secret::placeholder()),
            challenge: None,
            passkey: None,
            charged: Charged::default(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        match (&self.code, &self.passkey) {
            (Some(code), _) => check_code(faults, "code", code),
            (None, None) => faults.add("code", "Type a code, or use a passkey."),
            (None, Some(_)) => {}
        }
    }

    fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error> {
        // Whoever owes nothing is told so, and no try is counted.
        if asker
            .session
            .is_some_and(|session| session.owes_second_factor)
        {
            let passkey = shown::passkey(self.challenge.as_deref(), self.passkey.as_ref());
            self.charged = shown::charge(tx, asker, passkey)?;
        }
        Ok(())
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<SessionOpened>, Error> {
        let session = own_session(permit.caller())?;
        if !session.owes_second_factor {
            return Err(Error::conflict("You are signed in; nothing more is owed."));
        }
        let factor = shown::settle(tx, permit.caller(), &self.charged, self.code.as_ref())?;
        let opened = prove(tx, session, factor)?;
        let after = Proved {
            factor,
            expires_at: &opened.expires_at,
        };
        let change = Change::created("Session", &opened.id, &after);
        Ok(Done::new(opened, change))
    }
}
