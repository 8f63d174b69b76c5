//! Who works here, and as what.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Member;
use super::store;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListMembers {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Members {
    /// By address.
    pub(super) members: Vec<Member>,
}

impl Query for ListMembers {
    const SPEC: Spec = Spec {
        name: "team.list_members",
        summary: "List who works here, and as what.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Members;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Members, Error> {
        Ok(Members {
            members: store::all(tx)?,
        })
    }

    fn table(output: &Members) -> Option<Table> {
        let mut table = Table::new(&[
            ("person", false),
            ("email", false),
            ("role", false),
            ("suspended", false),
            ("joined", false),
        ]);
        table.rows = output
            .members
            .iter()
            .map(|member| {
                let suspended = if member.suspended { "yes" } else { "no" };
                vec![
                    member.person.clone(),
                    member.email.clone(),
                    member.role.to_string(),
                    suspended.to_owned(),
                    member.joined_at.clone(),
                ]
            })
            .collect();
        Some(table)
    }
}
