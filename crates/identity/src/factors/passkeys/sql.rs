//! Passkeys in the store: the public key and what belongs to it, sealed.

use daybook_kernel::{Error, Param, PersonId, Read, Write};
use schemars::JsonSchema;
use serde::Serialize;
use webauthn_rs::prelude::{CredentialID, Passkey};

use crate::instant;
use crate::people::person_id;

pub(super) const NAME: &str = "passkeys.name";
const CREDENTIAL: &str = "passkeys.credential";

/// One passkey, as it is listed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PasskeyRow {
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    pub created_at: String,
    pub last_used_at: Option<String>,
}

/// One passkey, as it is judged by.
pub(super) struct Kept {
    pub id: String,
    pub person: PersonId,
    pub passkey: Passkey,
}

pub(crate) fn list(tx: &mut Read<'_>, person: PersonId) -> Result<Vec<PasskeyRow>, Error> {
    tx.all(
        "SELECT id, name, created_at_ms, last_used_at_ms FROM passkeys WHERE person = $1
         ORDER BY created_at_ms, id",
        &[Param::Text(&person.to_string())],
        |row| {
            Ok(PasskeyRow {
                id: row.text(0)?.to_owned(),
                name: row.sealed(1, NAME)?,
                created_at: instant(row.int(2)?),
                last_used_at: row.maybe_int(3)?.map(instant),
            })
        },
    )
}

/// The credentials of a person's passkeys.
pub(super) fn credentials(tx: &mut Read<'_>, person: PersonId) -> Result<Vec<CredentialID>, Error> {
    let sealed = tx.all(
        "SELECT credential_sealed FROM passkeys WHERE person = $1 ORDER BY id",
        &[Param::Text(&person.to_string())],
        |row| Ok(row.bytes(0)?.to_vec()),
    )?;
    sealed
        .iter()
        .map(|sealed| open(tx, sealed).map(|passkey| passkey.cred_id().clone()))
        .collect()
}

fn index(tx: &Read<'_>, credential: &[u8]) -> [u8; 32] {
    tx.vault().keyed_hash(CREDENTIAL, credential)
}

fn open(tx: &Read<'_>, sealed: &[u8]) -> Result<Passkey, Error> {
    let opened = tx.vault().open(CREDENTIAL, sealed)?;
    serde_json::from_slice(&opened).map_err(Error::ours)
}

fn seal(tx: &Read<'_>, passkey: &Passkey) -> Result<Vec<u8>, Error> {
    let written = serde_json::to_vec(passkey).map_err(Error::ours)?;
    tx.vault().seal(CREDENTIAL, &written)
}

pub(super) fn by_credential(tx: &mut Read<'_>, credential: &[u8]) -> Result<Option<Kept>, Error> {
    let index = index(tx, credential);
    let found = tx.first(
        "SELECT id, person, credential_sealed FROM passkeys WHERE credential_index = $1",
        &[Param::Bytes(&index)],
        |row| {
            let sealed = row.bytes(2)?.to_vec();
            Ok((row.text(0)?.to_owned(), person_id(row, 1)?, sealed))
        },
    )?;
    found
        .map(|(id, person, sealed)| {
            let passkey = open(tx, &sealed)?;
            Ok(Kept {
                id,
                person,
                passkey,
            })
        })
        .transpose()
}

/// Keeps the counter and the time of a use. Not if the counter did not go up,
/// where the device keeps one at all.
pub(super) fn note_use(tx: &mut Write<'_>, kept: &Kept, count: i64) -> Result<bool, Error> {
    let sealed = seal(tx, &kept.passkey)?;
    let now = tx.now().as_millisecond();
    let noted = tx.run(
        "UPDATE passkeys SET credential_sealed = $2, sign_count = $3, last_used_at_ms = $4
         WHERE id = $1 AND (sign_count < $3 OR (sign_count = 0 AND $3 = 0))",
        &[
            Param::Text(&kept.id),
            Param::Bytes(&sealed),
            count.into(),
            now.into(),
        ],
    )?;
    Ok(noted == 1)
}

/// Keeps a new passkey, unless the credential is somebody's already.
pub(super) fn add(
    tx: &mut Write<'_>,
    id: &str,
    person: PersonId,
    name: &str,
    passkey: &Passkey,
) -> Result<bool, Error> {
    let index = index(tx, passkey.cred_id());
    let sealed = seal(tx, passkey)?;
    let now = tx.now().as_millisecond();
    let added = tx.run(
        "INSERT INTO passkeys (id, person, name, credential_index, credential_sealed, sign_count,
             created_at_ms, last_used_at_ms)
         VALUES ($1, $2, $3, $4, $5, 0, $6, NULL) ON CONFLICT (credential_index) DO NOTHING",
        &[
            Param::Text(id),
            Param::Text(&person.to_string()),
            Param::Sealed {
                column: NAME,
                text: name,
            },
            Param::Bytes(&index),
            Param::Bytes(&sealed),
            now.into(),
        ],
    )?;
    Ok(added == 1)
}
