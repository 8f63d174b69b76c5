//! Finding a workspace, as the engine does before it opens one.

use daybook_kernel::road::{Founder, WorkspaceEntry};
use daybook_kernel::{Error, Param, PersonId, Read, Row, WorkspaceId};

use crate::people::{EMAIL, person_id};

pub(super) const NAME: &str = "workspaces.name";

/// What the key of a workspace is sealed for. It names the workspace, so that
/// one's key cannot be put in another's place.
pub fn key_purpose(workspace: WorkspaceId) -> String {
    format!("workspaces.key:{workspace}")
}

/// A workspace by its slug or its id. One whose end has begun is found no more: to
/// open it would make it anew.
pub fn find(tx: &mut Read<'_>, slug_or_id: &str) -> Result<Option<WorkspaceEntry>, Error> {
    tx.first(
        "SELECT w.id, w.slug, w.name, w.colour, w.wrapped_key, p.id, p.email
         FROM workspaces w JOIN people p ON p.id = w.founder
         WHERE (w.id = $1 OR w.slug = $1) AND w.remains_key IS NULL",
        &[Param::Text(slug_or_id)],
        read,
    )
}

/// Every workspace of the instance that has not begun to end, the oldest first.
pub fn list_all(tx: &mut Read<'_>) -> Result<Vec<WorkspaceEntry>, Error> {
    tx.all(
        "SELECT w.id, w.slug, w.name, w.colour, w.wrapped_key, p.id, p.email
         FROM workspaces w JOIN people p ON p.id = w.founder
         WHERE w.remains_key IS NULL
         ORDER BY w.created_at_ms, w.id",
        &[],
        read,
    )
}

/// Whether somebody's list of workspaces has this one. It is a hint, and all that
/// is known while the workspace itself cannot be asked.
pub fn is_listed(
    tx: &mut Read<'_>,
    person: PersonId,
    workspace: WorkspaceId,
) -> Result<bool, Error> {
    let listed = tx.first(
        "SELECT 1 FROM workspace_people WHERE person = $1 AND workspace = $2",
        &[
            Param::Text(&person.to_string()),
            Param::Text(&workspace.to_string()),
        ],
        |_| Ok(()),
    )?;
    Ok(listed.is_some())
}

fn read(row: &dyn Row) -> Result<WorkspaceEntry, Error> {
    let name = row.sealed(2, NAME)?;
    Ok(WorkspaceEntry {
        id: row.text(0)?.parse().map_err(Error::ours)?,
        slug: row.text(1)?.to_owned(),
        colour: u8::try_from(row.int(3)?).map_err(Error::ours)?,
        wrapped_key: row.bytes(4)?.to_vec(),
        founder: Founder {
            person: person_id(row, 5)?,
            email: row.sealed(6, EMAIL)?,
            workspace_name: name.clone(),
        },
        name,
    })
}
