//! How sessions end: by their person, or by themselves.

use std::sync::Arc;

use daybook_kernel::road::{SignedIn, Swept};
use daybook_kernel::{Change, Error, Origin, Param, PersonId, Read, Write};
use serde::Serialize;

use super::store::{ADDRESS, AGE_MS_MAX, AGENT, maybe_sealed};
use crate::instant;
use crate::people::{EMAIL, person_id};

/// What the log says of an expiry, as of an operation.
const EXPIRED: &str = "identity.expire_session";

#[derive(Serialize)]
struct Expired {
    signed_in_at: String,
    last_used_at: String,
    reason: &'static str,
}

/// Ends every session of a person; in effect on their next request.
pub(crate) fn end_all(tx: &mut Write<'_>, person: PersonId) -> Result<u64, Error> {
    tx.run(
        "DELETE FROM sessions WHERE person = $1",
        &[Param::Text(&person.to_string())],
    )
}

/// Ends every session of a person but this one.
pub(crate) fn end_others(
    tx: &mut Write<'_>,
    person: PersonId,
    session: &str,
) -> Result<u64, Error> {
    tx.run(
        "DELETE FROM sessions WHERE person = $1 AND id <> $2",
        &[Param::Text(&person.to_string()), session.into()],
    )
}

/// How many sessions have expired and are still in the store.
pub fn expired(tx: &mut Read<'_>) -> Result<u64, Error> {
    let now = tx.now().as_millisecond();
    let count = tx.first(
        "SELECT count(*) FROM sessions WHERE expires_at_ms <= $1",
        &[now.into()],
        |row| row.int(0),
    )?;
    Ok(count.and_then(|it| u64::try_from(it).ok()).unwrap_or(0))
}

/// Removes the one that expired first, and says what the log is told.
pub fn sweep(tx: &mut Write<'_>) -> Result<Option<Swept>, Error> {
    let now = tx.now().as_millisecond();
    let ended = tx.first(
        "DELETE FROM sessions WHERE id = (SELECT id FROM sessions WHERE expires_at_ms <= $1
             ORDER BY expires_at_ms, id LIMIT 1)
         RETURNING id, person, created_at_ms, last_used_at_ms, expires_at_ms, address, agent",
        &[now.into()],
        |row| {
            let begun = row.int(2)?;
            let origin = Origin {
                device: None,
                address: maybe_sealed(row, 5, ADDRESS)?.unwrap_or_default(),
                agent: maybe_sealed(row, 6, AGENT)?.unwrap_or_default(),
            };
            let told = Expired {
                signed_in_at: instant(begun),
                last_used_at: instant(row.int(3)?),
                reason: if row.int(4)? >= begun + AGE_MS_MAX {
                    "30 days after signing in"
                } else {
                    "not used"
                },
            };
            let change = Change::removed("Session", row.text(0)?, &told);
            Ok((person_id(row, 1)?, Arc::new(origin), change))
        },
    )?;
    let Some((person, origin, change)) = ended else {
        return Ok(None);
    };
    Ok(Some(Swept {
        operation: EXPIRED,
        whose: known(tx, person)?,
        origin: Some(origin),
        change,
    }))
}

fn known(tx: &mut Read<'_>, person: PersonId) -> Result<Option<SignedIn>, Error> {
    tx.first(
        "SELECT email FROM people WHERE id = $1",
        &[Param::Text(&person.to_string())],
        |row| {
            Ok(SignedIn {
                person,
                email: row.sealed(0, EMAIL)?,
            })
        },
    )
}
