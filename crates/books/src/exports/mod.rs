//! An export: the books as a journal that other programs read to the same balances.
//! It leaves whole, so it asks for a fresh factor and is noted in the log.

mod export_journal;
mod pages;

use daybook_kernel::operation::Operation;
use daybook_kernel::{Feature, Page, Scope};

use export_journal::ExportJournal;

pub const FEATURE: Feature = Feature {
    name: "exports",
    scope: Scope::Workspace,
    operations: &[Operation::query::<ExportJournal>()],
    pages: &[Page {
        path: "books/exports",
        rail: None,
        needs: "books.export_journal",
        render: pages::exports,
    }],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
