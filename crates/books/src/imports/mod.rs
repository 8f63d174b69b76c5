//! An import brings a journal of another program into the books: previewed first, whole or not
//! at all, never counted twice, and undone in one step.

mod commodities;
mod files;
mod import_journal;
mod list_imports;
mod pages;
mod plan;
mod preview_import;
mod sql;
mod undo_import;
mod valuing;

use daybook_kernel::operation::Operation;
use daybook_kernel::page::Page;
use daybook_kernel::{Feature, Migration, Scope};

use import_journal::ImportJournal;
use list_imports::ListImports;
use preview_import::PreviewImport;
use undo_import::UndoImport;

pub const FEATURE: Feature = Feature {
    name: "imports",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<PreviewImport>(),
        Operation::command::<ImportJournal>(),
        Operation::command::<UndoImport>(),
        Operation::query::<ListImports>(),
    ],
    pages: &[Page {
        path: "books/imports",
        rail: None,
        needs: "books.list_imports",
        render: pages::imports,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_imports.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
