//! What is asked of the table of people in more than one place.

use daybook_kernel::road::SignedIn;
use daybook_kernel::{Error, Param, PersonId, Read, Row};
use zeroize::Zeroizing;

use super::normalise;

pub(crate) const EMAIL: &str = "people.email";
pub(super) const PASSWORD: &str = "people.password";

pub(crate) fn person_id(row: &dyn Row, column: usize) -> Result<PersonId, Error> {
    row.text(column)?.parse().map_err(Error::ours)
}

/// The blind index of an address: equal for equal keys, and says nothing else.
pub(crate) fn email_index(tx: &Read<'_>, email: &str) -> [u8; 32] {
    tx.vault().keyed_hash(EMAIL, normalise(email).as_bytes())
}

/// A person by address, however it is written.
pub fn person(tx: &mut Read<'_>, email: &str) -> Result<Option<SignedIn>, Error> {
    let index = email_index(tx, email);
    tx.first(
        "SELECT id, email FROM people WHERE email_index = $1",
        &[Param::Bytes(&index)],
        |row| {
            Ok(SignedIn {
                person: person_id(row, 0)?,
                email: row.sealed(1, EMAIL)?,
            })
        },
    )
}

/// The kept hash of a person's password, if they have one.
pub(crate) fn kept_password(
    tx: &mut Read<'_>,
    person: PersonId,
) -> Result<Option<Zeroizing<String>>, Error> {
    let sealed = tx.first(
        "SELECT password_sealed FROM people WHERE id = $1",
        &[Param::Text(&person.to_string())],
        |row| Ok(row.bytes(0)?.to_vec()),
    )?;
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let opened = tx.vault().open(PASSWORD, &sealed)?;
    let kept = Zeroizing::new(String::from_utf8(opened).map_err(Error::ours)?);
    Ok((!kept.is_empty()).then_some(kept))
}

/// The address of a person.
pub(crate) fn address_of(tx: &mut Read<'_>, person: PersonId) -> Result<String, Error> {
    let email = tx.first(
        "SELECT email FROM people WHERE id = $1",
        &[Param::Text(&person.to_string())],
        |row| row.sealed(0, EMAIL),
    )?;
    email.ok_or_else(Error::not_found)
}
