//! What a workspace is told of its members, and keeps: their address, and whether
//! they have a second factor. Which one it is stays between them and the instance.

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
    let workspaces = tx.all(
        "SELECT workspace FROM workspace_people WHERE person = $1",
        &[Param::Text(&person.to_string())],
        |row| Ok(row.text(0)?.to_owned()),
    )?;
    for workspace in workspaces {
        tell(tx, &workspace, person)?;
    }
    Ok(())
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
