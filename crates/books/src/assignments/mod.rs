//! An assignment gives a Member an account, with what stands below it in the chart. Members see
//! what is assigned to them and nothing else of the books; the other roles see all, and an
//! assignment of theirs waits until they are Member. What that means for each table is said once,
//! in `sql.rs`.

mod assign_account;
pub(crate) mod list_assignments;
pub(crate) mod pages;
mod sql;
mod unassign_account;

use daybook_kernel::operation::Operation;
use daybook_kernel::page::Page;
use daybook_kernel::{Feature, Migration, Scope};

use assign_account::AssignAccount;
use list_assignments::ListAssignments;
use unassign_account::UnassignAccount;

pub use sql::SIGHTS;

pub const FEATURE: Feature = Feature {
    name: "assignments",
    scope: Scope::Workspace,
    operations: &[
        Operation::command::<AssignAccount>(),
        Operation::command::<UnassignAccount>(),
        Operation::query::<ListAssignments>(),
    ],
    pages: &[Page {
        path: "books/assignments",
        rail: None,
        needs: "books.list_assignments",
        render: pages::assignments,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_assignments.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
