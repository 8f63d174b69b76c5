//! The hint of whose switcher shows which workspace, kept by what workspaces
//! leave in their outboxes. Rights never come from here.

use daybook_kernel::{Error, Param, PersonId, Write};
use serde::Deserialize;

use super::telling;
use crate::sessions::call_for_rotation;

/// That somebody is, or is no longer, among the members of a workspace.
#[derive(Deserialize)]
struct Membership {
    workspace: String,
    person: PersonId,
    member: bool,
}

pub(super) fn deliver(tx: &mut Write<'_>, payload: &str) -> Result<(), Error> {
    let told: Membership = serde_json::from_str(payload).map_err(Error::ours)?;
    // Whatever changed in what they may do: their sessions go on under new tokens.
    call_for_rotation(tx, told.person)?;
    let person = told.person.to_string();
    if told.member {
        add(tx, &person, &told.workspace)?;
        return telling::tell(tx, &told.workspace, told.person);
    }
    tx.run(
        "DELETE FROM workspace_people WHERE person = $1 AND workspace = $2",
        &[Param::Text(&person), Param::Text(&told.workspace)],
    )?;
    Ok(())
}

pub(super) fn add(tx: &mut Write<'_>, person: &str, workspace: &str) -> Result<(), Error> {
    tx.run(
        "INSERT INTO workspace_people (person, workspace) VALUES ($1, $2)
         ON CONFLICT (person, workspace) DO NOTHING",
        &[Param::Text(person), Param::Text(workspace)],
    )?;
    Ok(())
}
