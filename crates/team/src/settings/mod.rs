//! The page of settings: where the workspace is set up, and the way to one's own
//! account. It has no operations of its own.

mod pages;

use daybook_kernel::page::RailPlace;
use daybook_kernel::{Feature, Page, Scope};

pub const FEATURE: Feature = Feature {
    name: "settings",
    scope: Scope::Workspace,
    operations: &[],
    pages: &[Page {
        path: "settings",
        rail: Some(RailPlace {
            label: "Settings",
            key: 's',
            icon: "settings",
            order: 95,
        }),
        needs: "team.show_roles",
        render: pages::settings,
    }],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: "",
    deliveries: &[],
};
