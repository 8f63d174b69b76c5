//! The six roles, and what each may do.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Role, Scope, Spec, StepUp,
    Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowRoles {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Roles {
    /// From the widest to the narrowest; the Auditor stands beside them.
    pub(crate) roles: Vec<RoleMeaning>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct RoleMeaning {
    pub(crate) role: Role,
    /// What a person of this role does here.
    pub(crate) meaning: &'static str,
}

impl Query for ShowRoles {
    const SPEC: Spec = Spec {
        name: "team.show_roles",
        summary: "Show the roles and what each may do.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Roles;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, _: &mut Read<'_>, _: Permit<Self>) -> Result<Roles, Error> {
        let meaning = |role: Role| RoleMeaning {
            role,
            meaning: role.meaning(),
        };
        Ok(Roles {
            roles: Role::ALL.map(meaning).into(),
        })
    }

    fn table(output: &Roles) -> Option<Table> {
        let mut table = Table::new(&[("role", false), ("meaning", false)]);
        let row = |it: &RoleMeaning| vec![it.role.to_string(), it.meaning.to_owned()];
        table.rows = output.roles.iter().map(row).collect();
        Some(table)
    }
}
