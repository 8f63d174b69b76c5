//! Ends a suspension: the member can do again what the role allows.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Member, check_gift};
use super::store;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReinstateMember {
    /// The id of the person.
    person: String,
}

impl Command for ReinstateMember {
    const SPEC: Spec = Spec {
        name: "team.reinstate_member",
        summary: "End the suspension of a member.",
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

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Member>, Error> {
        let before = store::get(tx, &self.person)?;
        if !before.suspended {
            return Err(Error::conflict(format!(
                "{} is not suspended.",
                before.email
            )));
        }
        check_gift(permit.caller(), before.role)?;
        tx.run(
            "UPDATE members SET suspended = 0 WHERE person = $1",
            &[Param::Text(&self.person)],
        )?;
        let after = Member {
            suspended: false,
            ..before.clone()
        };
        let change = Change::updated("Member", &after.person, &before, &after);
        Ok(Done::new(after, change))
    }
}
