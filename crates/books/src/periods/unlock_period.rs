//! Unlocks the books, wholly or back to an earlier day.

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
pub(crate) struct UnlockPeriod {
    /// The last day that stays locked; left out, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// Why, for whoever reads the record later.
    pub reason: String,
}

impl Command for UnlockPeriod {
    const SPEC: Spec = Spec {
        name: "books.unlock_period",
        summary: "Unlocks the books, or back to an earlier day.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = PeriodLock;

    fn example() -> Self {
        Self {
            through: None,
            reason: "A late invoice".into(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check_optional(faults, "through", self.through.as_deref());
        faults.text("reason", &self.reason, 500);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<PeriodLock>, Error> {
        let before = sql::locked_through(tx)?;
        let through = dates::read_or("through", self.through.as_deref(), 0)?;
        if through >= before {
            let message = if before == 0 {
                "No period is locked.".to_owned()
            } else {
                format!(
                    "The books are locked through {}. Name an earlier day.",
                    dates::iso(before)
                )
            };
            return Err(Error::fault("through", message));
        }
        sql::lock_through(tx, through)?;
        let after = PeriodLock::through(through);
        let record = (&after, &self.reason);
        let change = Change::updated("PeriodLock", "books", &PeriodLock::through(before), &record);
        Ok(Done::new(after, change))
    }
}
