//! Activity: the audit log of a workspace, read as who did what to which thing
//! and what changed. The table is the engine's and grows only; a record whose
//! content was erased still stands with its skeleton.

mod address;
mod filter;
mod list_activity;
mod model;
mod pages;
mod show_activity;

use daybook_kernel::page::RailPlace;
use daybook_kernel::{Feature, Operation, Page, Scope};

pub const FEATURE: Feature = Feature {
    name: "activity",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<list_activity::ListActivity>(),
        Operation::query::<show_activity::ShowActivity>(),
    ],
    pages: &[
        Page {
            path: "trust/activity",
            rail: Some(RailPlace {
                label: "Activity",
                key: 'y',
                icon: "activity",
                order: 90,
            }),
            needs: "trust.list_activity",
            render: pages::activity,
        },
        Page {
            path: "trust/activity/{seq}",
            rail: None,
            needs: "trust.show_activity",
            render: pages::record,
        },
    ],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
