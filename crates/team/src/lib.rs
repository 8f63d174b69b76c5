//! Team: who works in a workspace and as what, and the API tokens that machines
//! come in with. It lives in the workspace's own store: the workspace alone says
//! who its members are.

pub mod access_changes;
pub mod access_policies;
pub mod api_tokens;
pub mod grants;
pub mod invitations;
pub mod known_devices;
mod life;
pub mod member_alerts;
pub mod members;
pub mod practice;
pub mod settings;

use daybook_kernel::{Feature, Shows, Sight};

pub use access_changes::{RELEASES, Release};
pub use access_policies::barrier;
pub use api_tokens::{note_use, token};
pub use grants::leave;
pub use invitations::invited;
pub use members::{first_owner, found, member};

pub const FEATURES: &[Feature] = &[
    members::FEATURE,
    invitations::FEATURE,
    access_policies::FEATURE,
    known_devices::FEATURE,
    member_alerts::FEATURE,
    access_changes::FEATURE,
    grants::FEATURE,
    practice::FEATURE,
    api_tokens::FEATURE,
    life::FEATURE,
    settings::FEATURE,
];

/// Who works here and by which rules is told to every member; the policies say which operation
/// reads it.
pub const SIGHTS: &[Sight] = &[
    open("members", "all members know each other"),
    open("invitations", "only Owners and Admins read them"),
    open(
        "access_policies",
        "all members know the rules that they are under",
    ),
    open("grants", "what is granted to whom is published"),
    open("member_alerts", "only Owners and Admins read them"),
    open("known_devices", "a list of them holds one's own"),
    open("api_tokens", "a list of them holds one's own"),
];

const fn open(table: &'static str, why: &'static str) -> Sight {
    Sight {
        table,
        shows: Shows::Everything(why),
    }
}

/// An instant of the store as RFC 3339.
pub(crate) fn instant(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms)
        .map_or_else(|_| at_ms.to_string(), |instant| instant.to_string())
}
