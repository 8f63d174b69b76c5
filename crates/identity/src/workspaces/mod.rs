//! The directory of workspaces: which there are, where they are found, and the
//! key of each, wrapped under the instance's own, and how each stands. What is in a workspace, and
//! who may do what there, is known to the workspace alone; here is only a hint
//! of whose switcher shows it.

mod create_workspace;
mod directory;
mod ending;
mod life;
mod list_gone_workspaces;
mod list_workspaces;
mod lock_workspace;
mod membership;
mod set_storage_limit;
mod slug;
mod succession;
mod telling;
mod unlock_workspace;

use daybook_kernel::{Delivery, Feature, Migration, Operation, Scope};

pub(crate) use succession::succeed;
pub(crate) use telling::{Trouble, tell_trouble, tell_workspaces};

pub use directory::{find, is_listed, key_purpose, list_all};
pub use ending::ENDING;
pub use life::lives;

pub const FEATURE: Feature = Feature {
    name: "workspaces",
    scope: Scope::Instance,
    operations: &[
        Operation::command::<create_workspace::CreateWorkspace>(),
        Operation::query::<list_workspaces::ListWorkspaces>(),
        Operation::query::<list_gone_workspaces::ListGoneWorkspaces>(),
        Operation::command::<lock_workspace::LockWorkspace>(),
        Operation::command::<unlock_workspace::UnlockWorkspace>(),
        Operation::command::<set_storage_limit::SetStorageLimit>(),
    ],
    pages: &[],
    migrations: &[
        Migration {
            number: 1,
            sql: include_str!("0001_workspaces.sql"),
        },
        Migration {
            number: 2,
            sql: include_str!("0002_workspaces.sql"),
        },
    ],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[
        Delivery {
            kind: "team.membership",
            deliver: membership::deliver,
        },
        Delivery {
            kind: "team.order",
            deliver: life::deliver,
        },
    ],
};
