//! The address that an account had: kept for three days, and for nobody else, so
//! that whoever reads its mail can take the account back.

use daybook_kernel::id::hex;
use daybook_kernel::{Error, Param, PersonId, Read, Write};

use super::store;
use crate::people::{email_index, move_to, person_id};
use crate::workspaces::tell_workspaces;

const EMAIL: &str = "former_addresses.email";
/// A weekend away from one's mail.
pub(super) const KEPT_MS: i64 = 3 * 24 * 60 * 60 * 1_000;

/// Keeps the address that an account is about to leave; answers with what a link
/// back is about.
pub(super) fn keep(tx: &mut Write<'_>, person: PersonId, email: &str) -> Result<String, Error> {
    let now = tx.now().as_millisecond();
    tx.run(
        "DELETE FROM former_addresses WHERE until_ms <= $1",
        &[now.into()],
    )?;
    let id = hex(&tx.random::<16>()?);
    let index = email_index(tx, email);
    tx.run(
        "INSERT INTO former_addresses (id, person, email, email_index, until_ms)
         VALUES ($1, $2, $3, $4, $5)",
        &[
            Param::Text(&id),
            Param::Text(&person.to_string()),
            Param::Sealed {
                column: EMAIL,
                text: email,
            },
            Param::Bytes(&index),
            (now + KEPT_MS).into(),
        ],
    )?;
    Ok(id)
}

/// Whether an address is kept for somebody other than this person.
pub(crate) fn is_reserved(
    tx: &mut Read<'_>,
    email: &str,
    person: Option<PersonId>,
) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let index = email_index(tx, email);
    let own = person.map(|it| it.to_string()).unwrap_or_default();
    let found = tx.first(
        "SELECT 1 FROM former_addresses
         WHERE email_index = $1 AND until_ms > $2 AND person <> $3 LIMIT 1",
        &[Param::Bytes(&index), now.into(), Param::Text(&own)],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Whose address it was, while it is kept.
pub(crate) fn owner(tx: &mut Read<'_>, id: &str) -> Result<PersonId, Error> {
    let now = tx.now().as_millisecond();
    let found = tx.first(
        "SELECT person FROM former_addresses WHERE id = $1 AND until_ms > $2",
        &[Param::Text(id), now.into()],
        |row| person_id(row, 0),
    )?;
    found.ok_or_else(Error::not_found)
}

/// Gives an account the address back that it had, and ends any change that is
/// under way.
pub(crate) fn restore(tx: &mut Write<'_>, id: &str) -> Result<PersonId, Error> {
    let person = owner(tx, id)?;
    let email = tx.first(
        "DELETE FROM former_addresses WHERE id = $1 RETURNING email",
        &[Param::Text(id)],
        |row| row.sealed(0, EMAIL),
    )?;
    let email = email.ok_or_else(Error::not_found)?;
    store::drop_pending(tx, person)?;
    move_to(tx, person, &email)?;
    tell_workspaces(tx, person)?;
    Ok(person)
}
