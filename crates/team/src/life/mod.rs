//! The life of a workspace as its Owner orders it: frozen and thawed, deleted
//! and taken back. The Owner is judged here, in the workspace; what follows is
//! kept by the instance's directory, which is told before the answer leaves.

mod delete_workspace;
mod freeze_workspace;
mod keep_workspace;
mod orders;
mod pages;
mod show_workspace;
mod thaw_workspace;

use daybook_kernel::standing::OpenWhile;
use daybook_kernel::{Feature, Operation, Page, Scope};

pub(crate) use pages::of_settings;

pub const FEATURE: Feature = Feature {
    name: "life",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<show_workspace::ShowWorkspace>(),
        Operation::command::<freeze_workspace::FreezeWorkspace>(),
        Operation::command::<thaw_workspace::ThawWorkspace>().open_while(OpenWhile::Frozen),
        Operation::command::<delete_workspace::DeleteWorkspace>().open_while(OpenWhile::Frozen),
        Operation::command::<keep_workspace::KeepWorkspace>().open_while(OpenWhile::Deleted),
    ],
    pages: &[Page {
        path: "team/deletion",
        rail: None,
        needs: "team.keep_workspace",
        render: pages::deletion,
    }],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
