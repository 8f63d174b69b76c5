//! What a workspace tells of its invitations: one was made or sent again, or it
//! has ended. The link is made here, so that no workspace ever holds it.

use daybook_kernel::{Error, Param, Read, Write};
use serde::Deserialize;

use crate::links::{self, Purpose};
use crate::mail::{self, Draft};
use crate::workspaces;

pub(super) const EMAIL: &str = "invited.email";
pub(super) const INVITER: &str = "invited.inviter";

/// An invitation, as the workspace tells of it.
#[derive(Deserialize)]
struct Made {
    workspace: String,
    invitation: String,
    /// 1 for the first letter, one more for each that is sent again.
    sending: i64,
    email: String,
    inviter: String,
    role: String,
    expires_at_ms: i64,
}

#[derive(Deserialize)]
struct Ended {
    invitation: String,
}

pub(super) fn made(tx: &mut Write<'_>, payload: &str) -> Result<(), Error> {
    let told: Made = serde_json::from_str(payload).map_err(Error::ours)?;
    // A message that comes twice has made its link already.
    if sending(tx, &told.invitation)?.is_some_and(|known| known >= told.sending) {
        return Ok(());
    }
    let Some(workspace) = workspaces::find(tx, &told.workspace)? else {
        return Ok(());
    };
    remember(tx, &told)?;
    links::end_all(tx, Purpose::Invitation, &told.invitation)?;
    let token = links::make(
        tx,
        Purpose::Invitation,
        &told.invitation,
        told.expires_at_ms,
    )?;
    let paragraphs = [
        format!(
            "{} invites you to the books of “{}” as {}.",
            told.inviter,
            workspace.name.trim(),
            told.role
        ),
        "The invitation is for this address alone, and is good for three days. If you do not know who invites you, leave it: nothing happens.".to_owned(),
    ];
    let letter = Draft {
        to: &told.email,
        subject: &format!("Invitation to the books of {}", workspace.name.trim()),
        paragraphs: &paragraphs,
        link: Some((
            "Open the invitation",
            &links::path(Purpose::Invitation, &token),
        )),
        until_ms: told.expires_at_ms,
    };
    mail::post(tx, &letter)
}

pub(super) fn ended(tx: &mut Write<'_>, payload: &str) -> Result<(), Error> {
    let told: Ended = serde_json::from_str(payload).map_err(Error::ours)?;
    links::end_all(tx, Purpose::Invitation, &told.invitation)?;
    tx.run(
        "DELETE FROM invited WHERE id = $1",
        &[Param::Text(&told.invitation)],
    )?;
    Ok(())
}

fn sending(tx: &mut Read<'_>, invitation: &str) -> Result<Option<i64>, Error> {
    tx.first(
        "SELECT sending FROM invited WHERE id = $1",
        &[Param::Text(invitation)],
        |row| row.int(0),
    )
}

fn remember(tx: &mut Write<'_>, told: &Made) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let sealed = |column, text| Param::Sealed { column, text };
    tx.run(
        "DELETE FROM invited WHERE expires_at_ms <= $1 OR id = $2",
        &[now.into(), Param::Text(&told.invitation)],
    )?;
    tx.run(
        "INSERT INTO invited (id, workspace, sending, email, inviter, role, expires_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            Param::Text(&told.invitation),
            Param::Text(&told.workspace),
            told.sending.into(),
            sealed(EMAIL, &told.email),
            sealed(INVITER, &told.inviter),
            Param::Text(&told.role),
            told.expires_at_ms.into(),
        ],
    )?;
    Ok(())
}
