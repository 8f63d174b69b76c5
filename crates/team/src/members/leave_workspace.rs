//! Leaves a workspace of one's own accord. What one did stays in the books and
//! in the log.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Member;
use super::store;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeaveWorkspace {}

impl Command for LeaveWorkspace {
    const SPEC: Spec = Spec {
        name: "team.leave_workspace",
        summary: "Leave this workspace; your API tokens are revoked.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Member;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Member>, Error> {
        let caller = permit.caller();
        let person = caller.person.ok_or_else(Error::not_found)?.to_string();
        let member = store::get(tx, &person)?;
        store::take_out(tx, caller, &member)?;
        let change = Change::removed("Member", &member.person, &member);
        Ok(Done::new(member, change))
    }
}
