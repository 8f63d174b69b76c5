//! Who is assigned what: every Member, and whoever else has assignments that wait.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, PersonId, Query, Rate, Read, Role, Scope, Spec,
    StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql::{self, Kept, Member};
use crate::accounts::model::Chart;
use crate::accounts::open_account::unknown;
use crate::accounts::sql as accounts;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ListAssignments {
    /// Only those of this member: an e-mail address, or the id of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Only those that give this account, by code or full name: itself, or one above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AssignmentList {
    /// By address. A Member is here with nothing assigned, too.
    pub members: Vec<AssignedMember>,
    /// Whether these are your own alone.
    pub assigned_only: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AssignedMember {
    /// The id of the person.
    pub person: String,
    pub email: String,
    pub role: Role,
    /// Whether they are Member: other roles see all, and their assignments wait.
    pub in_effect: bool,
    /// By code.
    pub accounts: Vec<AssignedAccount>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AssignedAccount {
    pub code: String,
    /// The full name.
    pub name: String,
    /// RFC 3339, UTC.
    pub assigned_at: String,
}

impl Query for ListAssignments {
    const SPEC: Spec = Spec {
        name: "books.list_assignments",
        summary: "Lists who is assigned which accounts; Members see their own.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = AssignmentList;

    fn example() -> Self {
        Self::default()
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.length("person", self.person.as_deref().unwrap_or(""), 254);
        faults.length("account", self.account.as_deref().unwrap_or(""), 1_000);
    }

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<AssignmentList, Error> {
        let own = permit.caller().person.as_ref().map(PersonId::to_string);
        let assigned_only = !tx.sees_all();
        let chart = accounts::chart(tx)?;
        let wanted = match &self.account {
            None => None,
            Some(text) => {
                let found = chart.find(text);
                Some(found.ok_or_else(|| Error::fault("account", unknown(&chart, text)))?)
            }
        };
        let is_asked = |member: &Member| {
            let named = self.person.as_deref().map(str::trim);
            named.is_none_or(|it| it == member.person || member.email.eq_ignore_ascii_case(it))
                && (!assigned_only || own.as_ref() == Some(&member.person))
        };
        let mut kept = sql::all(tx, None)?;
        if let Some(account) = wanted {
            kept.retain(|one| one.account == account.id || chart.is_below(account.id, one.account));
        }
        let members = sql::members(tx)?
            .into_iter()
            .filter(is_asked)
            .map(|member| {
                let accounts = accounts_of(&chart, &kept, &member.person);
                AssignedMember {
                    in_effect: member.role.sees_assigned_only(),
                    person: member.person,
                    email: member.email,
                    role: member.role,
                    accounts,
                }
            });
        let shown =
            |one: &AssignedMember| !one.accounts.is_empty() || (one.in_effect && wanted.is_none());
        Ok(AssignmentList {
            members: members.filter(shown).collect(),
            assigned_only,
        })
    }

    fn table(output: &AssignmentList) -> Option<Table> {
        let mut table = Table::new(&[
            ("person", false),
            ("email", false),
            ("role", false),
            ("account", false),
            ("name", false),
            ("assigned_at", false),
        ]);
        for member in &output.members {
            table.rows.extend(member.accounts.iter().map(|one| {
                vec![
                    member.person.clone(),
                    member.email.clone(),
                    member.role.to_string(),
                    one.code.clone(),
                    one.name.clone(),
                    one.assigned_at.clone(),
                ]
            }));
        }
        Some(table)
    }
}

fn accounts_of(chart: &Chart, kept: &[Kept], person: &str) -> Vec<AssignedAccount> {
    let own = kept.iter().filter(|one| one.person == person);
    let mut accounts: Vec<AssignedAccount> = own
        .filter_map(|one| {
            let account = chart.get(one.account)?;
            let at = jiff::Timestamp::from_millisecond(one.at_ms).unwrap_or_default();
            Some(AssignedAccount {
                code: account.code.clone(),
                name: account.full_name.clone(),
                assigned_at: at.to_string(),
            })
        })
        .collect();
    accounts.sort_by(|a, b| a.code.cmp(&b.code));
    accounts
}
