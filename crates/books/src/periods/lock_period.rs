//! Locks the books through a day: nothing is posted on or before it.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::show_lock::PeriodLock;
use super::sql;
use crate::dates;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LockPeriod {
    /// The last day that is locked: 2026-03-31.
    pub through: String,
    /// Why, for whoever reads the record later.
    pub reason: String,
}

impl Command for LockPeriod {
    const SPEC: Spec = Spec {
        name: "books.lock_period",
        summary: "Locks the books through a day.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = PeriodLock;

    fn example() -> Self {
        Self {
            through: "2026-03-31".into(),
            reason: "VAT return filed".into(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check(faults, "through", &self.through);
        faults.text("reason", &self.reason, 500);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<PeriodLock>, Error> {
        let before = sql::locked_through(tx)?;
        let through = dates::read("through", &self.through)?;
        if through <= before {
            let message = format!(
                "The books are locked through {} already. Name a later day, or ask an Admin to unlock.",
                dates::iso(before)
            );
            return Err(Error::fault("through", message));
        }
        sql::lock_through(tx, through)?;
        let after = PeriodLock::through(through);
        let record = (&after, &self.reason);
        let change = Change::updated("PeriodLock", "books", &PeriodLock::through(before), &record);
        Ok(Done::new(after, change))
    }
}
