//! An entry is what happened on a day, as lines that balance. Once posted it has a number, and
//! is corrected by reversing it, never by change: the store refuses to alter or remove it.

pub(crate) mod account_register;
mod entry_page;
pub(crate) mod line_input;
pub(crate) mod list_entries;
pub(crate) mod model;
pub(crate) mod pages;
pub(crate) mod post_entry;
pub(crate) mod reading;
pub(crate) mod reverse_entry;
pub(crate) mod show_entry;
pub(crate) mod sql;

use daybook_kernel::operation::Operation;
use daybook_kernel::page::{Page, RailPlace};
use daybook_kernel::{Feature, Guard, GuardEvent, Migration, Scope};

use account_register::AccountRegister;
use list_entries::ListEntries;
use post_entry::PostEntry;
use reverse_entry::ReverseEntry;
use show_entry::ShowEntry;

pub const FEATURE: Feature = Feature {
    name: "entries",
    scope: Scope::Workspace,
    operations: &[
        Operation::command::<PostEntry>(),
        Operation::command::<ReverseEntry>(),
        Operation::query::<ShowEntry>(),
        Operation::query::<ListEntries>(),
        Operation::query::<AccountRegister>(),
    ],
    pages: &[
        Page {
            path: "books/entries",
            rail: Some(RailPlace {
                label: "Books",
                key: 'b',
                icon: "books",
                order: 20,
            }),
            needs: "books.list_entries",
            render: pages::list,
        },
        Page {
            path: "books/entries/new",
            rail: None,
            needs: "books.post_entry",
            render: pages::new,
        },
        Page {
            path: "books/entries/{number}",
            rail: None,
            needs: "books.show_entry",
            render: entry_page::one,
        },
    ],
    migrations: &[
        Migration {
            number: 1,
            sql: include_str!("0001_entries.sql"),
        },
        Migration {
            number: 2,
            sql: include_str!("0002_journals.sql"),
        },
    ],
    guards: GUARDS,
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};

const GUARDS: &[Guard] = &[
    Guard {
        name: "entry_balances",
        table: "entries",
        on: GuardEvent::Insert,
        refuse_if: "(SELECT CASE WHEN count(*) >= 2 AND sum(base) = 0 AND min(date) = NEW.date \
             AND max(date) = NEW.date THEN 0 ELSE 1 END FROM lines WHERE entry = NEW.number) = 1",
    },
    never("entry_is_not_changed", "entries", GuardEvent::Update),
    never("entry_is_not_removed", "entries", GuardEvent::Delete),
    never("line_is_not_changed", "lines", GuardEvent::Update),
    never("line_is_not_removed", "lines", GuardEvent::Delete),
    Guard {
        name: "line_joins_no_posted_entry",
        table: "lines",
        on: GuardEvent::Insert,
        refuse_if: "EXISTS (SELECT 1 FROM entries WHERE number = NEW.entry)",
    },
    Guard {
        name: "line_is_to_an_open_account",
        table: "lines",
        on: GuardEvent::Insert,
        refuse_if: "EXISTS (SELECT 1 FROM accounts WHERE id = NEW.account AND closed = 1)",
    },
];

const fn never(name: &'static str, table: &'static str, on: GuardEvent) -> Guard {
    Guard {
        name,
        table,
        on,
        refuse_if: "1 = 1",
    }
}
