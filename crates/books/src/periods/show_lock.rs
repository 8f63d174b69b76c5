//! Through which day the books are locked.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql;
use crate::dates;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowLock {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PeriodLock {
    /// The last locked day; none if nothing is locked.
    pub locked_through: Option<String>,
}

impl Query for ShowLock {
    const SPEC: Spec = Spec {
        name: "books.show_lock",
        summary: "Tells through which day the books are locked.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = PeriodLock;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<PeriodLock, Error> {
        Ok(PeriodLock::through(sql::locked_through(tx)?))
    }
}

impl PeriodLock {
    pub fn through(day: i64) -> Self {
        Self {
            locked_through: (day > 0).then(|| dates::iso(day)),
        }
    }
}
