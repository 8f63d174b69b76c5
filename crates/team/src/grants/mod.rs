//! A grant: that the members of a practice may read a part of a company's
//! workspace, for a purpose and until a day. A company's Owner offers it to the
//! practice's code, the practice's Owner accepts it, and either side ends it at
//! once. Each side keeps its own consent in its own database and is asked for it
//! at every use; what the two tell each other in letters is for reading, and no
//! right comes from it.

mod accept_grant;
mod leave;
mod letters;
mod list_grants;
mod model;
mod offer_grant;
mod pages;
mod return_grant;
mod revoke_grant;
mod store;

use daybook_kernel::road::Letter;
use daybook_kernel::{Error, Feature, Migration, Operation, Page, Read, ResourceKind, Scope};

pub use leave::leave;
pub(crate) use model::{Grant, Side};
pub use store::{given, received};
pub(crate) use store::{held, load};

/// The kind of record that a practice's use of a grant is about.
pub const RECEIVED: &str = "ReceivedGrant";
const GIVEN: &str = "GivenGrant";

pub const LETTERS: &[Letter] = &[letters::GRANT, letters::ANSWER];

pub const FEATURE: Feature = Feature {
    name: "grants",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<list_grants::ListGrants>(),
        Operation::command::<offer_grant::OfferGrant>(),
        Operation::command::<accept_grant::AcceptGrant>(),
        Operation::command::<revoke_grant::RevokeGrant>(),
        Operation::command::<return_grant::ReturnGrant>(),
    ],
    pages: &[Page {
        path: "team/grants",
        rail: None,
        needs: "team.list_grants",
        render: pages::grants,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_grants.sql"),
    }],
    guards: &[],
    resources: &[
        ResourceKind {
            name: GIVEN,
            attributes: &[],
            load: |tx, id| there(tx, Side::Given, id),
        },
        ResourceKind {
            name: RECEIVED,
            attributes: &[],
            load: |tx, id| there(tx, Side::Received, id),
        },
    ],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};

fn there(tx: &mut Read<'_>, side: Side, id: &str) -> Result<Option<Vec<String>>, Error> {
    Ok(load(tx, side, id)?.map(|_| Vec::new()))
}
