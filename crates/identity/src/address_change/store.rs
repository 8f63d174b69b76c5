//! The change that a person has under way, if any: one, by the last code that was sent.

use daybook_kernel::{Error, Param, PersonId, Read, Refusal, Write};

use crate::secret::Secret;

const EMAIL: &str = "address_changes.email";
const CODE: &str = "address_changes.code";
const MINUTE_MS: i64 = 60 * 1_000;
/// A code is good for so long.
pub(super) const CODE_MS: i64 = 10 * MINUTE_MS;
/// Of a hundred million codes, so many may be tried.
const TRIES_MAX: i64 = 5;
/// Letters in the time of one code: nobody's mailbox is filled.
const REQUESTS_MAX: i64 = 3;

fn hash(tx: &Read<'_>, person: PersonId, code: &[u8]) -> [u8; 32] {
    let text = zeroize::Zeroizing::new([person.to_string().as_bytes(), b":", code].concat());
    tx.vault().keyed_hash(CODE, &text)
}

/// Keeps what was asked for, in place of what was before. Without a code nothing
/// that is shown is ever right.
pub(super) fn keep(
    tx: &mut Write<'_>,
    person: PersonId,
    email: &str,
    code: Option<&str>,
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let name = person.to_string();
    let before = tx.first(
        "SELECT requests, first_requested_at_ms FROM address_changes
         WHERE person = $1 AND first_requested_at_ms > $2",
        &[Param::Text(&name), (now - CODE_MS).into()],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    let (requests, first) = before.unwrap_or((0, now));
    if requests >= REQUESTS_MAX {
        let wait_ms = first + CODE_MS - now;
        return Err(Refusal::TooMany {
            retry_after_seconds: u32::try_from(wait_ms / 1_000 + 1).unwrap_or(1),
        }
        .into());
    }
    let hash = match code {
        Some(code) => hash(tx, person, code.as_bytes()),
        None => tx.random()?,
    };
    tx.run(
        "INSERT INTO address_changes
             (person, email, code_hash, tries, requests, first_requested_at_ms, expires_at_ms)
         VALUES ($1, $2, $3, 0, $4, $5, $6)
         ON CONFLICT (person) DO UPDATE SET email = excluded.email,
             code_hash = excluded.code_hash, tries = 0, requests = excluded.requests,
             first_requested_at_ms = excluded.first_requested_at_ms,
             expires_at_ms = excluded.expires_at_ms",
        &[
            Param::Text(&name),
            Param::Sealed {
                column: EMAIL,
                text: email,
            },
            Param::Bytes(&hash),
            (requests + 1).into(),
            first.into(),
            (now + CODE_MS).into(),
        ],
    )?;
    Ok(())
}

/// Counts a wrong try, durably, before it is answered. The right code is none,
/// so that whoever sends it twice is not refused for that.
pub(super) fn charge(tx: &mut Write<'_>, person: PersonId, code: &Secret) -> Result<(), Error> {
    let hash = hash(tx, person, code.as_bytes().trim_ascii());
    tx.run(
        "UPDATE address_changes SET tries = tries + 1 WHERE person = $1 AND code_hash <> $2",
        &[Param::Text(&person.to_string()), Param::Bytes(&hash)],
    )?;
    Ok(())
}

/// Uses the code up: of any number that show it at once, one gets the address.
pub(super) fn use_up(
    tx: &mut Write<'_>,
    person: PersonId,
    code: &Secret,
) -> Result<Option<String>, Error> {
    let now = tx.now().as_millisecond();
    let hash = hash(tx, person, code.as_bytes().trim_ascii());
    tx.first(
        "DELETE FROM address_changes
         WHERE person = $1 AND code_hash = $2 AND expires_at_ms > $3 AND tries < $4
         RETURNING email",
        &[
            Param::Text(&person.to_string()),
            Param::Bytes(&hash),
            now.into(),
            TRIES_MAX.into(),
        ],
        |row| row.sealed(0, EMAIL),
    )
}

pub(super) fn drop_pending(tx: &mut Write<'_>, person: PersonId) -> Result<(), Error> {
    tx.run(
        "DELETE FROM address_changes WHERE person = $1",
        &[Param::Text(&person.to_string())],
    )?;
    Ok(())
}
