//! Removes a member. What they did stays in the books and in the log.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Member, Told, check_reason};
use super::store;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveMember {
    /// The id of the person.
    person: String,
    /// Why, for the log; leave it out if it goes without saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Command for RemoveMember {
    const SPEC: Spec = Spec {
        name: "team.remove_member",
        summary: "Remove a member; their API tokens are revoked.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Member;

    fn example() -> Self {
        Self {
            person: "0123456789abcdef0123456789abcdef".to_owned(),
            reason: None,
        }
    }

    fn target(&self) -> Target {
        Target::record("Member", &self.person)
    }

    fn check(&self, faults: &mut Faults) {
        check_reason(faults, self.reason.as_deref());
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Member>, Error> {
        let member = store::get(tx, &self.person)?;
        store::take_out(tx, permit.caller(), &member)?;
        let told = Told::new(&member, self.reason.as_deref());
        let change = Change::removed("Member", &member.person, &told);
        Ok(Done::new(member, change))
    }
}
