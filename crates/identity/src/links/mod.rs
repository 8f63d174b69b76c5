//! A link that is good once: 256 random bits that only its reader knows. The
//! store keeps a hash of them under a key of the link's purpose, so that a link
//! of one purpose is nothing at all for another. Using it up is one statement,
//! and of any number that try at once one succeeds.

mod store;

use daybook_kernel::{Feature, Migration, Scope};

pub(crate) use store::{Purpose, check, count_open, end_all, find, make, path, shown, use_up};

pub const FEATURE: Feature = Feature {
    name: "links",
    scope: Scope::Instance,
    operations: &[],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_links.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: "",
    deliveries: &[],
};
