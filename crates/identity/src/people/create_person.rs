//! Makes a person who can sign in.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, PersonId, Rate,
    Scope, Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check_address;
use super::sql::{EMAIL, PASSWORD, email_index, person};
use crate::passwords::{self, SALT_BYTES};
use crate::secret::Secret;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatePerson {
    /// The address that the person signs in with.
    email: String,
    /// 12 to 128 characters.
    password: Secret,
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
    type Output = PersonCreated;

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
        check_address(faults, "email", &self.email);
        passwords::check_new(faults, "password", &self.password);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<PersonCreated>, Error> {
        if person(tx, &self.email)?.is_some() {
            return Err(Error::fault(
                "email",
                "Somebody here already has this address.",
            ));
        }
        let id = PersonId::from_bytes(tx.random()?).to_string();
        let kept = passwords::hash(&self.password, &tx.random::<SALT_BYTES>()?)?;
        let sealed = tx.vault().seal(PASSWORD, kept.as_bytes())?;
        let email = self.email.trim();
        let index = email_index(tx, email);
        let now = tx.now().as_millisecond();
        tx.run(
            "INSERT INTO people (id, email, email_index, password_sealed, created_at_ms)
             VALUES ($1, $2, $3, $4, $5)",
            &[
                Param::Text(&id),
                Param::Sealed {
                    column: EMAIL,
                    text: email,
                },
                Param::Bytes(&index),
                Param::Bytes(&sealed),
                now.into(),
            ],
        )?;
        let output = PersonCreated {
            id: id.clone(),
            email: email.to_owned(),
        };
        let change = Change::created("Person", id, &output);
        Ok(Done::new(output, change))
    }
}
