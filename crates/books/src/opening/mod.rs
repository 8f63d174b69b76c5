//! Opening balances: what stood on the accounts when the books moved here, as one entry against
//! the account named Opening balances.

mod post_opening_balances;

use daybook_kernel::operation::Operation;
use daybook_kernel::{Feature, Scope};

use post_opening_balances::PostOpeningBalances;

pub const FEATURE: Feature = Feature {
    name: "opening",
    scope: Scope::Workspace,
    operations: &[Operation::command::<PostOpeningBalances>()],
    pages: &[],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
