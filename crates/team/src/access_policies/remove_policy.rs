//! Takes a policy of the workspace's own away.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Policy;
use super::set_policy::told;
use super::store;
use crate::access_changes::{self, News};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemovePolicy {
    /// The id of the policy.
    id: String,
}

impl Command for RemovePolicy {
    const SPEC: Spec = Spec {
        name: "team.remove_policy",
        summary: "Take a policy of this workspace away.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Policy;

    fn example() -> Self {
        Self {
            id: "0123456789abcdef".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::record("AccessPolicy", &self.id)
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Policy>, Error> {
        let before = store::load(tx, &self.id)?.ok_or_else(Error::not_found)?;
        store::remove(tx, &self.id)?;
        access_changes::publish(
            tx,
            permit.caller(),
            &News {
                kind: "policy",
                subject: &before.name,
                old: &told(&before),
                new: "",
            },
        )?;
        let change = Change::removed("AccessPolicy", &self.id, &before);
        Ok(Done::new(before, change))
    }
}
