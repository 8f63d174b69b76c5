//! Takes the notices off the security page, once they were read.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::factors::notices;
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgetNotices {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct NoticesForgotten {
    notices: u64,
}

impl Command for ForgetNotices {
    const SPEC: Spec = Spec {
        name: "identity.forget_notices",
        summary: "Take the notices off your security page.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = NoticesForgotten;

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
    ) -> Result<Done<NoticesForgotten>, Error> {
        let person = signed_in(permit.caller())?;
        let output = NoticesForgotten {
            notices: notices::forget(tx, person)?,
        };
        let change = Change::removed("SecurityNotices", person, &output);
        Ok(Done::new(output, change))
    }
}
