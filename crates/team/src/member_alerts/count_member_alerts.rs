//! How many alerts about members nobody has seen: a figure for pages that are
//! opened often. Whose they are is read on a page of its own, and that is recorded.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountMemberAlerts {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct MemberAlertCount {
    pub unseen: i64,
}

impl Query for CountMemberAlerts {
    const SPEC: Spec = Spec {
        name: "team.count_member_alerts",
        summary: "Count the alerts about members that nobody has seen.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = MemberAlertCount;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<MemberAlertCount, Error> {
        let unseen = store::count_unseen(tx)?;
        Ok(MemberAlertCount { unseen })
    }
}
