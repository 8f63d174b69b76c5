//! Signs somebody in by address and password. The session that the browser had
//! ends with it.

use daybook_kernel::road::SignedIn;
use daybook_kernel::{
    Asker, Change, Command, DataClass, Done, Entropy, Error, Exposure, Faults, Permit, Rate,
    Refusal, Scope, Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Opening, SessionOpened, open};
use crate::factors::owes_second_factor;
use crate::guesses;
use crate::passwords::{self, Trial};
use crate::people::{check_shown_address, person};
use crate::secret::Secret;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The address of the account.
    email: String,
    /// Its password.
    password: Secret,
    #[serde(skip)]
    account: Option<SignedIn>,
    #[serde(skip)]
    trial: Trial,
}

/// What the log is told of a new session.
#[derive(Serialize)]
struct Opened<'a> {
    person: String,
    expires_at: &'a str,
    owes_second_factor: bool,
}

impl Command for SignIn {
    const SPEC: Spec = Spec {
        name: "identity.sign_in",
        summary: "Sign in with an e-mail address and a password.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Public,
    };
    const PREPARED: bool = true;
    const OPENS_SESSION: bool = true;
    type Output = SessionOpened;

    fn example() -> Self {
        Self {
            email: "ada@example.com".to_owned(),
            password: Secret::placeholder(),
            account: None,
            trial: Trial::default(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_shown_address(faults, "email", &self.email);
        passwords::check_shown(faults, "password", &self.password);
    }

    /// Known and unknown addresses are counted and refused alike.
    fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error> {
        self.account = person(tx, &self.email)?;
        if let Some(account) = &self.account {
            tx.name_actor(account);
        }
        guesses::charge_password(tx, &self.email, asker.origin)?;
        self.trial
            .begin(tx, self.account.as_ref().map(|it| it.person))
    }

    fn prepare(&mut self, entropy: &dyn Entropy) -> Result<(), Error> {
        self.trial.work(&self.password, entropy)
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<SessionOpened>, Error> {
        let Some(person) = come_in(tx, self.account.as_ref(), &self.trial)? else {
            // One sentence for all, so that it does not tell who has an account.
            let why = "The address or the password is not right.".to_owned();
            return Err(Refusal::Forbidden(why).into());
        };
        guesses::clear_password(tx, &self.email, permit.caller().origin.as_deref())?;
        let opening = Opening {
            owes_second_factor: owes_second_factor(tx, person.person)?,
            ..Opening::of(permit.caller())
        };
        let opened = open(tx, person.person, opening)?;
        let after = Opened {
            person: person.person.to_string(),
            expires_at: &opened.expires_at,
            owes_second_factor: opened.owes_second_factor,
        };
        let change = Change::created("Session", &opened.id, &after);
        Ok(Done::new(opened, change))
    }
}

/// The account, if it is there and the password is its.
fn come_in<'a>(
    tx: &mut Write<'_>,
    account: Option<&'a SignedIn>,
    trial: &Trial,
) -> Result<Option<&'a SignedIn>, Error> {
    let Some(account) = account else {
        return Ok(None);
    };
    tx.name_actor(account);
    Ok(trial.conclude(tx, account.person)?.then_some(account))
}
