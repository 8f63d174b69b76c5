//! Signs somebody in by address and password.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Refusal, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SessionOpened, open};
use crate::passwords;
use crate::people::{check_shown_address, kept_password, person};
use crate::secret::Secret;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The address of the account.
    email: String,
    /// Its password.
    password: Secret,
}

/// What the log is told of a new session.
#[derive(Serialize)]
struct Opened<'a> {
    person: String,
    expires_at: &'a str,
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
    type Output = SessionOpened;

    fn example() -> Self {
        Self {
            email: "ada@example.com".to_owned(),
            password: Secret::placeholder(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_shown_address(faults, "email", &self.email);
        passwords::check_shown(faults, "password", &self.password);
    }

    /// The hash takes a tenth of a second on the instance's writer, which no
    /// workspace's writer waits for.
    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<SessionOpened>, Error> {
        let person = person(tx, &self.email)?;
        let kept = match &person {
            Some(person) => kept_password(tx, person.person)?,
            None => None,
        };
        let right = passwords::verify(&self.password, kept.as_ref().map(|kept| kept.as_str()))?;
        // One sentence for both, so that it does not tell who has an account.
        let Some(person) = person.filter(|_| right) else {
            let why = "The address or the password is not right.".to_owned();
            return Err(Refusal::Forbidden(why).into());
        };
        let opened = open(tx, person.person)?;
        let after = Opened {
            person: person.person.to_string(),
            expires_at: &opened.expires_at,
        };
        let change = Change::created("Session", &opened.id, &after);
        Ok(Done::new(opened, change))
    }
}
