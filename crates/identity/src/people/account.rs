//! An account in the store: made with an address that somebody has vouched for,
//! and given another password.

use daybook_kernel::{Error, Param, PersonId, Write};

use crate::address_change::is_reserved;

use super::sql::{EMAIL, PASSWORD, email_index, person};

const NAME: &str = "people.name";

/// An account to be made. Its address is proved by then: a link that was sent
/// there was opened, or the operator says so.
pub(crate) struct NewAccount<'a> {
    pub email: &'a str,
    /// As people call themselves; empty if they do not say.
    pub name: &'a str,
    /// The password's hash; empty where there is none and another way in.
    pub kept_password: &'a str,
}

pub(crate) fn make(tx: &mut Write<'_>, account: &NewAccount<'_>) -> Result<PersonId, Error> {
    if person(tx, account.email)?.is_some() || is_reserved(tx, account.email, None)? {
        return Err(Error::fault(
            "email",
            "Somebody here already has this address.",
        ));
    }
    let id = PersonId::from_bytes(tx.random()?);
    let sealed = tx
        .vault()
        .seal(PASSWORD, account.kept_password.as_bytes())?;
    let email = account.email.trim();
    let index = email_index(tx, email);
    let now = tx.now().as_millisecond();
    let confidential = |column, text| Param::Sealed { column, text };
    tx.run(
        "INSERT INTO people (id, email, email_index, password_sealed, created_at_ms, verified_at_ms, name)
         VALUES ($1, $2, $3, $4, $5, $5, $6)",
        &[
            Param::Text(&id.to_string()),
            confidential(EMAIL, email),
            Param::Bytes(&index),
            Param::Bytes(&sealed),
            now.into(),
            confidential(NAME, account.name.trim()),
        ],
    )?;
    Ok(id)
}

/// Gives an account another address, which its owner has proved.
pub(crate) fn move_to(tx: &mut Write<'_>, person: PersonId, email: &str) -> Result<(), Error> {
    let index = email_index(tx, email);
    let now = tx.now().as_millisecond();
    tx.run(
        "UPDATE people SET email = $2, email_index = $3, verified_at_ms = $4 WHERE id = $1",
        &[
            Param::Text(&person.to_string()),
            Param::Sealed {
                column: EMAIL,
                text: email,
            },
            Param::Bytes(&index),
            now.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn set_password(
    tx: &mut Write<'_>,
    person: PersonId,
    kept_password: &str,
) -> Result<(), Error> {
    let sealed = tx.vault().seal(PASSWORD, kept_password.as_bytes())?;
    tx.run(
        "UPDATE people SET password_sealed = $2 WHERE id = $1",
        &[Param::Text(&person.to_string()), Param::Bytes(&sealed)],
    )?;
    Ok(())
}
