//! Calls a passkey something else.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check_name;
use super::sql::NAME;
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenamePasskey {
    /// The id of the passkey, as it is listed.
    id: String,
    /// What it shall be called.
    name: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct PasskeyRenamed {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

impl Command for RenamePasskey {
    const SPEC: Spec = Spec {
        name: "identity.rename_passkey",
        summary: "Call a passkey something else.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = PasskeyRenamed;

    fn example() -> Self {
        Self {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            name: "Phone".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("id", &self.id, 32);
        check_name(faults, &self.name);
    }

    fn apply(
        self,
        tx: &mut Write<'_>,
        permit: Permit<Self>,
    ) -> Result<Done<PasskeyRenamed>, Error> {
        let person = signed_in(permit.caller())?.to_string();
        let before = tx.first(
            "SELECT name FROM passkeys WHERE id = $1 AND person = $2",
            &[Param::Text(&self.id), Param::Text(&person)],
            |row| row.sealed(0, NAME),
        )?;
        let before = before.ok_or_else(Error::not_found)?;
        let name = self.name.trim().to_owned();
        tx.run(
            "UPDATE passkeys SET name = $3 WHERE id = $1 AND person = $2",
            &[
                Param::Text(&self.id),
                Param::Text(&person),
                Param::Sealed {
                    column: NAME,
                    text: &name,
                },
            ],
        )?;
        let change = Change::updated(
            "Passkey",
            &self.id,
            &Named { name: &before },
            &Named { name: &name },
        );
        let output = PasskeyRenamed { id: self.id, name };
        Ok(Done::new(output, change))
    }
}
