//! Recovery codes: ten, each good once, for the day on which the app and the
//! passkeys are out of reach. They are shown once and kept as keyed hashes.

mod make_recovery_codes;
mod model;
mod pages;
mod sql;

use daybook_kernel::{Feature, Migration, Operation, Page, Scope};

pub(crate) use sql::use_code;

pub const FEATURE: Feature = Feature {
    name: "recovery_codes",
    scope: Scope::Instance,
    operations: &[Operation::command::<make_recovery_codes::MakeRecoveryCodes>()],
    pages: &[Page {
        path: "security/recovery-codes",
        rail: None,
        needs: "identity.make_recovery_codes",
        render: pages::codes,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_recovery_codes.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
