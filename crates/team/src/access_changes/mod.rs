//! The published list of every change of who may do what: roles, members,
//! grants and policies of this workspace, and what Daybook itself changed in its
//! own rules from release to release. Every member reads it; nobody, the store
//! included, changes what stands in it.

mod list_access_changes;
mod pages;
mod releases;
mod store;

use daybook_kernel::{Feature, Guard, GuardEvent, Migration, Operation, Page, Scope};

pub use releases::{RELEASES, Release};
pub(crate) use store::{News, publish};

pub const FEATURE: Feature = Feature {
    name: "access_changes",
    scope: Scope::Workspace,
    operations: &[Operation::query::<list_access_changes::ListAccessChanges>()],
    pages: &[Page {
        path: "team/access-changes",
        rail: None,
        needs: "team.list_access_changes",
        render: pages::changes,
    }],
    migrations: &[
        Migration {
            number: 1,
            sql: include_str!("0001_access_changes.sql"),
        },
        Migration {
            number: 2,
            sql: include_str!("0002_account.sql"),
        },
    ],
    guards: &[
        Guard {
            name: "published_change_stays",
            table: "access_changes",
            on: GuardEvent::Update,
            refuse_if: "1 = 1",
        },
        Guard {
            name: "published_change_is_kept",
            table: "access_changes",
            on: GuardEvent::Delete,
            refuse_if: "1 = 1",
        },
    ],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
