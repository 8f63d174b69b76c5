//! Sessions in the store: found, and kept alive by use. How they begin and end
//! is beside this.

use daybook_kernel::SessionFacts;
use daybook_kernel::road::{LiveSession, SignedIn};
use daybook_kernel::{Error, Param, PersonId, Read, Row, Write};
use jiff::Timestamp;

use crate::people::{EMAIL, person_id};

/// The purpose under which the instance's vault hashes the token of a session.
pub const TOKEN_PURPOSE: &str = "sessions.token";

pub(super) const ADDRESS: &str = "sessions.address";
pub(super) const AGENT: &str = "sessions.agent";
pub(super) const PLACE: &str = "sessions.place";

const MINUTE_MS: i64 = 60 * 1_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// Without use, a session lives this long.
pub(super) const IDLE_MS_MAX: i64 = 7 * DAY_MS;
/// With use, it still ends after this long.
pub(super) const AGE_MS_MAX: i64 = 30 * DAY_MS;
/// Whoever owes a second factor has this long to show it.
pub(super) const HALFWAY_MS_MAX: i64 = 15 * MINUTE_MS;
/// A factor that was shown counts as fresh for ten minutes.
pub(super) const FRESH_MS: i64 = 10 * MINUTE_MS;
/// In use, the browser gets its cookie anew once in this time.
const REFRESH_MS: i64 = DAY_MS;

/// The person of a live session, by the keyed hash of its token.
pub fn session(tx: &mut Read<'_>, hash: &[u8; 32]) -> Result<Option<LiveSession>, Error> {
    let now = tx.now().as_millisecond();
    tx.first(
        "SELECT people.id, people.email, sessions.id, sessions.longest_pause_ms,
             sessions.last_used_at_ms, sessions.owes_second_factor, sessions.second_factor,
             sessions.fresh_until_ms, sessions.refreshed_at_ms, sessions.rotation_due,
             sessions.place
         FROM sessions JOIN people ON people.id = sessions.person
         WHERE sessions.token_hash = $1 AND sessions.expires_at_ms > $2
             AND people.verified_at_ms > 0",
        &[Param::Bytes(hash), now.into()],
        |row| {
            let who = SignedIn {
                person: person_id(row, 0)?,
                email: row.sealed(1, EMAIL)?,
            };
            let facts = SessionFacts {
                id: row.text(2)?.to_owned(),
                longest_pause_ms: row.int(3)?.max(now - row.int(4)?),
                owes_second_factor: row.int(5)? != 0,
                second_factor: row.int(6)? != 0,
                fresh_until_ms: row.int(7)?,
                shown_at_ms: row.int(7)? - FRESH_MS,
            };
            Ok(LiveSession {
                cookie_is_due: row.int(8)? <= now - REFRESH_MS && !facts.owes_second_factor,
                rotation_is_due: row.int(9)? != 0,
                place: maybe_sealed(row, 10, PLACE)?,
                who,
                facts,
            })
        },
    )
}

/// Notes that a live session was in use: its week begins again, within its 30
/// days, and a pause that it ends is kept. Whoever owes a second factor gains no
/// time.
pub fn refresh_session(tx: &mut Write<'_>, hash: &[u8; 32], at: Timestamp) -> Result<bool, Error> {
    let now = at.as_millisecond();
    let touched = tx.run(
        "UPDATE sessions SET last_used_at_ms = $2,
             longest_pause_ms = CASE WHEN $2 - last_used_at_ms > longest_pause_ms
                 THEN $2 - last_used_at_ms ELSE longest_pause_ms END,
             expires_at_ms =
                 CASE WHEN created_at_ms + $4 < $3 THEN created_at_ms + $4 ELSE $3 END,
             refreshed_at_ms = CASE WHEN refreshed_at_ms <= $5 THEN $2 ELSE refreshed_at_ms END
         WHERE token_hash = $1 AND expires_at_ms > $2 AND last_used_at_ms <= $2
             AND owes_second_factor = 0",
        &[
            Param::Bytes(hash),
            now.into(),
            (now + IDLE_MS_MAX).into(),
            AGE_MS_MAX.into(),
            (now - REFRESH_MS).into(),
        ],
    )?;
    Ok(touched > 0)
}

/// What a session is told to do at its next page, as its person's rights have
/// changed: its token changes.
pub(crate) fn call_for_rotation(tx: &mut Write<'_>, person: PersonId) -> Result<(), Error> {
    tx.run(
        "UPDATE sessions SET rotation_due = 1 WHERE person = $1",
        &[Param::Text(&person.to_string())],
    )?;
    Ok(())
}

/// What was not known of a session is nothing.
pub(super) fn maybe_sealed(
    row: &dyn Row,
    column: usize,
    name: &'static str,
) -> Result<Option<String>, Error> {
    let text = row.sealed(column, name)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}
