//! So many tries a minute, in whatever minute one looks: a try is counted with
//! its instant, and those of the last minute are the count.

use daybook_kernel::{Error, Param, Write};

use super::{Counter, refuse};

const WINDOW_MS: i64 = 60_000;

pub(super) fn charge(tx: &mut Write<'_>, counter: &Counter) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let allowed = i64::from(tx.passwords().tries_per_minute());
    tx.run(
        "DELETE FROM guess_tries WHERE at_ms <= $1",
        &[(now - WINDOW_MS).into()],
    )?;
    let hash = counter.hash(tx);
    // The oldest of those that fill the window: when it leaves, there is room.
    let oldest = tx.first(
        "SELECT at_ms FROM guess_tries WHERE counter = $1
         ORDER BY at_ms DESC, id DESC LIMIT 1 OFFSET $2",
        &[Param::Bytes(&hash), (allowed - 1).into()],
        |row| row.int(0),
    )?;
    if let Some(oldest) = oldest {
        let why = "too many tries in a minute";
        return Err(refuse(tx, counter, oldest + WINDOW_MS, why)?);
    }
    tx.run(
        "INSERT INTO guess_tries (counter, at_ms) VALUES ($1, $2)",
        &[Param::Bytes(&hash), now.into()],
    )?;
    Ok(())
}
