//! After a password was reset without a second factor, the factors stand still
//! for a day: whoever took over a mailbox must not lock the owner out for good.

use daybook_kernel::{Error, Param, PersonId, Read};

use crate::instant;

/// Until when the person's factors cannot be changed, if they cannot.
pub(crate) fn frozen_until_ms(tx: &mut Read<'_>, person: PersonId) -> Result<Option<i64>, Error> {
    let until = tx.first(
        "SELECT factors_frozen_until_ms FROM people WHERE id = $1",
        &[Param::Text(&person.to_string())],
        |row| row.int(0),
    )?;
    let now = tx.now().as_millisecond();
    Ok(until.filter(|until| *until > now))
}

pub(crate) fn refuse_while_frozen(tx: &mut Read<'_>, person: PersonId) -> Result<(), Error> {
    match frozen_until_ms(tx, person)? {
        None => Ok(()),
        Some(until) => Err(Error::conflict(format!(
            "Your password was reset without a second factor. What guards your account can be changed again from {}.",
            instant(until)
        ))),
    }
}
