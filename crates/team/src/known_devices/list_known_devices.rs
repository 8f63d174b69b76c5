//! One's own devices, and how the one at hand stands; for Owners and Admins,
//! everybody's.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Role, Scope, Spec, StepUp,
    Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store::{self, KnownDevice};
use crate::access_policies::asks_for_a_device;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListKnownDevices {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct KnownDevices {
    /// Those that wait to be let in come first.
    pub devices: Vec<KnownDevice>,
    /// Whether the one at hand was let in.
    pub this_one_is_known: bool,
    /// Whether a policy asks a known device of you.
    pub asked_of_you: bool,
}

impl Query for ListKnownDevices {
    const SPEC: Spec = Spec {
        name: "team.list_known_devices",
        summary: "List the devices you brought along; Owners and Admins see everybody's.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = KnownDevices;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<KnownDevices, Error> {
        let caller = permit.caller();
        let person = caller.person.ok_or_else(Error::not_found)?.to_string();
        let this_one_is_known = store::is_known(tx, caller)?;
        let asked_of_you = asks_for_a_device(tx, caller)?;
        // From a device that is not let in nobody sees more than their own.
        let sees_all = matches!(caller.role, Some(Role::Owner | Role::Admin))
            && (this_one_is_known || !asked_of_you);
        let whose = (!sees_all).then_some(person.as_str());
        let at_hand = store::hash_of(tx, caller);
        Ok(KnownDevices {
            devices: store::list(tx, whose, at_hand)?,
            this_one_is_known,
            asked_of_you,
        })
    }

    fn table(output: &KnownDevices) -> Option<Table> {
        let mut table = Table::new(&[
            ("device", false),
            ("name", false),
            ("member", false),
            ("registered", false),
            ("let in", false),
        ]);
        let row = |it: &KnownDevice| {
            vec![
                it.id.clone(),
                it.name.clone(),
                it.email.clone(),
                it.registered_at.clone(),
                it.approved_at.clone().unwrap_or_default(),
            ]
        };
        table.rows = output.devices.iter().map(row).collect();
        Some(table)
    }
}
