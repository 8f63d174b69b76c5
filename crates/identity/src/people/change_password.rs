//! Changes one's own password. Every session ends and one new one begins, so
//! that whoever knew the old password is out, and a stolen token dies too.

use daybook_kernel::{
    Asker, Change, Command, DataClass, Done, Entropy, Error, Exposure, Faults, Permit, Rate, Scope,
    Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{address_of, set_password};
use crate::factors::enrolled;
use crate::guesses;
use crate::passwords::{self, Chosen, Trial};
use crate::secret::Secret;
use crate::sessions::{Opening, end_all, open, unlearn_places};
use crate::{named, signed_in};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    /// The password as it is.
    current: Secret,
    /// The password as it shall be, 12 to 128 characters; 15 at least where no
    /// second factor guards the account.
    new: Secret,
    #[serde(skip)]
    email: String,
    #[serde(skip)]
    trial: Trial,
    #[serde(skip)]
    chosen: Chosen,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct PasswordChanged {
    /// How many sessions ended.
    sessions_ended: u64,
    /// What the browser shows from now on. It travels in the cookie alone.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

#[derive(Serialize)]
struct Changed {
    sessions_ended: u64,
}

impl Command for ChangePassword {
    const SPEC: Spec = Spec {
        name: "identity.change_password",
        summary: "Change your own password; every other session ends.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    const PREPARED: bool = true;
    const OPENS_SESSION: bool = true;
    type Output = PasswordChanged;

    fn example() -> Self {
        Self {
            current: Secret::placeholder(),
            new: Secret::placeholder(),
            email: String::new(),
            trial: Trial::default(),
            chosen: Chosen::default(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        passwords::check_shown(faults, "current", &self.current);
        passwords::check_new(faults, "new", &self.new);
    }

    fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error> {
        let person = named(asker.person)?;
        self.email = address_of(tx, person)?;
        guesses::charge_password(tx, &self.email, asker.origin)?;
        let is_guarded = enrolled(tx, person)?.has_second_factor();
        self.chosen.begin(tx, &[&self.email], is_guarded);
        self.trial.begin(tx, Some(person))
    }

    fn prepare(&mut self, entropy: &dyn Entropy) -> Result<(), Error> {
        self.trial.work(&self.current, entropy)?;
        self.chosen.work("new", &self.new, entropy)
    }

    fn apply(
        self,
        tx: &mut Write<'_>,
        permit: Permit<Self>,
    ) -> Result<Done<PasswordChanged>, Error> {
        let person = signed_in(permit.caller())?;
        if !self.trial.conclude(tx, person)? {
            return Err(Error::fault(
                "current",
                "This is not your password. Type it again.",
            ));
        }
        guesses::clear_password(tx, &self.email, permit.caller().origin.as_deref())?;
        set_password(tx, person, &self.chosen.finish()?)?;
        let sessions_ended = end_all(tx, person)?;
        unlearn_places(tx, person)?;
        // At the command line there is no browser to go on in.
        let token = match &permit.caller().session {
            None => None,
            Some(session) => {
                let opening = Opening {
                    second_factor: session.second_factor,
                    goes_on: true,
                    ..Opening::of(permit.caller())
                };
                Some(open(tx, person, opening)?.token)
            }
        };
        let change = Change::created("Password", person, &Changed { sessions_ended });
        let output = PasswordChanged {
            sessions_ended,
            token,
        };
        Ok(Done::new(output, change))
    }
}
