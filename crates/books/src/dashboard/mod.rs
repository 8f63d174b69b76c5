//! Home: what there is, what came in and went out, what happened last, and what needs somebody.

mod pages;
mod show_standing;

use daybook_kernel::page::{Page, RailPlace};
use daybook_kernel::{Feature, Operation, Scope};

pub const FEATURE: Feature = Feature {
    name: "dashboard",
    scope: Scope::Workspace,
    operations: &[Operation::query::<show_standing::ShowStanding>()],
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
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
