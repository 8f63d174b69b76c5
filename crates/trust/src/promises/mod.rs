//! The promises: every row of the catalogue, and whether it is kept, by what, and
//! since when. A domain looks at nothing outside its store, so `daybook check`
//! looks, and records here what it found; without a fresh record no row shows as
//! kept. The record is in each workspace, since a page sees its workspace alone.

mod catalogue;
mod list_promises;
mod model;
mod pages;
mod record_checks;

use daybook_kernel::page::RailPlace;
use daybook_kernel::{Feature, Migration, Operation, Page, Scope};

pub use catalogue::{CATALOGUE, Check, Promise};

pub const FEATURE: Feature = Feature {
    name: "promises",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<list_promises::ListPromises>(),
        Operation::command::<record_checks::RecordChecks>(),
    ],
    pages: &[Page {
        path: "trust",
        rail: Some(RailPlace {
            label: "Trust",
            key: 't',
            icon: "trust",
            order: 91,
        }),
        needs: "trust.list_promises",
        render: pages::promises,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_promises.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
