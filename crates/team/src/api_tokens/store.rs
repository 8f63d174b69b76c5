//! Tokens in the store, and the answer that the road asks for.

use daybook_kernel::road::{SignedIn, TokenGrant};
use daybook_kernel::time::{date_of, day_number};
use daybook_kernel::{Error, Param, Read, Row, Write};
use jiff::tz::TimeZone;

use super::model::{ApiToken, State};
use crate::instant;
use crate::members::{EMAIL, membership};

/// The purpose under which the workspace's vault hashes the whole text of a token.
pub const TOKEN_PURPOSE: &str = "api_tokens.token";

pub(super) const NAME: &str = "api_tokens.name";

/// What a token stands for, by the keyed hash of its whole text. A token whose
/// owner is no longer a member stands for nothing.
pub fn token(tx: &mut Read<'_>, hash: &[u8; 32]) -> Result<Option<TokenGrant>, Error> {
    let now = tx.now().as_millisecond();
    tx.first(
        "SELECT t.id, t.owner, m.email, t.scopes, t.expires_at_ms, t.revoked_at_ms,
                m.role, m.suspended, (SELECT count(*) FROM access_policies)
         FROM api_tokens t JOIN members m ON m.person = t.owner WHERE t.token_hash = $1",
        &[Param::Bytes(hash)],
        |row| {
            let person = row.text(1)?.parse().map_err(Error::ours)?;
            Ok(TokenGrant {
                id: row.text(0)?.to_owned(),
                owner: SignedIn {
                    person,
                    email: row.sealed(2, EMAIL)?,
                },
                membership: membership(row, 6)?,
                scopes: scopes(row.text(3)?),
                usable: state(row.int(4)?, row.maybe_int(5)?, now) == State::Usable,
            })
        },
    )
}

/// Notes that a token was used today; whether that was news is the answer.
pub fn note_use(tx: &mut Write<'_>, id: &str) -> Result<bool, Error> {
    let today = day_number(tx.now().to_zoned(TimeZone::UTC).date());
    let noted = tx.run(
        "UPDATE api_tokens SET last_used_day = $2
         WHERE id = $1 AND (last_used_day IS NULL OR last_used_day < $2)",
        &[Param::Text(id), today.into()],
    )?;
    Ok(noted > 0)
}

/// Revokes every token of somebody who leaves, so that none works again if
/// they come back.
pub(crate) fn revoke_all_of(tx: &mut Write<'_>, owner: &str) -> Result<u64, Error> {
    let now = tx.now().as_millisecond();
    tx.run(
        "UPDATE api_tokens SET revoked_at_ms = $2 WHERE owner = $1 AND revoked_at_ms IS NULL",
        &[Param::Text(owner), now.into()],
    )
}

pub(super) fn load(tx: &mut Read<'_>, id: &str) -> Result<Option<ApiToken>, Error> {
    let now = tx.now().as_millisecond();
    tx.first(
        "SELECT t.id, t.owner, m.email, t.name, t.scopes, t.created_at_ms, t.expires_at_ms,
                t.revoked_at_ms, t.last_used_day
         FROM api_tokens t LEFT JOIN members m ON m.person = t.owner WHERE t.id = $1",
        &[Param::Text(id)],
        |row| read(row, now),
    )
}

/// The tokens of one owner, or of all; the newest first.
pub(super) fn list(tx: &mut Read<'_>, owner: Option<&str>) -> Result<Vec<ApiToken>, Error> {
    let now = tx.now().as_millisecond();
    tx.all(
        "SELECT t.id, t.owner, m.email, t.name, t.scopes, t.created_at_ms, t.expires_at_ms,
                t.revoked_at_ms, t.last_used_day
         FROM api_tokens t LEFT JOIN members m ON m.person = t.owner
         WHERE CAST($1 AS TEXT) IS NULL OR t.owner = $1
         ORDER BY t.created_at_ms DESC, t.id",
        &[owner.into()],
        |row| read(row, now),
    )
}

fn read(row: &dyn Row, now: i64) -> Result<ApiToken, Error> {
    let last_used_on = row
        .maybe_int(8)?
        .and_then(date_of)
        .map(|date| date.to_string());
    Ok(ApiToken {
        id: row.text(0)?.to_owned(),
        owner: row.text(1)?.to_owned(),
        owner_email: row.sealed(2, EMAIL)?,
        name: row.sealed(3, NAME)?,
        scopes: scopes(row.text(4)?),
        created_at: instant(row.int(5)?),
        expires_at: instant(row.int(6)?),
        state: state(row.int(6)?, row.maybe_int(7)?, now),
        last_used_on,
    })
}

fn scopes(text: &str) -> Vec<String> {
    text.split(' ')
        .filter(|scope| !scope.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

const fn state(expires_at_ms: i64, revoked_at_ms: Option<i64>, now: i64) -> State {
    match revoked_at_ms {
        Some(_) => State::Revoked,
        None if expires_at_ms <= now => State::Expired,
        None => State::Usable,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_token_is_usable_until_it_is_revoked_or_its_last_instant_passes() {
        for (expires, revoked, now, expected) in [
            (10, None, 9, State::Usable),
            (10, None, 10, State::Expired),
            (10, Some(5), 9, State::Revoked),
            (10, Some(5), 11, State::Revoked),
        ] {
            assert_eq!(state(expires, revoked, now), expected);
        }
    }
}
