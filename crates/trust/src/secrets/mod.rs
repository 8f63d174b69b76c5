//! The secrets that the server itself works with: its root key, and those that
//! the settings name files for. Each start records which it read, which are new,
//! which are others than before, and which are gone. What is kept of a value is a
//! keyed hash, by which a change shows. What people keep (passwords, factors,
//! API tokens) leaves its records by the operations that keep it.

mod list_secrets;
mod record_secret;

use daybook_kernel::{Feature, Migration, Operation, Scope};

pub const FEATURE: Feature = Feature {
    name: "secrets",
    scope: Scope::Instance,
    operations: &[
        Operation::command::<record_secret::RecordSecret>(),
        Operation::query::<list_secrets::ListSecrets>(),
    ],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_secrets.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
