//! Known devices in the store.

use std::collections::HashSet;

use daybook_kernel::caller::CallerKind;
use daybook_kernel::{Caller, Error, Param, Read, Row, Write};
use schemars::JsonSchema;
use serde::Serialize;

use crate::instant;
use crate::members::EMAIL;

const NAME: &str = "known_devices.name";
const DEVICE: &str = "known_devices.device";
/// Of one member: a desk, a phone, a laptop, and some more.
pub(super) const DEVICES_MAX: i64 = 10;

#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct KnownDevice {
    pub id: String,
    /// The id of the member who brought it.
    pub person: String,
    pub email: String,
    pub name: String,
    pub registered_at: String,
    /// Since when it is let in; nothing while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<String>,
    /// Whether it is the one at hand.
    pub is_this_one: bool,
}

/// What is kept of the device at hand: it says nothing by itself, and is another
/// one for another member. A token is no browser, whatever cookie comes with it.
pub(super) fn hash_of(tx: &Read<'_>, caller: &Caller) -> Option<[u8; 32]> {
    if caller.kind != CallerKind::Person {
        return None;
    }
    let device = caller.origin.as_ref()?.device?;
    let person = caller.person?.to_string();
    let text = [person.as_bytes(), &device].concat();
    Some(tx.vault().keyed_hash(DEVICE, &text))
}

/// Whether the caller comes from a device that was let in.
pub(crate) fn is_known(tx: &mut Read<'_>, caller: &Caller) -> Result<bool, Error> {
    let Some(hash) = hash_of(tx, caller) else {
        return Ok(false);
    };
    let known = tx.first(
        "SELECT id FROM known_devices WHERE device_hash = $1 AND approved_at_ms IS NOT NULL",
        &[Param::Bytes(&hash)],
        |_| Ok(()),
    )?;
    Ok(known.is_some())
}

/// The members of whom some device was let in.
pub(crate) fn members_with_one(tx: &mut Read<'_>) -> Result<HashSet<String>, Error> {
    let members = tx.all(
        "SELECT DISTINCT person FROM known_devices WHERE approved_at_ms IS NOT NULL",
        &[],
        |row| Ok(row.text(0)?.to_owned()),
    )?;
    Ok(members.into_iter().collect())
}

pub(super) fn count_of(tx: &mut Read<'_>, person: &str) -> Result<i64, Error> {
    let count = tx.first(
        "SELECT count(*) FROM known_devices WHERE person = $1",
        &[Param::Text(person)],
        |row| row.int(0),
    )?;
    Ok(count.unwrap_or(0))
}

pub(super) fn load(tx: &mut Read<'_>, id: &str) -> Result<Option<KnownDevice>, Error> {
    tx.first(
        "SELECT d.id, d.person, m.email, d.name, d.registered_at_ms, d.approved_at_ms, d.device_hash
         FROM known_devices d LEFT JOIN members m ON m.person = d.person WHERE d.id = $1",
        &[Param::Text(id)],
        |row| read(row, None),
    )
}

/// The devices of one member, or of all; those that wait come first.
pub(super) fn list(
    tx: &mut Read<'_>,
    person: Option<&str>,
    at_hand: Option<[u8; 32]>,
) -> Result<Vec<KnownDevice>, Error> {
    tx.all(
        "SELECT d.id, d.person, m.email, d.name, d.registered_at_ms, d.approved_at_ms, d.device_hash
         FROM known_devices d LEFT JOIN members m ON m.person = d.person
         WHERE CAST($1 AS TEXT) IS NULL OR d.person = $1
         ORDER BY CASE WHEN d.approved_at_ms IS NULL THEN 0 ELSE 1 END, d.registered_at_ms, d.id",
        &[person.into()],
        |row| read(row, at_hand),
    )
}

/// Keeps a new device; false if it is here already.
pub(super) fn insert(
    tx: &mut Write<'_>,
    id: &str,
    person: &str,
    hash: &[u8; 32],
    name: &str,
) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let kept = tx.run(
        "INSERT INTO known_devices (id, person, device_hash, name, registered_at_ms, approved_at_ms)
         VALUES ($1, $2, $3, $4, $5, NULL) ON CONFLICT (device_hash) DO NOTHING",
        &[
            Param::Text(id),
            Param::Text(person),
            Param::Bytes(hash),
            Param::Sealed {
                column: NAME,
                text: name,
            },
            now.into(),
        ],
    )?;
    Ok(kept == 1)
}

pub(super) fn approve(tx: &mut Write<'_>, id: &str) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let approved = tx.run(
        "UPDATE known_devices SET approved_at_ms = $2 WHERE id = $1 AND approved_at_ms IS NULL",
        &[Param::Text(id), now.into()],
    )?;
    Ok(approved == 1)
}

pub(super) fn remove(tx: &mut Write<'_>, id: &str) -> Result<(), Error> {
    tx.run(
        "DELETE FROM known_devices WHERE id = $1",
        &[Param::Text(id)],
    )?;
    Ok(())
}

/// The devices of somebody who leaves: coming back, they bring them anew.
pub(crate) fn remove_all_of(tx: &mut Write<'_>, person: &str) -> Result<(), Error> {
    tx.run(
        "DELETE FROM known_devices WHERE person = $1",
        &[Param::Text(person)],
    )?;
    Ok(())
}

fn read(row: &dyn Row, at_hand: Option<[u8; 32]>) -> Result<KnownDevice, Error> {
    Ok(KnownDevice {
        id: row.text(0)?.to_owned(),
        person: row.text(1)?.to_owned(),
        email: row.sealed(2, EMAIL)?,
        name: row.sealed(3, NAME)?,
        registered_at: instant(row.int(4)?),
        approved_at: row.maybe_int(5)?.map(instant),
        is_this_one: at_hand.is_some_and(|hash| row.bytes(6).is_ok_and(|it| it == hash)),
    })
}
