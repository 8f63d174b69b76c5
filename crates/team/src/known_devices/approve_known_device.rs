//! Lets a device in that a member brought along.

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
pub(crate) struct ApproveKnownDevice {
    /// The id of the device, as it is listed.
    id: String,
}

impl Command for ApproveKnownDevice {
    const SPEC: Spec = Spec {
        name: "team.approve_known_device",
        summary: "Let in a device that a member brought along.",
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
        if !store::approve(tx, &self.id)? {
            return Err(Error::conflict(format!(
                "{} is let in already.",
                before.name
            )));
        }
        let after = store::load(tx, &self.id)?.ok_or_else(Error::not_found)?;
        let news = News {
            kind: "device",
            subject: &after.email,
            old: "",
            new: &after.name,
        };
        publish(tx, permit.caller(), &news)?;
        let change = Change::updated("KnownDevice", &self.id, &before, &after);
        Ok(Done::new(after, change))
    }
}
