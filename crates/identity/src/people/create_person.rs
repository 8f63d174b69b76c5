//! Makes a person who can sign in.

use daybook_kernel::{
    Asker, Change, Command, DataClass, Done, Entropy, Error, Exposure, Faults, Permit, Rate, Scope,
    Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::{self, NewAccount};
use super::check_address;
use crate::passwords::{self, Chosen};
use crate::secret::Secret;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatePerson {
    /// The address that the person signs in with.
    email: String,
    /// 15 to 128 characters.
    password: Secret,
    #[serde(skip)]
    chosen: Chosen,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct PersonCreated {
    id: String,
    email: String,
}

impl Command for CreatePerson {
    const SPEC: Spec = Spec {
        name: "identity.create_person",
        summary: "Make a person who can sign in.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    const PREPARED: bool = true;
    type Output = PersonCreated;

    fn example() -> Self {
        Self {
            email: "ada@example.com".to_owned(),
            password: Secret::placeholder(),
            chosen: Chosen::default(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_address(faults, "email", &self.email);
        passwords::check_new(faults, "password", &self.password);
    }

    fn charge(&mut self, tx: &mut Write<'_>, _: &Asker<'_>) -> Result<(), Error> {
        self.chosen.begin(tx, &[&self.email], false);
        Ok(())
    }

    fn prepare(&mut self, entropy: &dyn Entropy) -> Result<(), Error> {
        self.chosen.work("password", &self.password, entropy)
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<PersonCreated>, Error> {
        let kept = self.chosen.finish()?;
        let account = NewAccount {
            email: &self.email,
            name: "",
            kept_password: &kept,
        };
        let id = account::make(tx, &account)?.to_string();
        let output = PersonCreated {
            id: id.clone(),
            email: self.email.trim().to_owned(),
        };
        let change = Change::created("Person", id, &output);
        Ok(Done::new(output, change))
    }
}
