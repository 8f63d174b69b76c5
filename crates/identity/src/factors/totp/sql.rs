//! Authenticator apps in the store.

use daybook_kernel::{Error, Param, PersonId, Read, Write};

use super::model::{self, SECRET_BYTES};
use crate::secret::Secret;

pub(super) const SECRET: &str = "totp_factors.secret";

/// A kept secret with the last step whose code was used.
struct Kept {
    secret: [u8; SECRET_BYTES],
    last_step: i64,
}

/// Since when the person has an app.
pub(crate) fn enrolled_at_ms(tx: &mut Read<'_>, person: PersonId) -> Result<Option<i64>, Error> {
    tx.first(
        "SELECT confirmed_at_ms FROM totp_factors WHERE person = $1 AND confirmed_at_ms IS NOT NULL",
        &[Param::Text(&person.to_string())],
        |row| row.int(0),
    )
}

/// Uses up a code, once: the step must be later than the last one used.
pub(crate) fn use_code(tx: &mut Write<'_>, person: PersonId, code: &Secret) -> Result<bool, Error> {
    let name = person.to_string();
    let kept = tx.first(
        "SELECT secret_sealed, last_step FROM totp_factors
         WHERE person = $1 AND confirmed_at_ms IS NOT NULL",
        &[Param::Text(&name)],
        |row| Ok((row.bytes(0)?.to_vec(), row.int(1)?)),
    )?;
    let Some(step) = step_of(tx, kept, code)? else {
        return Ok(false);
    };
    let used = tx.run(
        "UPDATE totp_factors SET last_step = $2 WHERE person = $1 AND last_step < $2",
        &[Param::Text(&name), step.into()],
    )?;
    Ok(used == 1)
}

/// Takes the first code of an app that was started lately.
pub(super) fn confirm(
    tx: &mut Write<'_>,
    person: PersonId,
    code: &Secret,
    started_after_ms: i64,
) -> Result<bool, Error> {
    let name = person.to_string();
    let kept = tx.first(
        "SELECT secret_sealed, last_step FROM totp_factors
         WHERE person = $1 AND confirmed_at_ms IS NULL AND started_at_ms > $2",
        &[Param::Text(&name), started_after_ms.into()],
        |row| Ok((row.bytes(0)?.to_vec(), row.int(1)?)),
    )?;
    if kept.is_none() {
        return Err(Error::conflict(
            "No app is being set up. Begin again; a picture is good for 15 minutes.",
        ));
    }
    let Some(step) = step_of(tx, kept, code)? else {
        return Ok(false);
    };
    let now = tx.now().as_millisecond();
    let confirmed = tx.run(
        "UPDATE totp_factors SET confirmed_at_ms = $2, last_step = $3
         WHERE person = $1 AND confirmed_at_ms IS NULL",
        &[Param::Text(&name), now.into(), step.into()],
    )?;
    Ok(confirmed == 1)
}

fn step_of(
    tx: &Write<'_>,
    kept: Option<(Vec<u8>, i64)>,
    code: &Secret,
) -> Result<Option<i64>, Error> {
    let Some((sealed, last_step)) = kept else {
        return Ok(None);
    };
    let kept = Kept {
        secret: open(tx, &sealed)?,
        last_step,
    };
    let Ok(code) = str::from_utf8(code.as_bytes()) else {
        return Ok(None);
    };
    let step = model::step_of(kept.secret, code.trim(), tx.now())?;
    Ok(step.filter(|step| *step > kept.last_step))
}

fn open(tx: &Read<'_>, sealed: &[u8]) -> Result<[u8; SECRET_BYTES], Error> {
    let opened = zeroize::Zeroizing::new(tx.vault().open(SECRET, sealed)?);
    opened
        .as_slice()
        .try_into()
        .map_err(|_| Error::ours("a kept secret has another length"))
}
