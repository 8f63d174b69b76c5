//! Who guards their account with a second factor: whether, and never which.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Role, Scope, Spec, StepUp,
    Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowFactorCoverage {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct FactorCoverage {
    /// By address.
    pub members: Vec<Covered>,
    pub with_second_factor: usize,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Covered {
    pub person: String,
    pub email: String,
    pub role: Role,
    /// Nothing until the workspace was told.
    pub second_factor: Option<bool>,
}

impl Query for ShowFactorCoverage {
    const SPEC: Spec = Spec {
        name: "team.show_factor_coverage",
        summary: "Show which members have a second factor.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = FactorCoverage;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<FactorCoverage, Error> {
        let known = store::second_factors(tx)?;
        let members: Vec<Covered> = store::all(tx)?
            .into_iter()
            .map(|member| Covered {
                second_factor: known.get(&member.person).copied(),
                person: member.person,
                email: member.email,
                role: member.role,
            })
            .collect();
        Ok(FactorCoverage {
            with_second_factor: members
                .iter()
                .filter(|it| it.second_factor == Some(true))
                .count(),
            members,
        })
    }

    fn table(output: &FactorCoverage) -> Option<Table> {
        let mut table = Table::new(&[("email", false), ("role", false), ("second_factor", false)]);
        let row = |it: &Covered| {
            let word = match it.second_factor {
                Some(true) => "yes",
                Some(false) => "no",
                None => "",
            };
            vec![it.email.clone(), it.role.to_string(), word.to_owned()]
        };
        table.rows = output.members.iter().map(row).collect();
        Some(table)
    }
}
