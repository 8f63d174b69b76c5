//! Gives a member another role, in effect on their very next request.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Role, Scope,
    Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Member, Told, check_gift, check_reason};
use super::store;
use crate::access_changes::{News, publish};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeRole {
    /// The id of the person.
    person: String,
    /// The role from now on.
    role: Role,
    /// Why, for the log; leave it out if it goes without saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Command for ChangeRole {
    const SPEC: Spec = Spec {
        name: "team.change_role",
        summary: "Give a member another role.",
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
            role: Role::Manager,
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
        check_gift(permit.caller(), self.role)?;
        let before = store::get(tx, &self.person)?;
        if before.role == self.role {
            return Err(Error::fault(
                "role",
                format!("{} is {} already.", before.email, self.role),
            ));
        }
        store::keep_an_owner(tx, &before)?;
        tx.run(
            "UPDATE members SET role = $2 WHERE person = $1",
            &[Param::Text(&self.person), Param::Text(self.role.name())],
        )?;
        // Their sessions go on under new tokens.
        store::tell_instance(tx, &self.person, true)?;
        let after = Member {
            role: self.role,
            ..before.clone()
        };
        let news = News {
            kind: "role",
            subject: &after.email,
            old: before.role.name(),
            new: after.role.name(),
        };
        publish(tx, permit.caller(), &news)?;
        let told = Told::new(&after, self.reason.as_deref());
        let change = Change::updated("Member", &after.person, &before, &told);
        Ok(Done::new(after, change))
    }
}
