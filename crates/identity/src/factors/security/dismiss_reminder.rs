//! Puts off the reminder to set up a second factor, for thirty days.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{instant, signed_in};

const PUT_OFF_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DismissReminder {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ReminderDismissed {
    until: String,
}

impl Command for DismissReminder {
    const SPEC: Spec = Spec {
        name: "identity.dismiss_reminder",
        summary: "Put off the reminder to set up a second factor, for 30 days.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = ReminderDismissed;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(
        self,
        tx: &mut Write<'_>,
        permit: Permit<Self>,
    ) -> Result<Done<ReminderDismissed>, Error> {
        let person = signed_in(permit.caller())?;
        let until = tx.now().as_millisecond() + PUT_OFF_MS;
        tx.run(
            "UPDATE people SET reminder_dismissed_until_ms = $2 WHERE id = $1",
            &[Param::Text(&person.to_string()), until.into()],
        )?;
        let output = ReminderDismissed {
            until: instant(until),
        };
        let change = Change::created("Reminder", person, &output);
        Ok(Done::new(output, change))
    }
}
