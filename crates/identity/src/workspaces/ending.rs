//! The end of a workspace in the directory. For a year it is known that there
//! was one, who deleted it and when; its name, its address and its members are
//! gone with its key.

use daybook_kernel::ending::{Dying, Ending, Remains};
use daybook_kernel::road::Swept;
use daybook_kernel::standing::KEPT_MS;
use daybook_kernel::{Change, Error, Param, Read, WorkspaceId, Write};
use serde::Serialize;
use zeroize::Zeroizing;

use super::directory::{NAME, key_purpose};
use crate::instant;

pub const ENDING: Ending = Ending {
    dying,
    seal,
    erase,
    remains,
    forget,
};

/// What the log is told of it.
#[derive(Serialize)]
struct Erased {
    deleted_by: Option<String>,
    deleted_at: Option<String>,
}

fn dying(tx: &mut Read<'_>) -> Result<Vec<Dying>, Error> {
    let before_ms = tx.now().as_millisecond() - KEPT_MS;
    tx.all(
        "SELECT id, wrapped_key FROM workspaces
         WHERE deleted_at_ms <= $1 AND erased_at_ms IS NULL
         AND (locked_at_ms IS NULL OR remains_key IS NOT NULL)
         ORDER BY deleted_at_ms, id",
        &[before_ms.into()],
        |row| {
            Ok(Dying {
                id: row.text(0)?.parse().map_err(Error::ours)?,
                wrapped_key: row.bytes(1)?.to_vec(),
            })
        },
    )
}

fn seal(tx: &mut Write<'_>, workspace: WorkspaceId) -> Result<Vec<u8>, Error> {
    let key = Zeroizing::new(tx.random::<32>()?);
    let wrapped = tx.vault().seal(&key_purpose(workspace), &*key)?;
    let before_ms = tx.now().as_millisecond() - KEPT_MS;
    let kept = tx.first(
        "UPDATE workspaces SET remains_key = COALESCE(remains_key, $2)
         WHERE id = $1 AND deleted_at_ms <= $3 AND erased_at_ms IS NULL
         AND (locked_at_ms IS NULL OR remains_key IS NOT NULL) RETURNING remains_key",
        &[
            Param::Text(&workspace.to_string()),
            Param::Bytes(&wrapped),
            before_ms.into(),
        ],
        |row| Ok(row.bytes(0)?.to_vec()),
    )?;
    tx.lives_changed();
    kept.ok_or_else(Error::not_found)
}

fn erase(tx: &mut Write<'_>, workspace: WorkspaceId) -> Result<Swept, Error> {
    let id = workspace.to_string();
    let now = tx.now().as_millisecond();
    let erased = tx.first(
        "UPDATE workspaces SET wrapped_key = remains_key, erased_at_ms = $2, slug = id, name = $3
         WHERE id = $1 AND remains_key IS NOT NULL AND erased_at_ms IS NULL
         RETURNING deleted_by, deleted_at_ms",
        &[
            Param::Text(&id),
            now.into(),
            Param::Sealed {
                column: NAME,
                text: "",
            },
        ],
        |row| {
            Ok(Erased {
                deleted_by: row.maybe_text(0)?.map(str::to_owned),
                deleted_at: row.maybe_int(1)?.map(instant),
            })
        },
    )?;
    let erased = erased.ok_or_else(Error::not_found)?;
    tx.run(
        "DELETE FROM workspace_people WHERE workspace = $1",
        &[Param::Text(&id)],
    )?;
    tx.run(
        "DELETE FROM workspace_keepers WHERE workspace = $1",
        &[Param::Text(&id)],
    )?;
    tx.lives_changed();
    Ok(Swept {
        operation: "identity.erase_workspace",
        whose: None,
        origin: None,
        change: Change::removed("Workspace", &id, &erased),
    })
}

fn remains(tx: &mut Read<'_>) -> Result<Vec<Remains>, Error> {
    tx.all(
        "SELECT id, wrapped_key, erased_at_ms FROM workspaces
         WHERE erased_at_ms IS NOT NULL ORDER BY erased_at_ms, id",
        &[],
        |row| {
            Ok(Remains {
                id: row.text(0)?.parse().map_err(Error::ours)?,
                wrapped_key: row.bytes(1)?.to_vec(),
                erased_at_ms: row.int(2)?,
            })
        },
    )
}

fn forget(tx: &mut Write<'_>, workspace: WorkspaceId) -> Result<Swept, Error> {
    let id = workspace.to_string();
    let erased = tx.first(
        "DELETE FROM workspaces WHERE id = $1 AND erased_at_ms IS NOT NULL
         RETURNING deleted_by, deleted_at_ms",
        &[Param::Text(&id)],
        |row| {
            Ok(Erased {
                deleted_by: row.maybe_text(0)?.map(str::to_owned),
                deleted_at: row.maybe_int(1)?.map(instant),
            })
        },
    )?;
    let erased = erased.ok_or_else(Error::not_found)?;
    tx.lives_changed();
    Ok(Swept {
        operation: "identity.forget_workspace",
        whose: None,
        origin: None,
        change: Change::removed("Workspace", &id, &erased),
    })
}
