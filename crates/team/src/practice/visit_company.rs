//! What every use of a grant is, in the practice: the road judges it before
//! anybody goes to a company, and writes it in this log for each thing that is
//! read there. Asked by itself it tells where to go.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::grants::{self, Grant, RECEIVED, Side};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VisitCompany {
    /// The id of the grant.
    grant: String,
}

impl Query for VisitCompany {
    const SPEC: Spec = Spec {
        name: "team.visit_company",
        summary: "Tell by which grant a company is visited. Every use of a grant is judged and recorded as this.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Grant;

    fn example() -> Self {
        Self {
            grant: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::record(RECEIVED, &self.grant)
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Grant, Error> {
        grants::load(tx, Side::Received, &self.grant)?.ok_or_else(Error::not_found)
    }
}
