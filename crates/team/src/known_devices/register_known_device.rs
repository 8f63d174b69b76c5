//! Brings the browser at hand along. It opens nothing until it is let in.

use daybook_kernel::id::hex;
use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store::{self, DEVICES_MAX, KnownDevice};

const NAME_CHARACTERS_MAX: usize = 60;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterKnownDevice {
    /// What whoever lets it in knows it by.
    name: String,
}

impl Command for RegisterKnownDevice {
    const SPEC: Spec = Spec {
        name: "team.register_known_device",
        summary: "Bring the browser at hand along, to be let in.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = KnownDevice;

    fn example() -> Self {
        Self {
            name: "Laptop at the front desk".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("name", &self.name, NAME_CHARACTERS_MAX);
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<KnownDevice>, Error> {
        let caller = permit.caller();
        let person = caller.person.ok_or_else(Error::not_found)?.to_string();
        let hash = store::hash_of(tx, caller).ok_or_else(|| {
            Error::conflict("This is no browser that could be known again. Open the page of devices in one that keeps cookies.")
        })?;
        if store::count_of(tx, &person)? >= DEVICES_MAX {
            return Err(Error::conflict(format!(
                "You have brought {DEVICES_MAX} devices along. Remove one that you no longer use."
            )));
        }
        let id = hex(&tx.random::<16>()?);
        if !store::insert(tx, &id, &person, &hash, self.name.trim())? {
            return Err(Error::conflict("This browser is here already."));
        }
        let device = store::load(tx, &id)?.ok_or_else(Error::not_found)?;
        let change = Change::created("KnownDevice", &id, &device);
        Ok(Done::new(device, change))
    }
}
