//! Who is invited and has not come yet.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Invitation;
use super::store;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListInvitations {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Invitations {
    /// By address. One that is too old stays until it is sent again or revoked.
    pub(crate) invitations: Vec<Invitation>,
}

impl Query for ListInvitations {
    const SPEC: Spec = Spec {
        name: "team.list_invitations",
        summary: "List who is invited and has not come yet.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Invitations;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Invitations, Error> {
        Ok(Invitations {
            invitations: store::all(tx)?,
        })
    }

    fn table(output: &Invitations) -> Option<Table> {
        let names = [
            "invitation",
            "email",
            "role",
            "inviter",
            "invited",
            "expires",
        ];
        let mut table = Table::new(&names.map(|name| (name, false)));
        table.rows = output
            .invitations
            .iter()
            .map(|it| {
                vec![
                    it.id.clone(),
                    it.email.clone(),
                    it.role.to_string(),
                    it.inviter.clone(),
                    it.invited_at.clone(),
                    it.expires_at.clone(),
                ]
            })
            .collect();
        Some(table)
    }
}
