//! A period lock: through which day the books are closed. Nothing is posted on or before it,
//! and the store itself refuses what tries.

pub(crate) mod lock_period;
mod pages;
pub(crate) mod show_lock;
pub(crate) mod sql;
pub(crate) mod unlock_period;

use daybook_kernel::operation::Operation;
use daybook_kernel::page::Page;
use daybook_kernel::{Feature, Guard, GuardEvent, Migration, Scope};

use lock_period::LockPeriod;
use show_lock::ShowLock;
use unlock_period::UnlockPeriod;

pub const FEATURE: Feature = Feature {
    name: "periods",
    scope: Scope::Workspace,
    operations: &[
        Operation::command::<LockPeriod>(),
        Operation::command::<UnlockPeriod>(),
        Operation::query::<ShowLock>(),
    ],
    pages: &[Page {
        path: "books/periods",
        rail: None,
        needs: "books.show_lock",
        render: pages::periods,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_periods.sql"),
    }],
    guards: &[Guard {
        name: "entry_in_open_period",
        table: "entries",
        on: GuardEvent::Insert,
        refuse_if: "NEW.date <= (SELECT through FROM period_lock WHERE id = 1)",
    }],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
