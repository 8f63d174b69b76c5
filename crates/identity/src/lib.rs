//! Identity: the people of an instance, how they prove who they are, the
//! sessions that follow from it, and the directory of workspaces. All of it
//! lives in the instance's own store; what a person may do in a workspace is
//! the workspace's to say.

pub mod address_change;
pub mod alerts;
mod factors;
pub mod guesses;
pub mod invitations;
mod links;
pub mod mail;
pub mod oidc;
mod passwords;
pub mod people;
pub mod reset;
pub mod restorations;
mod secret;
pub mod sessions;
pub mod verification;
pub mod workspaces;

use daybook_kernel::{Caller, Error, Feature, PersonId};

pub use people::{normalise, person};
pub use sessions::{expired, refresh_session, rotate_session, session, sweep};

pub const FEATURES: &[Feature] = &[
    people::FEATURE,
    verification::FEATURE,
    alerts::FEATURE,
    guesses::FEATURE,
    sessions::FEATURE,
    links::FEATURE,
    mail::FEATURE,
    reset::FEATURE,
    address_change::FEATURE,
    invitations::FEATURE,
    factors::totp::FEATURE,
    factors::passkeys::FEATURE,
    factors::recovery_codes::FEATURE,
    factors::security::FEATURE,
    oidc::FEATURE,
    workspaces::FEATURE,
    restorations::FEATURE,
];

/// An instant of the store as RFC 3339.
pub(crate) fn instant(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms)
        .map_or_else(|_| at_ms.to_string(), |instant| instant.to_string())
}

/// The person behind the caller. The command line may act as nobody.
pub(crate) fn signed_in(caller: &Caller) -> Result<PersonId, Error> {
    named(caller.person)
}

/// The same, of whoever asks before any transaction has judged it.
pub(crate) fn named(person: Option<PersonId>) -> Result<PersonId, Error> {
    person.ok_or_else(|| {
        Error::fault(
            "as",
            "Nobody is named. Say as whom, with an e-mail address.",
        )
    })
}
