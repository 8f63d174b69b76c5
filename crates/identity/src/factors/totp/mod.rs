//! An authenticator app: a secret that is shared once, and a code of it for
//! every half minute (RFC 6238). A code is good once.

mod confirm_totp;
mod model;
mod pages;
mod remove_totp;
mod sql;
mod start_totp;

use daybook_kernel::{Feature, Migration, Operation, Page, Scope};

pub(crate) use sql::{enrolled_at_ms, use_code};

pub const FEATURE: Feature = Feature {
    name: "totp",
    scope: Scope::Instance,
    operations: &[
        Operation::command::<start_totp::StartTotp>(),
        Operation::command::<confirm_totp::ConfirmTotp>(),
        Operation::command::<remove_totp::RemoveTotp>(),
    ],
    pages: &[Page {
        path: "security/app",
        rail: None,
        needs: "identity.start_totp",
        render: pages::app,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_totp.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
