//! Which accounts of identity providers open one's own, and which could.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::links::{self, LinkRow};
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListOidcLinks {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct OidcLinks {
    /// In the order in which they were linked.
    pub links: Vec<LinkRow>,
    /// The providers that are set up here.
    pub providers: Vec<ProviderRow>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ProviderRow {
    /// Its name in addresses and commands.
    pub id: String,
    pub name: String,
    pub issuer: String,
}

impl Query for ListOidcLinks {
    const SPEC: Spec = Spec {
        name: "identity.list_oidc_links",
        summary: "List the accounts of identity providers that open yours.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = OidcLinks;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<OidcLinks, Error> {
        let person = signed_in(permit.caller())?;
        let providers = tx.outside().providers().iter();
        let providers = providers.map(|provider| ProviderRow {
            id: provider.id.clone(),
            name: provider.name.clone(),
            issuer: provider.issuer.clone(),
        });
        Ok(OidcLinks {
            providers: providers.collect(),
            links: links::list(tx, person)?,
        })
    }

    fn table(output: &OidcLinks) -> Option<Table> {
        Some(links::table(&output.links))
    }
}
