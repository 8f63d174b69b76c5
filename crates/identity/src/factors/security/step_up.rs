//! Shows a factor again, which opens grave things for ten minutes: the second
//! factor where there is one, else the password. The session gets a new token.

use daybook_kernel::{
    Asker, Change, Command, DataClass, Done, Entropy, Error, Exposure, Faults, Permit, Rate,
    Refusal, Scope, Spec, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check_code;
use crate::factors::session::prove;
use crate::factors::shown::{self, Charged, Factor};
use crate::factors::{asking_session, enrolled, own_session};
use crate::guesses;
use crate::passwords::{self, Trial};
use crate::people::address_of;
use crate::secret::Secret;
use crate::sessions::SessionOpened;
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepUp {
    /// Your password, where the account has no other factor.
    #[serde(default)]
    password: Option<Secret>,
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
    #[serde(skip)]
    trial: Trial,
}

#[derive(Serialize)]
struct SteppedUp {
    factor: Factor,
}

impl Command for StepUp {
    const SPEC: Spec = Spec {
        name: "identity.step_up",
        summary: "Show a factor again, before something grave.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Restricted,
        step_up: daybook_kernel::StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    const PREPARED: bool = true;
    const OPENS_SESSION: bool = true;
    type Output = SessionOpened;

    fn example() -> Self {
        Self {
            password: None,
            code: Some(Secret::placeholder()),
            challenge: None,
            passkey: None,
            charged: Charged::default(),
            trial: Trial::default(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        match (&self.password, &self.code, &self.passkey) {
            (Some(password), _, _) => passwords::check_shown(faults, "password", password),
            (None, Some(code), _) => check_code(faults, "code", code),
            (None, None, None) => {
                faults.add("code", "Show a factor: a code, a passkey, or the password.");
            }
            (None, None, Some(_)) => {}
        }
    }

    fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error> {
        asking_session(asker)?;
        let person = asker.person.ok_or(Refusal::Unauthenticated)?;
        let bare = !enrolled(tx, person)?.has_second_factor();
        if self.password.is_some() && !bare {
            return Err(Error::fault(
                "password",
                "Your account has a second factor, which is what counts here. Show that.",
            ));
        }
        let passkey = shown::passkey(self.challenge.as_deref(), self.passkey.as_ref());
        self.charged = shown::charge(tx, asker, passkey)?;
        if self.password.is_some() {
            // The account's own counter: a session does not make guessing free.
            let email = address_of(tx, person)?;
            guesses::charge_password(tx, &email, asker.origin)?;
            self.trial.begin(tx, Some(person))?;
        }
        Ok(())
    }

    fn prepare(&mut self, entropy: &dyn Entropy) -> Result<(), Error> {
        match &self.password {
            Some(password) => self.trial.work(password, entropy),
            None => Ok(()),
        }
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<SessionOpened>, Error> {
        let caller = permit.caller();
        let person = signed_in(caller)?;
        let session = own_session(caller)?;
        let factor = if self.password.is_some() {
            if !self.trial.conclude(tx, person)? {
                let why = "This is not your password. Type it again.".to_owned();
                return Err(Refusal::Forbidden(why).into());
            }
            let email = address_of(tx, person)?;
            guesses::clear_password(tx, &email, caller.origin.as_deref())?;
            shown::forgive(tx, &self.charged)?;
            Factor::Password
        } else {
            shown::settle(tx, caller, &self.charged, self.code.as_ref())?
        };
        let opened = prove(tx, session, factor)?;
        let change = Change::created("FreshFactor", &opened.id, &SteppedUp { factor });
        Ok(Done::new(opened, change))
    }
}
