//! Assigns an account to a member, in effect on their very next request.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Read, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql::{self, Member};
use crate::accounts::model::{Account, Chart};
use crate::accounts::open_account::unknown;
use crate::accounts::sql as accounts;

/// Whoever needs more is to see a part of the chart from further up, or all of it.
const ASSIGNMENTS_MAX: i64 = 500;
/// The longest address that mail can have.
const PERSON_LENGTH_MAX: usize = 254;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignAccount {
    /// The member: an e-mail address, or the id of the person.
    pub person: String,
    /// Code or full name of the account. What stands below it is assigned with it.
    pub account: String,
}

/// An account and whose it is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Assignment {
    /// The id of the person.
    pub person: String,
    pub email: String,
    /// The account's code.
    pub account: String,
    /// The account's full name.
    pub name: String,
}

impl Command for AssignAccount {
    const SPEC: Spec = Spec {
        name: "books.assign_account",
        summary: "Assigns an account, with what stands below it, to a member.",
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
        if sql::count(tx, &member.person)? >= ASSIGNMENTS_MAX {
            let message = format!(
                "{} has {ASSIGNMENTS_MAX} accounts already. Assign one further up, or take some back.",
                member.email
            );
            return Err(Error::fault("account", message));
        }
        if !sql::insert(tx, &member.person, account.id)? {
            let message = format!("{} is assigned to {} already.", account.code, member.email);
            return Err(Error::fault("account", message));
        }
        let given = Assignment::of(&member, account);
        let told = given.told();
        sql::publish(tx, permit.caller(), &member.email, ("", &told), account.id)?;
        let change = Change::created("Assignment", given.id(), &given);
        Ok(Done::new(given, change))
    }
}

impl Assignment {
    pub(super) fn of(member: &Member, account: &Account) -> Self {
        Self {
            person: member.person.clone(),
            email: member.email.clone(),
            account: account.code.clone(),
            name: account.full_name.clone(),
        }
    }

    /// The account as it is published.
    pub(super) fn told(&self) -> String {
        format!("{} {}", self.account, self.name)
    }

    pub(super) fn id(&self) -> String {
        format!("{}/{}", self.person, self.account)
    }
}

pub(super) fn check(faults: &mut Faults, person: &str, account: &str) {
    faults.text("person", person, PERSON_LENGTH_MAX);
    faults.text("account", account, 1_000);
}

/// The member and the account that an input names.
pub(super) fn both<'c>(
    tx: &mut Read<'_>,
    chart: &'c Chart,
    person: &str,
    account: &str,
) -> Result<(Member, &'c Account), Error> {
    let mut faults = Faults::default();
    let person = person.trim();
    let is_meant = |one: &Member| one.person == person || one.email.eq_ignore_ascii_case(person);
    let member = sql::members(tx)?.into_iter().find(is_meant);
    if member.is_none() {
        let message = format!("{person} is no member here. Choose one of the members.");
        faults.add("person", message);
    }
    let found = chart.find(account);
    if found.is_none() {
        faults.add("account", unknown(chart, account));
    }
    match (member, found) {
        (Some(member), Some(account)) => Ok((member, account)),
        _ => Err(faults.into()),
    }
}
