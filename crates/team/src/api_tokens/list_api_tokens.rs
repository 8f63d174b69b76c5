//! One's own API tokens; for Owners and Admins, everybody's.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    Caller, DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Role, Scope, Spec,
    StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::ApiToken;
use super::store;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListApiTokens {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ApiTokens {
    /// The newest first.
    pub(super) tokens: Vec<ApiToken>,
}

/// Whether the caller sees everybody's tokens.
const fn sees_all(caller: &Caller) -> bool {
    matches!(caller.role, Some(Role::Owner | Role::Admin))
}

impl Query for ListApiTokens {
    const SPEC: Spec = Spec {
        name: "team.list_api_tokens",
        summary: "List your API tokens; Owners and Admins see everybody's.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = ApiTokens;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<ApiTokens, Error> {
        let caller = permit.caller();
        let person = caller.person.ok_or_else(Error::not_found)?.to_string();
        let owner = (!sees_all(caller)).then_some(person.as_str());
        Ok(ApiTokens {
            tokens: store::list(tx, owner)?,
        })
    }

    fn table(output: &ApiTokens) -> Option<Table> {
        let mut table = Table::new(&[
            ("token", false),
            ("name", false),
            ("owner", false),
            ("scopes", false),
            ("state", false),
            ("created", false),
            ("expires", false),
            ("last used", false),
        ]);
        table.rows = output
            .tokens
            .iter()
            .map(|token| {
                vec![
                    token.id.clone(),
                    token.name.clone(),
                    token.owner_email.clone(),
                    token.scopes.join(" "),
                    token.state.word().to_owned(),
                    token.created_at.clone(),
                    token.expires_at.clone(),
                    token.last_used_on.clone().unwrap_or_default(),
                ]
            })
            .collect();
        Some(table)
    }
}
