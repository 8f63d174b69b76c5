//! Changes one's own password. Every session ends and one new one begins, so
//! that whoever knew the old password is out, and a stolen token dies too.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql::{PASSWORD, kept_password};
use crate::passwords::{self, SALT_BYTES};
use crate::secret::Secret;
use crate::sessions::{SessionOpened, end_all, open};
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    /// The password as it is.
    current: Secret,
    /// The password as it shall be, 12 to 128 characters.
    new: Secret,
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
    type Output = SessionOpened;

    fn example() -> Self {
        Self {
            current: Secret::placeholder(),
            new: Secret::placeholder(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        passwords::check_shown(faults, "current", &self.current);
        passwords::check_new(faults, "new", &self.new);
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<SessionOpened>, Error> {
        let person = signed_in(permit.caller())?;
        let kept = kept_password(tx, person)?;
        if !passwords::verify(&self.current, kept.as_ref().map(|kept| kept.as_str()))? {
            return Err(Error::fault(
                "current",
                "This is not your password. Type it again.",
            ));
        }
        let kept = passwords::hash(&self.new, &tx.random::<SALT_BYTES>()?)?;
        let sealed = tx.vault().seal(PASSWORD, kept.as_bytes())?;
        tx.run(
            "UPDATE people SET password_sealed = $2 WHERE id = $1",
            &[Param::Text(&person.to_string()), Param::Bytes(&sealed)],
        )?;
        let sessions_ended = end_all(tx, person)?;
        let opened = open(tx, person)?;
        let change = Change::created("Password", person, &Changed { sessions_ended });
        Ok(Done::new(opened, change))
    }
}
