//! The companies of this practice, as the practice knows them: no company is
//! asked anything.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::grants::{self, Grant};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListCompanies {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Companies {
    /// One grant a company, the one that holds longest; by the company's name.
    /// Its books are read at the address `practice~company`, of both slugs.
    pub(crate) companies: Vec<Grant>,
}

impl Query for ListCompanies {
    const SPEC: Spec = Spec {
        name: "team.list_companies",
        summary: "List the companies whose books this practice may read.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Companies;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Companies, Error> {
        Ok(Companies {
            companies: grants::held(tx)?,
        })
    }

    fn table(output: &Companies) -> Option<Table> {
        let names = ["company", "name", "scope", "purpose", "until", "grant"];
        let mut table = Table::new(&names.map(|name| (name, false)));
        let rows = output.companies.iter().map(|it| {
            vec![
                it.other_slug.clone(),
                it.other_name.clone(),
                it.scope.to_string(),
                it.purpose.clone(),
                it.until.clone(),
                it.grant.clone(),
            ]
        });
        table.rows = rows.collect();
        Some(table)
    }
}
