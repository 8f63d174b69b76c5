//! Makes somebody who has an account here a member, without asking them: for
//! whoever holds the data folder. Everybody else invites.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Role, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Member, check_gift};
use super::store;
use crate::access_changes::{News, publish};

/// The longest address that mail can have.
const EMAIL_CHARACTERS_MAX: usize = 254;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddMember {
    /// The address with which the person signs in.
    email: String,
    role: Role,
}

impl Command for AddMember {
    const SPEC: Spec = Spec {
        name: "team.add_member",
        summary: "Make a person a member of this workspace, without an invitation.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Local,
    };
    type Output = Member;

    fn example() -> Self {
        Self {
            email: "grace@example.com".to_owned(),
            role: Role::Member,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("email", &self.email, EMAIL_CHARACTERS_MAX);
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Member>, Error> {
        check_gift(permit.caller(), self.role)?;
        let Some(person) = tx.find_person(&self.email)? else {
            return Err(Error::fault(
                "email",
                "Nobody here signs in with this address. Ask the operator to make the account first.",
            ));
        };
        let member = store::join(tx, person, self.email.trim(), self.role)?;
        let news = News {
            kind: "member",
            subject: &member.email,
            old: "",
            new: self.role.name(),
        };
        publish(tx, permit.caller(), &news)?;
        let change = Change::created("Member", &member.person, &member);
        Ok(Done::new(member, change))
    }
}
