//! An address is verified before it is used. Nobody can make an account for an
//! address at will: a link that was sent there makes it, or whoever holds the
//! data folder does and so vouches for it. An account whose address nobody has
//! verified has no session, whatever it shows.

use daybook_kernel::{Feature, Migration, Scope};

/// Its columns are the people's, so it comes after them.
pub const FEATURE: Feature = Feature {
    name: "verification",
    scope: Scope::Instance,
    operations: &[],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_verified.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: "",
    deliveries: &[],
};
