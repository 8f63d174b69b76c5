//! Restorations: a workspace goes back to what an export of it holds. A new
//! database is made of the export beside the old one; here the address moves to
//! it. The old one is locked and stays whole, under an address that says so.

mod restore_workspace;

use daybook_kernel::{Feature, Migration, Operation, Scope};

pub const FEATURE: Feature = Feature {
    name: "restorations",
    scope: Scope::Instance,
    operations: &[Operation::command::<restore_workspace::RestoreWorkspace>()],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_restorations.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
