//! Invitations in the store, and what the instance is told of them.

use daybook_kernel::{Error, Param, Read, Role, Row, Write};
use serde::Serialize;

use super::model::Invitation;
use crate::instant;

const EMAIL: &str = "invitations.email";
const INVITER_EMAIL: &str = "invitations.inviter_email";

/// Whoever made an invitation, to be judged again when it is accepted.
pub(super) struct Open {
    pub id: String,
    pub role: Role,
    pub inviter: String,
    pub inviter_email: String,
}

pub(super) struct New<'a> {
    pub email: &'a str,
    pub role: Role,
    pub inviter: &'a str,
    pub inviter_email: &'a str,
    pub expires_at_ms: i64,
}

/// Whether this address is invited: for the road, which asks before it lets
/// anybody know that this workspace is there.
pub fn invited(tx: &mut Read<'_>, email: &str) -> Result<bool, Error> {
    Ok(open_of(tx, email)?.is_some())
}

/// The blind index of an address: equal for equal keys, and says nothing else.
fn index(tx: &Read<'_>, email: &str) -> [u8; 32] {
    let key = tx.address_key(email);
    tx.vault().keyed_hash(EMAIL, key.as_bytes())
}

/// The invitation of an address that can be accepted now.
pub(super) fn open_of(tx: &mut Read<'_>, email: &str) -> Result<Option<Open>, Error> {
    let now = tx.now().as_millisecond();
    let index = index(tx, email);
    tx.first(
        "SELECT id, role, inviter, inviter_email FROM invitations
         WHERE email_index = $1 AND state = 'open' AND expires_at_ms > $2
         ORDER BY invited_at_ms DESC, id LIMIT 1",
        &[Param::Bytes(&index), now.into()],
        |row| {
            Ok(Open {
                id: row.text(0)?.to_owned(),
                role: role(row, 1)?,
                inviter: row.text(2)?.to_owned(),
                inviter_email: row.sealed(3, INVITER_EMAIL)?,
            })
        },
    )
}

const SELECT: &str = "SELECT id, email, role, inviter_email, invited_at_ms, expires_at_ms, sendings
     FROM invitations WHERE state = 'open'";

/// Those that wait, and those that waited in vain, by address.
pub(super) fn all(tx: &mut Read<'_>) -> Result<Vec<Invitation>, Error> {
    let now = tx.now().as_millisecond();
    let mut all = tx.all(SELECT, &[], |row| read(row, now))?;
    all.sort_by_cached_key(|it| (it.email.to_lowercase(), it.id.clone()));
    Ok(all)
}

pub(super) fn load(tx: &mut Read<'_>, id: &str) -> Result<Option<Invitation>, Error> {
    let now = tx.now().as_millisecond();
    tx.first(
        "SELECT id, email, role, inviter_email, invited_at_ms, expires_at_ms, sendings
         FROM invitations WHERE id = $1 AND state = 'open'",
        &[Param::Text(id)],
        |row| read(row, now),
    )
}

pub(super) fn count_open(tx: &mut Read<'_>) -> Result<i64, Error> {
    let count = tx.first(
        "SELECT count(*) FROM invitations WHERE state = 'open'",
        &[],
        |row| row.int(0),
    )?;
    Ok(count.unwrap_or(0))
}

pub(super) fn insert(tx: &mut Write<'_>, id: &str, new: &New<'_>) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let index = index(tx, new.email);
    // One that waited in vain gives way to the new one.
    tx.run(
        "UPDATE invitations SET state = 'expired', ended_at_ms = $2
         WHERE email_index = $1 AND state = 'open'",
        &[Param::Bytes(&index), now.into()],
    )?;
    let sealed = |column, text| Param::Sealed { column, text };
    tx.run(
        "INSERT INTO invitations (id, email, email_index, role, inviter, inviter_email,
             invited_at_ms, expires_at_ms, sendings, state, ended_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 'open', 0)",
        &[
            Param::Text(id),
            sealed(EMAIL, new.email),
            Param::Bytes(&index),
            new.role.name().into(),
            Param::Text(new.inviter),
            sealed(INVITER_EMAIL, new.inviter_email),
            now.into(),
            new.expires_at_ms.into(),
        ],
    )?;
    Ok(())
}

/// Ends an invitation. The first to change the row has ended it.
pub(super) fn end(tx: &mut Write<'_>, id: &str, state: &'static str) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let ended = tx.run(
        "UPDATE invitations SET state = $2, ended_at_ms = $3 WHERE id = $1 AND state = 'open'",
        &[Param::Text(id), state.into(), now.into()],
    )?;
    Ok(ended == 1)
}

/// Has the instance send the letter.
pub(super) fn tell_made(
    tx: &mut Write<'_>,
    invitation: &Invitation,
    expires_at_ms: i64,
) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Made<'a> {
        workspace: String,
        invitation: &'a str,
        sending: i64,
        email: &'a str,
        inviter: &'a str,
        role: Role,
        expires_at_ms: i64,
    }
    let made = Made {
        workspace: workspace(tx)?,
        invitation: &invitation.id,
        sending: invitation.sendings,
        email: &invitation.email,
        inviter: &invitation.inviter,
        role: invitation.role,
        expires_at_ms,
    };
    let payload = serde_json::to_string(&made).map_err(Error::ours)?;
    tx.post_to_outbox("team.invitation", &payload)
}

/// Has the instance forget the link.
pub(super) fn tell_ended(tx: &mut Write<'_>, invitation: &str) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Ended<'a> {
        invitation: &'a str,
    }
    let payload = serde_json::to_string(&Ended { invitation }).map_err(Error::ours)?;
    tx.post_to_outbox("team.invitation_ended", &payload)
}

fn workspace(tx: &Read<'_>) -> Result<String, Error> {
    let workspace = tx
        .workspace()
        .ok_or_else(|| Error::ours("invitations are kept in a workspace"))?;
    Ok(workspace.to_string())
}

fn role(row: &dyn Row, column: usize) -> Result<Role, Error> {
    let text = row.text(column)?;
    text.parse()
        .map_err(|()| Error::ours(format!("the store has a role {text}")))
}

fn read(row: &dyn Row, now: i64) -> Result<Invitation, Error> {
    let expires_at_ms = row.int(5)?;
    Ok(Invitation {
        id: row.text(0)?.to_owned(),
        email: row.sealed(1, EMAIL)?,
        role: role(row, 2)?,
        inviter: row.sealed(3, INVITER_EMAIL)?,
        invited_at: instant(row.int(4)?),
        expires_at: instant(expires_at_ms),
        sendings: row.int(6)?,
        expired: expires_at_ms <= now,
    })
}
