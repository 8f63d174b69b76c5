//! What a person can show besides a password: codes of an authenticator app,
//! passkeys, and recovery codes for the day on which both are lost. Each is a
//! slice of its own; `security` asks for them and shows how they stand.

mod enrolled;
mod frozen;
mod notices;
pub mod passkeys;
pub mod recovery_codes;
pub mod security;
mod session;
mod shown;
pub mod totp;
mod tries;

pub(crate) use enrolled::{drop_what_is_left, enrolled, owes_second_factor};
pub(crate) use frozen::refuse_while_frozen;
pub(crate) use notices::{NoticeKind, is_noted, note, note_on_page};

use daybook_kernel::{Asker, Caller, Error, Refusal, SessionFacts};

/// The session at hand: factors are changed and shown by people in a browser.
pub(crate) fn own_session(caller: &Caller) -> Result<&SessionFacts, Error> {
    caller.session.as_ref().ok_or_else(no_session)
}

pub(crate) fn asking_session<'a>(asker: &Asker<'a>) -> Result<&'a SessionFacts, Error> {
    asker.session.ok_or_else(no_session)
}

fn no_session() -> Error {
    Refusal::Conflict("This is done by a person who is signed in.".to_owned()).into()
}
