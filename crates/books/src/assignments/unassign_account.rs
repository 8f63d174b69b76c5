//! Takes an account back from a member, in effect on their very next request.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assign_account::{Assignment, both, check};
use super::sql;
use crate::accounts::sql as accounts;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnassignAccount {
    /// The member: an e-mail address, or the id of the person.
    pub person: String,
    /// Code or full name of the account that was assigned.
    pub account: String,
}

impl Command for UnassignAccount {
    const SPEC: Spec = Spec {
        name: "books.unassign_account",
        summary: "Takes an assigned account back from a member.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Assignment;

    fn example() -> Self {
        Self {
            person: "grace@example.com".into(),
            account: "1200".into(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check(faults, &self.person, &self.account);
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Assignment>, Error> {
        let chart = accounts::chart(tx)?;
        let (member, account) = both(tx, &chart, &self.person, &self.account)?;
        if !sql::remove(tx, &member.person, account.id)? {
            let message = format!(
                "{} itself is not assigned to {}. Take back the account above it, if that is what they have.",
                account.code, member.email
            );
            return Err(Error::fault("account", message));
        }
        let taken = Assignment::of(&member, account);
        let told = taken.told();
        sql::publish(tx, permit.caller(), &member.email, (&told, ""), account.id)?;
        let change = Change::removed("Assignment", taken.id(), &taken);
        Ok(Done::new(taken, change))
    }
}
