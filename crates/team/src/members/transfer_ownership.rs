//! Makes another member the Owner in one's own place. Both changes are one, so
//! that there is never none and nobody keeps what they gave away.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Role, Scope,
    Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Member, Told, check_reason};
use super::store;
use crate::access_changes::{News, publish};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferOwnership {
    /// The id of the person who becomes the Owner; you become an Admin.
    person: String,
    /// Why, for the log; leave it out if it goes without saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Both members, as the log is told of them.
#[derive(Serialize)]
struct Both<'a> {
    #[serde(flatten)]
    new_owner: Told<'a>,
    former_owner: &'a Member,
}

impl Command for TransferOwnership {
    const SPEC: Spec = Spec {
        name: "team.transfer_ownership",
        summary: "Make another member the Owner in your place.",
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
        let caller = permit.caller();
        let own = caller.person.ok_or_else(Error::not_found)?.to_string();
        let (before, former) = (store::get(tx, &self.person)?, store::get(tx, &own)?);
        if before.role == Role::Owner {
            let message = format!("{} is Owner already.", before.email);
            return Err(Error::fault("person", message));
        }
        if before.suspended {
            return Err(Error::conflict(format!(
                "{} is suspended. Reinstate them first.",
                before.email
            )));
        }
        let after = give(tx, &before, Role::Owner)?;
        let now = give(tx, &former, Role::Admin)?;
        for (old, new) in [(&before, &after), (&former, &now)] {
            let news = News {
                kind: "role",
                subject: &new.email,
                old: old.role.name(),
                new: new.role.name(),
            };
            publish(tx, caller, &news)?;
        }
        let told = Both {
            new_owner: Told::new(&after, self.reason.as_deref()),
            former_owner: &now,
        };
        let was = Both {
            new_owner: Told::new(&before, None),
            former_owner: &former,
        };
        let change = Change::updated("Member", &after.person, &was, &told);
        Ok(Done::new(after, change))
    }
}

fn give(tx: &mut Write<'_>, member: &Member, role: Role) -> Result<Member, Error> {
    tx.run(
        "UPDATE members SET role = $2 WHERE person = $1",
        &[Param::Text(&member.person), Param::Text(role.name())],
    )?;
    Ok(Member {
        role,
        ..member.clone()
    })
}
