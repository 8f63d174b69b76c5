//! Kept balances, so that a figure at any date is a few seeks and not a sum over a million
//! lines. They are raised in the transaction that posts, and a check rebuilds them from the
//! lines: they are never trusted alone.

mod check_balances;
mod settling;
mod sql;

pub(crate) use settling::add;
pub(crate) use sql::{Moved, at, current};

use daybook_kernel::operation::Operation;
use daybook_kernel::{Feature, Migration, Scope};

use check_balances::CheckBalances;

pub const FEATURE: Feature = Feature {
    name: "balances",
    scope: Scope::Workspace,
    operations: &[Operation::query::<CheckBalances>()],
    pages: &[],
    migrations: &[
        Migration {
            number: 1,
            sql: include_str!("0001_balances.sql"),
        },
        Migration {
            number: 2,
            sql: include_str!("0002_running_balances.sql"),
        },
    ],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
