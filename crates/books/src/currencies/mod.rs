//! A currency, or another commodity that amounts are counted in, and the one that the books are
//! kept in: the base currency, chosen once.

pub(crate) mod list_currencies;
pub(crate) mod set_base_currency;
pub(crate) mod settle_commodity;
pub(crate) mod sql;

use daybook_kernel::operation::Operation;
use daybook_kernel::{Feature, Migration, Scope};

use list_currencies::ListCurrencies;
use set_base_currency::SetBaseCurrency;
use settle_commodity::SettleCommodity;

pub const FEATURE: Feature = Feature {
    name: "currencies",
    scope: Scope::Workspace,
    operations: &[
        Operation::command::<SetBaseCurrency>(),
        Operation::command::<SettleCommodity>(),
        Operation::query::<ListCurrencies>(),
    ],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_currencies.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
