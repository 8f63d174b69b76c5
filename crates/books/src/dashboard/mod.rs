//! Home: what there is, what came in and went out, what happened last, and what needs somebody.

mod pages;

use daybook_kernel::page::{Page, RailPlace};
use daybook_kernel::{Feature, Scope};

pub const FEATURE: Feature = Feature {
    name: "dashboard",
    scope: Scope::Workspace,
    operations: &[],
    pages: &[Page {
        path: "",
        rail: Some(RailPlace {
            label: "Home",
            key: 'h',
            icon: "home",
            order: 10,
        }),
        needs: "books.list_accounts",
        render: pages::home,
    }],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: "",
    deliveries: &[],
};
