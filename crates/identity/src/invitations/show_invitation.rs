//! What an invitation is for, told to whoever holds its link.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Param, Permit, Query, Rate, Read, Scope, Spec, StepUp,
    Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::delivered::{EMAIL, INVITER};
use crate::instant;
use crate::links::{self, Purpose};
use crate::people::person;
use crate::secret::Secret;
use crate::workspaces;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowInvitation {
    /// What stands at the end of the link.
    token: Secret,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Invitation {
    /// The workspace's place in addresses.
    pub workspace: String,
    /// What the workspace calls itself.
    pub workspace_name: String,
    pub role: String,
    /// The address that is invited; nobody with another can accept.
    pub email: String,
    pub inviter: String,
    pub expires_at: String,
    /// Whether the address has an account here: then its person signs in.
    pub has_account: bool,
}

impl Query for ShowInvitation {
    const SPEC: Spec = Spec {
        name: "identity.show_invitation",
        summary: "Show what an invitation is for, by its link.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Public,
    };
    type Output = Invitation;

    fn example() -> Self {
        Self {
            token: Secret::placeholder(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        links::check(faults, &self.token);
    }

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Invitation, Error> {
        let link = links::shown(tx, Purpose::Invitation, &self.token)?;
        find(tx, &link.subject)
    }
}

/// The invitation of this id, as its page shows it.
pub(crate) fn find(tx: &mut Read<'_>, invitation: &str) -> Result<Invitation, Error> {
    let found = tx.first(
        "SELECT workspace, role, email, inviter, expires_at_ms FROM invited WHERE id = $1",
        &[Param::Text(invitation)],
        |row| {
            Ok(Invitation {
                workspace: row.text(0)?.to_owned(),
                workspace_name: String::new(),
                role: row.text(1)?.to_owned(),
                email: row.sealed(2, EMAIL)?,
                inviter: row.sealed(3, INVITER)?,
                expires_at: instant(row.int(4)?),
                has_account: false,
            })
        },
    )?;
    let mut invitation = found.ok_or_else(Error::not_found)?;
    let entry = workspaces::find(tx, &invitation.workspace)?.ok_or_else(Error::not_found)?;
    invitation.workspace = entry.slug;
    invitation.workspace_name = entry.name;
    invitation.has_account = person(tx, &invitation.email)?.is_some();
    Ok(invitation)
}
