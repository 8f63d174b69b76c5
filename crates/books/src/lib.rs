//! The books: accounts, entries that balance or do not exist, kept balances, and the reports
//! made of them.

mod accounts;
mod assignments;
mod balances;
pub mod carry;
mod currencies;
mod dashboard;
mod dates;
mod drawing;
mod entries;
mod entry_templates;
mod exports;
mod imports;
mod journal_file;
mod journals;
mod opening;
mod periods;
mod reports;
mod wording;

use daybook_kernel::Feature;

pub use assignments::SIGHTS;

/// The features of the books. A table is made before what refers to it.
pub const FEATURES: &[Feature] = &[
    dashboard::FEATURE,
    accounts::FEATURE,
    assignments::FEATURE,
    currencies::FEATURE,
    journals::FEATURE,
    entries::FEATURE,
    entry_templates::FEATURE,
    balances::FEATURE,
    periods::FEATURE,
    opening::FEATURE,
    imports::FEATURE,
    exports::FEATURE,
    reports::FEATURE,
];
