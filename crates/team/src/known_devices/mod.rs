//! A known device: a browser that a member brought along and an Owner or Admin
//! let in. It keeps a secret of its own, apart from any session; the workspace
//! keeps a keyed hash of that secret and the member's id, so that one member's
//! device is nobody else's, and no other workspace's. Policies ask for it.

mod approve_known_device;
mod list_known_devices;
mod pages;
mod register_known_device;
mod remove_known_device;
mod store;

use daybook_kernel::{Feature, Migration, Operation, Page, ResourceKind, Scope};

pub(crate) use store::{is_known, members_with_one, remove_all_of};

/// What is open from any device: the way to make it known.
pub(crate) const OPEN: [&str; 2] = ["team.list_known_devices", "team.register_known_device"];

pub const FEATURE: Feature = Feature {
    name: "known_devices",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<list_known_devices::ListKnownDevices>(),
        Operation::command::<register_known_device::RegisterKnownDevice>(),
        Operation::command::<approve_known_device::ApproveKnownDevice>(),
        Operation::command::<remove_known_device::RemoveKnownDevice>(),
    ],
    pages: &[Page {
        path: "team/devices",
        rail: None,
        needs: "team.list_known_devices",
        render: pages::devices,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_known_devices.sql"),
    }],
    guards: &[],
    resources: &[ResourceKind {
        name: "KnownDevice",
        attributes: &["person"],
        load: |tx, id| Ok(store::load(tx, id)?.map(|device| vec![device.person])),
    }],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
