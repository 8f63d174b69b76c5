//! Challenges that were put and not yet answered. The state that the answer is
//! judged by stays on the server, sealed; taking it ends it.

use daybook_kernel::id::hex;
use daybook_kernel::{Error, Param, Write};
use serde::Serialize;
use serde::de::DeserializeOwned;

const STATE: &str = "passkey_challenges.state";
const GOOD_FOR_MS: i64 = 5 * 60 * 1_000;
/// Anybody can be asked to sign in: more than this at once give way, oldest first.
const OPEN_MAX: i64 = 10_000;

/// Who was asked.
pub(crate) enum Asked<'a> {
    /// The browser of this session, for a factor.
    Session(&'a str),
    /// The browser of this session, for a new passkey.
    NewPasskey(&'a str),
    /// Whoever is at the door.
    Visitor,
}

impl Asked<'_> {
    const fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Session(session) => ("proof", session),
            Self::NewPasskey(session) => ("new", session),
            Self::Visitor => ("sign_in", ""),
        }
    }
}

/// Keeps what an answer will be judged by; answers with its id.
pub(super) fn put(
    tx: &mut Write<'_>,
    asked: &Asked<'_>,
    state: &impl Serialize,
) -> Result<String, Error> {
    let now = tx.now().as_millisecond();
    tx.run(
        "DELETE FROM passkey_challenges WHERE expires_at_ms <= $1",
        &[now.into()],
    )?;
    tx.run(
        "DELETE FROM passkey_challenges WHERE id IN (
             SELECT id FROM passkey_challenges ORDER BY expires_at_ms DESC, id LIMIT 1000 OFFSET $1)",
        &[(OPEN_MAX - 1).into()],
    )?;
    let id = hex(&tx.random::<16>()?);
    let state = zeroize::Zeroizing::new(serde_json::to_vec(state).map_err(Error::ours)?);
    let sealed = tx.vault().seal(STATE, &state)?;
    let (asked_for, session) = asked.parts();
    tx.run(
        "INSERT INTO passkey_challenges (id, asked_for, session, state_sealed, expires_at_ms)
         VALUES ($1, $2, $3, $4, $5)",
        &[
            Param::Text(&id),
            asked_for.into(),
            session.into(),
            Param::Bytes(&sealed),
            (now + GOOD_FOR_MS).into(),
        ],
    )?;
    Ok(id)
}

/// Takes a challenge that was put to the same browser, for the same thing, and
/// not too long ago. Whoever asks for it ends it.
pub(super) fn take<State: DeserializeOwned>(
    tx: &mut Write<'_>,
    asked: &Asked<'_>,
    id: &str,
) -> Result<Option<State>, Error> {
    let (asked_for, session) = asked.parts();
    let now = tx.now().as_millisecond();
    let sealed = tx.first(
        "DELETE FROM passkey_challenges
         WHERE id = $1 AND asked_for = $2 AND session = $3 AND expires_at_ms > $4
         RETURNING state_sealed",
        &[id.into(), asked_for.into(), session.into(), now.into()],
        |row| Ok(row.bytes(0)?.to_vec()),
    )?;
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let opened = zeroize::Zeroizing::new(tx.vault().open(STATE, &sealed)?);
    serde_json::from_slice(&opened)
        .map(Some)
        .map_err(Error::ours)
}
