//! An export: the books as a journal that other programs read to the same balances.

mod export_journal;

use daybook_kernel::operation::Operation;
use daybook_kernel::{Feature, Scope};

use export_journal::ExportJournal;

pub const FEATURE: Feature = Feature {
    name: "exports",
    scope: Scope::Workspace,
    operations: &[Operation::query::<ExportJournal>()],
    pages: &[],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
