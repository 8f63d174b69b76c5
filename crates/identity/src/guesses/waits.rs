//! Waits that grow with the failures in a row. A try counts as a failure until
//! it succeeds, so that many at once are counted like many in turn. A try that
//! must wait is not counted: no outsider can lengthen the wait of an owner
//! beyond its end.

use daybook_kernel::{Error, Param, Write};

use super::{Counter, refuse};

/// Everybody mistypes.
const FREE: i64 = 5;
const WAIT_MS_MIN: i64 = 1_000;
const WAIT_MS_MAX: i64 = 15 * 60 * 1_000;
/// After so many in a row the password is not asked any more; a reset or a
/// passkey opens the account.
const IN_A_ROW_MAX: i64 = 100;
/// What nobody has tried for so long is forgotten, if it is not locked.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Counts a try, and answers how many in a row there were with it.
pub(super) fn charge(tx: &mut Write<'_>, counter: &Counter) -> Result<i64, Error> {
    let (name, now) = (counter.name(tx), tx.now().as_millisecond());
    let found = tx.first(
        "SELECT failures, wait_until_ms FROM guess_waits WHERE counter = $1",
        &[Param::Text(&name)],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    let (failures, wait_until_ms) = found.unwrap_or_default();
    if failures >= IN_A_ROW_MAX {
        let why = "a hundred wrong passwords in a row";
        return Err(refuse(tx, counter, now + WAIT_MS_MAX, why)?);
    }
    if now < wait_until_ms {
        let why = "too many wrong passwords in a row";
        return Err(refuse(tx, counter, wait_until_ms, why)?);
    }
    let failures = failures + 1;
    tx.run(
        "INSERT INTO guess_waits (counter, failures, wait_until_ms, told_until_ms)
         VALUES ($1, $2, $3, 0)
         ON CONFLICT (counter) DO UPDATE SET failures = $2, wait_until_ms = $3",
        &[
            Param::Text(&name),
            failures.into(),
            (now + wait_ms(failures)).into(),
        ],
    )?;
    Ok(failures)
}

pub(super) fn clear(tx: &mut Write<'_>, counter: &Counter) -> Result<(), Error> {
    let (name, now) = (counter.name(tx), tx.now().as_millisecond());
    tx.run(
        "DELETE FROM guess_waits WHERE counter = $1 OR (wait_until_ms <= $2 AND failures < $3)",
        &[
            Param::Text(&name),
            (now - KEPT_MS).into(),
            IN_A_ROW_MAX.into(),
        ],
    )?;
    Ok(())
}

/// What follows the failure of this number.
fn wait_ms(failures: i64) -> i64 {
    if failures <= FREE {
        return 0;
    }
    let doublings = u32::try_from(failures - FREE - 1).unwrap_or(u32::MAX);
    2_i64
        .checked_pow(doublings)
        .map_or(WAIT_MS_MAX, |factor| factor.saturating_mul(WAIT_MS_MIN))
        .min(WAIT_MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_are_free_then_waits_double_to_a_quarter_of_an_hour() {
        for (failures, seconds) in [
            (1, 0),
            (5, 0),
            (6, 1),
            (7, 2),
            (8, 4),
            (15, 512),
            (16, 900),
            (99, 900),
            (1_000, 900),
        ] {
            assert_eq!(wait_ms(failures), seconds * 1_000, "{failures}");
        }
    }
}
