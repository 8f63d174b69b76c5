//! Signs somebody in by a passkey alone: it shows the device and its owner, so
//! the session is whole from the start. No counter of passwords stands before it.

use daybook_kernel::{
    Asker, Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::challenges::Asked;
use super::{Verdict, check_answer, judge};
use crate::factors::session::open_proved;
use crate::secret::Secret;
use crate::sessions::SessionOpened;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInWithPasskey {
    /// What `identity.start_passkey_sign_in` answered.
    challenge: String,
    /// The browser's answer to it, as its own JSON.
    passkey: Secret,
    #[serde(skip)]
    verdict: Option<Verdict>,
}

/// What the log is told of a new session.
#[derive(Serialize)]
struct Opened<'a> {
    person: String,
    factor: &'static str,
    expires_at: &'a str,
}

impl Command for SignInWithPasskey {
    const SPEC: Spec = Spec {
        name: "identity.sign_in_with_passkey",
        summary: "Sign in with a passkey.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Public,
    };
    const PREPARED: bool = true;
    const OPENS_SESSION: bool = true;
    type Output = SessionOpened;

    fn example() -> Self {
        Self {
            challenge: "0123456789abcdef0123456789abcdef".to_owned(),
            passkey: Secret::placeholder(),
            verdict: None,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_answer(faults, &self.challenge, &self.passkey);
    }

    fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error> {
        let address = &asker.origin.address;
        let verdict = judge(tx, &Asked::Visitor, &self.challenge, &self.passkey, address)?;
        self.verdict = Some(verdict);
        Ok(())
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<SessionOpened>, Error> {
        let person = self.verdict.unwrap_or(Verdict::Wrong).person()?;
        let opened = open_proved(tx, person, permit.caller())?;
        let after = Opened {
            person: person.to_string(),
            factor: "passkey",
            expires_at: &opened.expires_at,
        };
        let change = Change::created("Session", &opened.id, &after);
        Ok(Done::new(opened, change))
    }
}
