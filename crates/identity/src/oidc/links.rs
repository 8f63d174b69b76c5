//! Which account of which provider opens which account here.

use daybook_kernel::id::hex;
use daybook_kernel::operation::Table;
use daybook_kernel::{Error, Param, PersonId, Read, Refusal, Write};
use schemars::JsonSchema;
use serde::Serialize;

use super::protocol::Shown;
use crate::instant;
use crate::people::person_id;

const HASH: &str = "oidc_links.account_hash";
const SUBJECT: &str = "oidc_links.subject";
const ACCOUNT: &str = "oidc_links.account";
/// More than anybody has.
const OF_ONE_PERSON_MAX: i64 = 20;

/// A linked account, as it is listed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LinkRow {
    pub id: String,
    /// The provider's own address.
    pub issuer: String,
    /// What the provider calls the account: an e-mail address, or its id.
    pub account: String,
    pub linked_at: String,
    pub last_used_at: Option<String>,
}

pub(super) fn table(links: &[LinkRow]) -> Table {
    let columns = ["link", "account", "issuer", "linked", "last used"];
    let mut table = Table::new(&columns.map(|name| (name, false)));
    let rows = links.iter().map(|link| {
        vec![
            link.id.clone(),
            link.account.clone(),
            link.issuer.clone(),
            link.linked_at.clone(),
            link.last_used_at.clone().unwrap_or_default(),
        ]
    });
    table.rows = rows.collect();
    table
}

/// Whose account here this one opens; noted as used.
pub(super) fn use_link(tx: &mut Write<'_>, shown: &Shown) -> Result<Option<PersonId>, Error> {
    let hash = account_hash(tx, shown);
    let now = tx.now().as_millisecond();
    tx.first(
        "UPDATE oidc_links SET last_used_at_ms = $2 WHERE account_hash = $1 RETURNING person",
        &[Param::Bytes(&hash), now.into()],
        |row| person_id(row, 0),
    )
}

/// Links an account; answers with the link's id. One account opens one door.
pub(super) fn add(tx: &mut Write<'_>, person: PersonId, shown: &Shown) -> Result<String, Error> {
    let name = person.to_string();
    let count = tx.first(
        "SELECT count(*) FROM oidc_links WHERE person = $1",
        &[Param::Text(&name)],
        |row| row.int(0),
    )?;
    if count.unwrap_or(0) >= OF_ONE_PERSON_MAX {
        let why = format!("{OF_ONE_PERSON_MAX} accounts are linked already. Unlink one first.");
        return Err(Refusal::Forbidden(why).into());
    }
    let (hash, id) = (account_hash(tx, shown), hex(&tx.random::<16>()?));
    let now = tx.now().as_millisecond();
    let kept = tx.first(
        "INSERT INTO oidc_links (id, account_hash, person, issuer, subject, account, linked_at_ms,
             last_used_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
         ON CONFLICT (account_hash) DO UPDATE SET account = $6
         WHERE oidc_links.person = $3
         RETURNING id",
        &[
            Param::Text(&id),
            Param::Bytes(&hash),
            Param::Text(&name),
            Param::Text(&shown.issuer),
            Param::Sealed {
                column: SUBJECT,
                text: &shown.subject,
            },
            Param::Sealed {
                column: ACCOUNT,
                text: shown.email.as_deref().unwrap_or(&shown.subject),
            },
            now.into(),
        ],
        |row| Ok(row.text(0)?.to_owned()),
    )?;
    kept.ok_or_else(|| {
        let why = "That account opens somebody else's account here. Unlink it there first.";
        Refusal::Forbidden(why.to_owned()).into()
    })
}

pub(super) fn list(tx: &mut Read<'_>, person: PersonId) -> Result<Vec<LinkRow>, Error> {
    tx.all(
        "SELECT id, issuer, account, linked_at_ms, last_used_at_ms FROM oidc_links
         WHERE person = $1 ORDER BY linked_at_ms, id",
        &[Param::Text(&person.to_string())],
        |row| {
            let used = row.int(4)?;
            Ok(LinkRow {
                id: row.text(0)?.to_owned(),
                issuer: row.text(1)?.to_owned(),
                account: row.sealed(2, ACCOUNT)?,
                linked_at: instant(row.int(3)?),
                last_used_at: (used > 0).then(|| instant(used)),
            })
        },
    )
}

/// Answers with the issuer of the link that is gone.
pub(super) fn remove(
    tx: &mut Write<'_>,
    person: PersonId,
    id: &str,
) -> Result<Option<String>, Error> {
    tx.first(
        "DELETE FROM oidc_links WHERE id = $1 AND person = $2 RETURNING issuer",
        &[id.into(), Param::Text(&person.to_string())],
        |row| Ok(row.text(0)?.to_owned()),
    )
}

fn account_hash(tx: &Read<'_>, shown: &Shown) -> [u8; 32] {
    let account = [shown.issuer.as_str(), "\0", &shown.subject].concat();
    tx.vault().keyed_hash(HASH, account.as_bytes())
}
