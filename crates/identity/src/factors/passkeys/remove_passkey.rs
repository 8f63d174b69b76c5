//! Takes a passkey off the account, such as that of a lost device.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql::NAME;
use crate::factors::{drop_what_is_left, refuse_while_frozen};
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemovePasskey {
    /// The id of the passkey, as it is listed.
    id: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct PasskeyRemoved {
    id: String,
    name: String,
}

impl Command for RemovePasskey {
    const SPEC: Spec = Spec {
        name: "identity.remove_passkey",
        summary: "Remove one of your passkeys.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = PasskeyRemoved;

    fn example() -> Self {
        Self {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("id", &self.id, 32);
    }

    fn apply(
        self,
        tx: &mut Write<'_>,
        permit: Permit<Self>,
    ) -> Result<Done<PasskeyRemoved>, Error> {
        let person = signed_in(permit.caller())?;
        refuse_while_frozen(tx, person)?;
        let name = tx.first(
            "DELETE FROM passkeys WHERE id = $1 AND person = $2 RETURNING name",
            &[Param::Text(&self.id), Param::Text(&person.to_string())],
            |row| row.sealed(0, NAME),
        )?;
        let name = name.ok_or_else(Error::not_found)?;
        drop_what_is_left(tx, person)?;
        let output = PasskeyRemoved { id: self.id, name };
        let change = Change::removed("Passkey", &output.id, &output);
        Ok(Done::new(output, change))
    }
}
