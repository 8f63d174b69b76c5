//! Sessions in the store: begun, found, kept alive, ended.

use daybook_kernel::SessionFacts;
use daybook_kernel::id::hex;
use daybook_kernel::road::{LiveSession, SignedIn};
use daybook_kernel::{Error, Param, PersonId, Read, Write};
use schemars::JsonSchema;
use serde::Serialize;

use crate::instant;
use crate::people::{EMAIL, person_id};

/// The purpose under which the instance's vault hashes the token of a session.
pub const TOKEN_PURPOSE: &str = "sessions.token";

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Without use, a session lives this long.
const IDLE_MS_MAX: i64 = 7 * DAY_MS;
/// With use, it still ends after this long.
const AGE_MS_MAX: i64 = 30 * DAY_MS;
/// A factor that was shown counts as fresh for ten minutes.
const FRESH_MS: i64 = 10 * 60 * 1_000;
/// More devices than anybody has; the ones unused for longest give way.
const SESSIONS_PER_PERSON_MAX: i64 = 50;

/// A session that has begun. The token is told this once.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SessionOpened {
    /// The id by which the session is listed and ended.
    pub id: String,
    /// What the browser shows from now on; nobody can tell it again.
    pub token: String,
    /// Until when it is good if it is not used.
    pub expires_at: String,
}

/// The person of a live session, by the keyed hash of its token.
pub fn session(tx: &mut Read<'_>, hash: &[u8; 32]) -> Result<Option<LiveSession>, Error> {
    let now = tx.now().as_millisecond();
    tx.first(
        "SELECT people.id, people.email, sessions.id, sessions.created_at_ms,
             sessions.last_used_at_ms FROM sessions JOIN people ON people.id = sessions.person
         WHERE sessions.token_hash = $1 AND sessions.expires_at_ms > $2",
        &[Param::Bytes(hash), now.into()],
        |row| {
            let who = SignedIn {
                person: person_id(row, 0)?,
                email: row.sealed(1, EMAIL)?,
            };
            let begun_at_ms = row.int(3)?;
            let facts = SessionFacts {
                id: row.text(2)?.to_owned(),
                owes_second_factor: false,
                second_factor: false,
                fresh_until_ms: begun_at_ms + FRESH_MS,
                begun_at_ms,
                last_used_at_ms: row.int(4)?,
            };
            Ok(LiveSession { who, facts })
        },
    )
}

/// Notes that a live session is in use, which gives it another week within its
/// 30 days. Once a day is enough: whether it did anything is the answer.
pub fn refresh_session(tx: &mut Write<'_>, hash: &[u8; 32]) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let touched = tx.run(
        "UPDATE sessions SET last_used_at_ms = $2, expires_at_ms =
             CASE WHEN created_at_ms + $4 < $3 THEN created_at_ms + $4 ELSE $3 END
         WHERE token_hash = $1 AND expires_at_ms > $2 AND last_used_at_ms <= $5",
        &[
            Param::Bytes(hash),
            now.into(),
            (now + IDLE_MS_MAX).into(),
            AGE_MS_MAX.into(),
            (now - DAY_MS).into(),
        ],
    )?;
    Ok(touched > 0)
}

/// Begins a session and clears away what has expired.
pub(crate) fn open(tx: &mut Write<'_>, person: PersonId) -> Result<SessionOpened, Error> {
    let now = tx.now().as_millisecond();
    let person = person.to_string();
    make_room(tx, &person, now)?;
    let id = hex(&tx.random::<16>()?);
    let token = hex(&tx.random::<32>()?);
    let hash = tx.vault().keyed_hash(TOKEN_PURPOSE, token.as_bytes());
    let expires_at_ms = now + IDLE_MS_MAX;
    tx.run(
        "INSERT INTO sessions (id, token_hash, person, created_at_ms, last_used_at_ms, expires_at_ms)
         VALUES ($1, $2, $3, $4, $4, $5)",
        &[
            Param::Text(&id),
            Param::Bytes(&hash),
            Param::Text(&person),
            now.into(),
            expires_at_ms.into(),
        ],
    )?;
    Ok(SessionOpened {
        id,
        token,
        expires_at: instant(expires_at_ms),
    })
}

fn make_room(tx: &mut Write<'_>, person: &str, now: i64) -> Result<(), Error> {
    tx.run(
        "DELETE FROM sessions WHERE person = $1 AND (expires_at_ms <= $2 OR id NOT IN (
             SELECT id FROM sessions WHERE person = $1 AND expires_at_ms > $2
             ORDER BY last_used_at_ms DESC, id LIMIT $3))",
        &[
            Param::Text(person),
            now.into(),
            (SESSIONS_PER_PERSON_MAX - 1).into(),
        ],
    )?;
    Ok(())
}

/// Ends every session of a person; in effect on their next request.
pub(crate) fn end_all(tx: &mut Write<'_>, person: PersonId) -> Result<u64, Error> {
    tx.run(
        "DELETE FROM sessions WHERE person = $1",
        &[Param::Text(&person.to_string())],
    )
}
