//! Takes a device away, such as a lost one, in effect on its very next request.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store::{self, KnownDevice};
use crate::access_changes::{News, publish};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveKnownDevice {
    /// The id of the device, as it is listed.
    id: String,
}

impl Command for RemoveKnownDevice {
    const SPEC: Spec = Spec {
        name: "team.remove_known_device",
        summary: "Take a device of yours away; Owners and Admins take anybody's.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = KnownDevice;

    fn example() -> Self {
        Self {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::record("KnownDevice", &self.id)
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<KnownDevice>, Error> {
        let before = store::load(tx, &self.id)?.ok_or_else(Error::not_found)?;
        store::remove(tx, &self.id)?;
        let news = News {
            kind: "device",
            subject: &before.email,
            old: &before.name,
            new: "",
        };
        publish(tx, permit.caller(), &news)?;
        let change = Change::removed("KnownDevice", &self.id, &before);
        Ok(Done::new(before, change))
    }
}
