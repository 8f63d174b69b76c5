//! A journal is a book of original entry: sales, purchases, cash, bank. Each entry stands in one,
//! which is the general journal unless it says otherwise. Numbers run through all of them.

mod close_journal;
pub(crate) mod list_journals;
pub(crate) mod model;
mod open_journal;
pub(crate) mod pages;
mod rename_journal;
mod reopen_journal;
pub(crate) mod sql;

use daybook_kernel::operation::Operation;
use daybook_kernel::page::Page;
use daybook_kernel::{Feature, Guard, GuardEvent, Migration, Scope};

use close_journal::CloseJournal;
use list_journals::ListJournals;
use open_journal::OpenJournal;
use rename_journal::RenameJournal;
use reopen_journal::ReopenJournal;

pub const FEATURE: Feature = Feature {
    name: "journals",
    scope: Scope::Workspace,
    operations: &[
        Operation::command::<OpenJournal>(),
        Operation::command::<RenameJournal>(),
        Operation::command::<CloseJournal>(),
        Operation::command::<ReopenJournal>(),
        Operation::query::<ListJournals>(),
    ],
    pages: &[
        Page {
            path: "books/journals",
            rail: None,
            needs: "books.list_journals",
            render: pages::journals,
        },
        Page {
            path: "books/journals/{code}",
            rail: None,
            needs: "books.list_journals",
            render: pages::journal,
        },
    ],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_journals.sql"),
    }],
    guards: GUARDS,
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};

/// The general journal has the id 1 and is never closed, so an entry to it costs no look.
const GUARDS: &[Guard] = &[
    Guard {
        name: "entry_in_open_journal",
        table: "entries",
        on: GuardEvent::Insert,
        refuse_if: "NEW.journal <> 1 \
             AND NOT EXISTS (SELECT 1 FROM journals WHERE id = NEW.journal AND closed = 0)",
    },
    Guard {
        name: "journal_keeps_its_code",
        table: "journals",
        on: GuardEvent::Update,
        refuse_if: "NEW.id <> OLD.id OR NEW.code <> OLD.code OR NEW.kind <> OLD.kind \
             OR (NEW.id = 1 AND NEW.closed = 1)",
    },
    Guard {
        name: "journal_with_entries_is_not_removed",
        table: "journals",
        on: GuardEvent::Delete,
        refuse_if: "EXISTS (SELECT 1 FROM entries WHERE journal = OLD.id)",
    },
];
