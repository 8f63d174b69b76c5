//! Ends a suspension: the member can do again what the role allows.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Member, Told, check_gift, check_reason};
use super::store;
use crate::access_changes::{News, publish};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReinstateMember {
    /// The id of the person.
    person: String,
    /// Why, for the log; leave it out if it goes without saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
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
        let news = News {
            kind: "member",
            subject: &after.email,
            old: "suspended",
            new: after.role.name(),
        };
        publish(tx, permit.caller(), &news)?;
        let told = Told::new(&after, self.reason.as_deref());
        let change = Change::updated("Member", &after.person, &before, &told);
        Ok(Done::new(after, change))
    }
}
