//! The workspace's own policies.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Policy;
use super::store;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListPolicies {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Policies {
    /// The one that was set first comes first.
    pub(super) policies: Vec<Policy>,
}

impl Query for ListPolicies {
    const SPEC: Spec = Spec {
        name: "team.list_policies",
        summary: "List what this workspace asks of its members beyond their roles.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Policies;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Policies, Error> {
        Ok(Policies {
            policies: store::all(tx)?,
        })
    }

    fn table(output: &Policies) -> Option<Table> {
        let mut table = Table::new(&[
            ("policy", false),
            ("name", false),
            ("roles", false),
            ("means", false),
            ("set", false),
        ]);
        table.rows = output
            .policies
            .iter()
            .map(|policy| {
                let roles: Vec<&str> = policy.roles.iter().map(|role| role.name()).collect();
                vec![
                    policy.id.clone(),
                    policy.name.clone(),
                    roles.join(" "),
                    policy.means.clone(),
                    policy.set_at.clone(),
                ]
            })
            .collect();
        Some(table)
    }
}
