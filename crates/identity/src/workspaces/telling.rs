//! What a workspace is told of its members, and keeps: their address, whether
//! they have a second factor, and what may be wrong with their account. Which
//! factor it is, and from where somebody is at work, stays between them and the
//! instance.

use daybook_kernel::{Error, Param, PersonId, Write};
use serde::Serialize;

use crate::factors::enrolled;
use crate::people::address_of;

#[derive(Serialize)]
struct Told<'a> {
    workspace: &'a str,
    person: String,
    email: &'a str,
    second_factor: bool,
    /// What is told later counts, in whatever order it comes.
    at_ms: i64,
}

/// Tells every workspace of this person how they stand.
pub(crate) fn tell_workspaces(tx: &mut Write<'_>, person: PersonId) -> Result<(), Error> {
    for workspace in workspaces_of(tx, person)? {
        tell(tx, &workspace, person)?;
    }
    Ok(())
}

/// Trouble at the account of one person.
pub(crate) struct Trouble<'a> {
    pub id: &'a str,
    pub kind: &'a str,
    /// None: it turned out to be nothing.
    pub times: i64,
    pub first_at_ms: i64,
    pub last_at_ms: i64,
}

/// Tells every workspace of this person that something may be wrong with their account.
pub(crate) fn tell_trouble(
    tx: &mut Write<'_>,
    person: PersonId,
    trouble: &Trouble<'_>,
) -> Result<(), Error> {
    let name = person.to_string();
    for workspace in workspaces_of(tx, person)? {
        let told = TroubleTold {
            workspace: &workspace,
            person: &name,
            id: trouble.id,
            kind: trouble.kind,
            times: trouble.times,
            first_at_ms: trouble.first_at_ms,
            last_at_ms: trouble.last_at_ms,
        };
        let payload = serde_json::to_string(&told).map_err(Error::ours)?;
        tx.post_to_outbox("identity.member_alert", &payload)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct TroubleTold<'a> {
    workspace: &'a str,
    person: &'a str,
    id: &'a str,
    kind: &'a str,
    times: i64,
    first_at_ms: i64,
    last_at_ms: i64,
}

fn workspaces_of(tx: &mut Write<'_>, person: PersonId) -> Result<Vec<String>, Error> {
    tx.all(
        "SELECT workspace FROM workspace_people WHERE person = $1",
        &[Param::Text(&person.to_string())],
        |row| Ok(row.text(0)?.to_owned()),
    )
}

pub(super) fn tell(tx: &mut Write<'_>, workspace: &str, person: PersonId) -> Result<(), Error> {
    let told = Told {
        workspace,
        person: person.to_string(),
        email: &address_of(tx, person)?,
        second_factor: enrolled(tx, person)?.has_second_factor(),
        at_ms: tx.now().as_millisecond(),
    };
    let payload = serde_json::to_string(&told).map_err(Error::ours)?;
    tx.post_to_outbox("identity.person", &payload)
}
