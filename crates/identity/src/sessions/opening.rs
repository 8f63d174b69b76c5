//! How a session begins, and how it goes on under another token.

use std::sync::Arc;

use daybook_kernel::id::hex;
use daybook_kernel::{Caller, Error, Origin, Param, PersonId, Write};
use schemars::JsonSchema;
use serde::Serialize;

use super::arrivals;
use super::store::{
    ADDRESS, AGE_MS_MAX, AGENT, FRESH_MS, HALFWAY_MS_MAX, IDLE_MS_MAX, PLACE, TOKEN_PURPOSE,
    maybe_sealed,
};
use crate::instant;

/// More devices than anybody has; the ones unused for longest give way.
const SESSIONS_PER_PERSON_MAX: i64 = 50;

/// A session that has begun, or goes on under a new token.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SessionOpened {
    /// The id by which the session is listed and ended.
    pub id: String,
    /// What the browser shows from now on. It travels in the cookie alone.
    #[schemars(skip)]
    pub token: String,
    /// Until when it is good if it is not used.
    pub expires_at: String,
    /// Whether the second factor must be shown before anything else.
    pub owes_second_factor: bool,
}

/// What is known of a session when it begins.
#[derive(Default)]
pub(crate) struct Opening {
    pub origin: Option<Arc<Origin>>,
    /// A passkey or a second factor was shown already.
    pub second_factor: bool,
    pub owes_second_factor: bool,
    /// The session that the browser had before, which ends.
    pub replaces: Option<String>,
    /// Its person is at work in this browser already: no sign-in to tell of.
    pub goes_on: bool,
}

impl Opening {
    /// A session for this browser, in place of the one that it has.
    pub(crate) fn of(caller: &Caller) -> Self {
        Self {
            origin: caller.origin.clone(),
            second_factor: false,
            owes_second_factor: false,
            goes_on: false,
            replaces: caller.session.as_ref().map(|session| session.id.clone()),
        }
    }
}

/// Begins a session.
pub(crate) fn open(
    tx: &mut Write<'_>,
    person: PersonId,
    opening: Opening,
) -> Result<SessionOpened, Error> {
    let now = tx.now().as_millisecond();
    arrivals::welcome(tx, person, &opening)?;
    if let Some(replaced) = &opening.replaces {
        tx.run(
            "DELETE FROM sessions WHERE id = $1",
            &[Param::Text(replaced)],
        )?;
    }
    let person = person.to_string();
    make_room(tx, &person)?;
    let id = hex(&tx.random::<16>()?);
    let (token, hash) = new_token(tx, &id)?;
    let owes = opening.owes_second_factor;
    let expires_at_ms = now + if owes { HALFWAY_MS_MAX } else { IDLE_MS_MAX };
    let fresh_until_ms = if owes { 0 } else { now + FRESH_MS };
    let (address, agent) = opening.origin.as_ref().map_or(("", ""), |origin| {
        (origin.address.as_str(), origin.agent.as_str())
    });
    tx.run(
        "INSERT INTO sessions (id, token_hash, person, created_at_ms, last_used_at_ms,
             refreshed_at_ms, expires_at_ms, fresh_until_ms, owes_second_factor, second_factor,
             address, agent)
         VALUES ($1, $2, $3, $4, $4, $4, $5, $6, $7, $8, $9, $10)",
        &[
            Param::Text(&id),
            Param::Bytes(&hash),
            Param::Text(&person),
            now.into(),
            expires_at_ms.into(),
            fresh_until_ms.into(),
            i64::from(owes).into(),
            i64::from(opening.second_factor).into(),
            Param::Sealed {
                column: ADDRESS,
                text: address,
            },
            Param::Sealed {
                column: AGENT,
                text: agent,
            },
        ],
    )?;
    Ok(SessionOpened {
        id,
        token,
        expires_at: instant(expires_at_ms),
        owes_second_factor: owes,
    })
}

/// What was shown when a session goes on under another token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Nothing,
    Password,
    /// A second factor or a passkey: nothing is owed any more.
    SecondFactor,
}

/// Gives a session another token; the one before is good for nothing once this
/// transaction holds. Its thirty days go on.
pub(crate) fn rotate(
    tx: &mut Write<'_>,
    session: &str,
    shown: Shown,
) -> Result<SessionOpened, Error> {
    let now = tx.now().as_millisecond();
    let (token, hash) = new_token(tx, session)?;
    let fresh_until_ms = (shown != Shown::Nothing).then_some(now + FRESH_MS);
    let second = i64::from(shown == Shown::SecondFactor);
    let kept = tx.first(
        "UPDATE sessions SET token_hash = $2, rotation_due = 0,
             fresh_until_ms = COALESCE(CAST($3 AS BIGINT), fresh_until_ms),
             owes_second_factor = CASE WHEN $4 = 1 THEN 0 ELSE owes_second_factor END,
             second_factor = CASE WHEN $4 = 1 THEN 1 ELSE second_factor END,
             last_used_at_ms = $5, refreshed_at_ms = $5,
             longest_pause_ms = CASE WHEN CAST($3 AS BIGINT) IS NOT NULL THEN 0
                 WHEN $5 - last_used_at_ms > longest_pause_ms THEN $5 - last_used_at_ms
                 ELSE longest_pause_ms END,
             expires_at_ms = CASE WHEN owes_second_factor = 1 AND $4 = 0 THEN expires_at_ms
                 WHEN created_at_ms + $7 < $6 THEN created_at_ms + $7 ELSE $6 END
         WHERE id = $1 AND expires_at_ms > $5
         RETURNING expires_at_ms, owes_second_factor",
        &[
            Param::Text(session),
            Param::Bytes(&hash),
            fresh_until_ms.into(),
            second.into(),
            now.into(),
            (now + IDLE_MS_MAX).into(),
            AGE_MS_MAX.into(),
        ],
        |row| Ok((row.int(0)?, row.int(1)? != 0)),
    )?;
    let (expires_at_ms, owes_second_factor) = kept.ok_or_else(Error::not_found)?;
    Ok(SessionOpened {
        id: session.to_owned(),
        token,
        expires_at: instant(expires_at_ms),
        owes_second_factor,
    })
}

/// Notes at which workspace a session is, and gives it another token if that is
/// not where it was, or if its person's rights have changed.
pub fn rotate_session(
    tx: &mut Write<'_>,
    hash: &[u8; 32],
    place: Option<&str>,
) -> Result<Option<String>, Error> {
    let now = tx.now().as_millisecond();
    let found = tx.first(
        "SELECT id, rotation_due, place FROM sessions WHERE token_hash = $1 AND expires_at_ms > $2",
        &[Param::Bytes(hash), now.into()],
        |row| {
            let place = maybe_sealed(row, 2, PLACE)?;
            Ok((row.text(0)?.to_owned(), row.int(1)? != 0, place))
        },
    )?;
    let Some((id, is_due, before)) = found else {
        return Ok(None);
    };
    if let Some(place) = place.filter(|place| before.as_deref() != Some(place)) {
        tx.run(
            "UPDATE sessions SET place = $2 WHERE id = $1",
            &[
                Param::Text(&id),
                Param::Sealed {
                    column: PLACE,
                    text: place,
                },
            ],
        )?;
    }
    let moved = place.is_some() && before.is_some() && before.as_deref() != place;
    if !moved && !is_due {
        return Ok(None);
    }
    rotate(tx, &id, Shown::Nothing).map(|opened| Some(opened.token))
}

/// The token of a session begins with the session's id: what is bound to the
/// session and not to its token, as a form is, outlives a change of token. The
/// 256 bits after it are the secret.
fn new_token(tx: &Write<'_>, session: &str) -> Result<(String, [u8; 32]), Error> {
    let token = format!("{session}{}", hex(&tx.random::<32>()?));
    let hash = tx.vault().keyed_hash(TOKEN_PURPOSE, token.as_bytes());
    Ok((token, hash))
}

/// What has expired is not counted, and left to the sweep, which records it.
fn make_room(tx: &mut Write<'_>, person: &str) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    tx.run(
        "DELETE FROM sessions WHERE person = $1 AND expires_at_ms > $2 AND id NOT IN (
             SELECT id FROM sessions WHERE person = $1 AND expires_at_ms > $2
             ORDER BY last_used_at_ms DESC, id LIMIT $3)",
        &[
            Param::Text(person),
            now.into(),
            (SESSIONS_PER_PERSON_MAX - 1).into(),
        ],
    )?;
    Ok(())
}
