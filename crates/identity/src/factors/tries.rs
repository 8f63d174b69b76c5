//! Tries at a second factor. Each is counted before anything is compared, all
//! factors on one counter; a right one is taken off again, wrong ones stay for a
//! quarter of an hour.

use daybook_kernel::id::hex;
use daybook_kernel::{Error, Param, PersonId, Refusal, Write};

use super::notices::{self, NoticeKind};
use crate::alerts::{Alert, AlertKind, Raised, raise, withdraw};

/// After so many wrong tries a session is asked no more.
const TRIES_PER_SESSION_MAX: i64 = 5;
/// And an account, from whatever sessions.
const TRIES_PER_PERSON_MAX: i64 = 10;
const WINDOW_MS: i64 = 15 * 60 * 1_000;

/// So many in a quarter of an hour, from whatever sessions, and the operator is
/// told.
const TRIES_BEFORE_ALERT: i64 = 5;

/// A try that was counted, by its id.
#[derive(Default)]
pub(crate) struct Try {
    id: String,
    /// It stands if the try was wrong.
    alert: Option<Raised>,
}

/// Counts a try or refuses it. The owner is told of the first refusal.
pub(crate) fn charge(
    tx: &mut Write<'_>,
    person: PersonId,
    session: &str,
    address: &str,
) -> Result<Try, Error> {
    let now = tx.now().as_millisecond();
    let name = person.to_string();
    tx.run(
        "DELETE FROM factor_tries WHERE at_ms <= $1",
        &[(now - WINDOW_MS).into()],
    )?;
    let counted = tx.first(
        "SELECT count(*), CAST(coalesce(sum(CASE WHEN session = $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
             min(at_ms) FROM factor_tries WHERE person = $1",
        &[Param::Text(&name), session.into()],
        |row| Ok((row.int(0)?, row.int(1)?, row.maybe_int(2)?)),
    )?;
    let (of_person, of_session, first) = counted.unwrap_or_default();
    if of_session >= TRIES_PER_SESSION_MAX || of_person >= TRIES_PER_PERSON_MAX {
        let until = first.unwrap_or(now) + WINDOW_MS;
        return refuse(tx, person, address, until - now);
    }
    let id = hex(&tx.random::<16>()?);
    tx.run(
        "INSERT INTO factor_tries (id, person, session, at_ms) VALUES ($1, $2, $3, $4)",
        &[
            Param::Text(&id),
            Param::Text(&name),
            session.into(),
            now.into(),
        ],
    )?;
    let mut alert = None;
    if of_person + 1 >= TRIES_BEFORE_ALERT {
        let guessing = Alert {
            kind: AlertKind::SecondFactorGuessing,
            subject: &name,
            person: Some(person),
            address,
        };
        alert = Some(raise(tx, &guessing)?);
    }
    Ok(Try { id, alert })
}

/// What is written here holds though the try is refused.
fn refuse(tx: &mut Write<'_>, person: PersonId, address: &str, wait_ms: i64) -> Result<Try, Error> {
    let since = tx.now().as_millisecond() - WINDOW_MS;
    if !notices::is_noted(tx, person, NoticeKind::SecondFactorTries, since)? {
        notices::note(tx, person, NoticeKind::SecondFactorTries, address)?;
        tx.record_refusal("too many wrong second factors");
    }
    Err(Refusal::TooMany {
        retry_after_seconds: u32::try_from(wait_ms / 1_000 + 1).unwrap_or(1),
    }
    .into())
}

/// The factor was right.
pub(crate) fn forgive(tx: &mut Write<'_>, counted: &Try) -> Result<(), Error> {
    tx.run(
        "DELETE FROM factor_tries WHERE id = $1",
        &[Param::Text(&counted.id)],
    )?;
    match &counted.alert {
        Some(alert) => withdraw(tx, alert),
        None => Ok(()),
    }
}
