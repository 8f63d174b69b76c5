//! The log as a whole: the signed head of its tree, which an outsider keeps to
//! prove later that the log was only ever extended.

mod show_checkpoint;

use daybook_kernel::{Feature, Operation, Scope};

pub const FEATURE: Feature = Feature {
    name: "log",
    scope: Scope::Workspace,
    operations: &[Operation::query::<show_checkpoint::ShowCheckpoint>()],
    pages: &[],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
