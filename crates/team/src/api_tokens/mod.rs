//! An API token: a text with which a machine comes in for a member. Its rights
//! are its scopes and its owner's current rights, both. The text is shown once;
//! the store keeps a keyed hash of the whole of it.

mod create_api_token;
mod list_api_tokens;
mod model;
mod pages;
mod revoke_api_token;
mod store;

use daybook_kernel::{Feature, Migration, Operation, Page, ResourceKind, Scope};

pub(crate) use store::revoke_all_of;
pub use store::{TOKEN_PURPOSE, note_use, token};

pub const FEATURE: Feature = Feature {
    name: "api_tokens",
    scope: Scope::Workspace,
    operations: &[
        Operation::command::<create_api_token::CreateApiToken>(),
        Operation::query::<list_api_tokens::ListApiTokens>(),
        Operation::command::<revoke_api_token::RevokeApiToken>(),
    ],
    pages: &[Page {
        path: "team/tokens",
        rail: None,
        needs: "team.list_api_tokens",
        render: pages::tokens,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_api_tokens.sql"),
    }],
    guards: &[],
    resources: &[ResourceKind {
        name: "ApiToken",
        attributes: &["owner"],
        load: |tx, id| Ok(store::load(tx, id)?.map(|token| vec![token.owner])),
    }],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
