//! Removes a member. What they did stays in the books and in the log.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Member;
use super::store;
use crate::api_tokens::revoke_all_of;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveMember {
    /// The id of the person.
    person: String,
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
        }
    }

    fn target(&self) -> Target {
        Target::record("Member", &self.person)
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<Member>, Error> {
        let member = store::get(tx, &self.person)?;
        store::keep_an_owner(tx, &member)?;
        revoke_all_of(tx, &self.person)?;
        tx.run(
            "DELETE FROM members WHERE person = $1",
            &[Param::Text(&self.person)],
        )?;
        store::tell_instance(tx, &self.person, false)?;
        let change = Change::removed("Member", &member.person, &member);
        Ok(Done::new(member, change))
    }
}
