//! The directory of workspaces: which there are, where they are found, and the
//! key of each, wrapped under the instance's own. What is in a workspace, and
//! who may do what there, is known to the workspace alone; here is only a hint
//! of whose switcher shows it.

mod create_workspace;
mod directory;
mod list_workspaces;
mod membership;
mod slug;
mod telling;

use daybook_kernel::{Delivery, Feature, Migration, Operation, Scope};

pub(crate) use telling::tell_workspaces;

pub use directory::{find, key_purpose, list_all};

pub const FEATURE: Feature = Feature {
    name: "workspaces",
    scope: Scope::Instance,
    operations: &[
        Operation::command::<create_workspace::CreateWorkspace>(),
        Operation::query::<list_workspaces::ListWorkspaces>(),
    ],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_workspaces.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[Delivery {
        kind: "team.membership",
        deliver: membership::deliver,
    }],
};
