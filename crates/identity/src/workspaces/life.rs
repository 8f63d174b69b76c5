//! How workspaces stand, as the directory keeps it. What an Owner orders comes
//! from the workspace, which has judged it; a lock and a limit are the
//! operator's own. Each of them stays when another is lifted.

use daybook_kernel::standing::{KEPT_MS, Life, Lives};
use daybook_kernel::{Error, Param, Read, Row, Standing, Write};
use serde::Deserialize;

/// What an Owner ordered of a workspace.
#[derive(Deserialize)]
struct Order {
    workspace: String,
    order: String,
    person: Option<String>,
    at_ms: i64,
    owners: Vec<String>,
}

/// Every workspace of which there is more to say than that it is active.
pub fn lives(tx: &mut Read<'_>) -> Result<Lives, Error> {
    tx.all(
        "SELECT id, frozen_at_ms, locked_at_ms, deleted_at_ms, remains_key, bytes_max
         FROM workspaces
         WHERE frozen_at_ms IS NOT NULL OR locked_at_ms IS NOT NULL
            OR deleted_at_ms IS NOT NULL OR bytes_max IS NOT NULL",
        &[],
        |row| {
            let life = Life {
                standing: standing(row, 1)?,
                bytes_max: row.maybe_int(5)?,
                is_ending: row.maybe_bytes(4)?.is_some(),
            };
            Ok((row.text(0)?.parse().map_err(Error::ours)?, life))
        },
    )
}

/// Reads when it was frozen, locked and deleted, and what remains of it. What
/// closes it further counts.
pub(super) fn standing(row: &dyn Row, column: usize) -> Result<Standing, Error> {
    let is_ending = row.maybe_bytes(column + 3)?.is_some();
    if is_ending || row.maybe_int(column + 1)?.is_some() {
        return Ok(Standing::Locked);
    }
    if let Some(deleted_at_ms) = row.maybe_int(column + 2)? {
        let gone_at_ms = deleted_at_ms.saturating_add(KEPT_MS);
        return Ok(Standing::Deleted { gone_at_ms });
    }
    let frozen = row.maybe_int(column)?.is_some();
    Ok(if frozen {
        Standing::Frozen
    } else {
        Standing::Active
    })
}

/// Carries out what an Owner ordered. It may come twice.
pub(super) fn deliver(tx: &mut Write<'_>, payload: &str) -> Result<(), Error> {
    let told: Order = serde_json::from_str(payload).map_err(Error::ours)?;
    let workspace = Param::Text(&told.workspace);
    match told.order.as_str() {
        "freeze" => tx.run(
            "UPDATE workspaces SET frozen_at_ms = $2 WHERE id = $1",
            &[workspace, told.at_ms.into()],
        )?,
        "thaw" => tx.run(
            "UPDATE workspaces SET frozen_at_ms = NULL WHERE id = $1",
            &[workspace],
        )?,
        "delete" => delete(tx, &told)?,
        // Whoever is too late finds the key of what remains in its place.
        "keep" => tx.run(
            "UPDATE workspaces SET deleted_at_ms = NULL, deleted_by = NULL
             WHERE id = $1 AND remains_key IS NULL",
            &[workspace],
        )?,
        other => return Err(Error::ours(format!("there is no order {other}"))),
    };
    tx.lives_changed();
    Ok(())
}

fn delete(tx: &mut Write<'_>, told: &Order) -> Result<u64, Error> {
    let workspace = Param::Text(&told.workspace);
    tx.run(
        "DELETE FROM workspace_keepers WHERE workspace = $1",
        &[workspace],
    )?;
    for owner in &told.owners {
        tx.run(
            "INSERT INTO workspace_keepers (workspace, person) VALUES ($1, $2)",
            &[workspace, Param::Text(owner)],
        )?;
    }
    tx.run(
        "UPDATE workspaces SET deleted_at_ms = $2, deleted_by = $3 WHERE id = $1",
        &[workspace, told.at_ms.into(), told.person.as_deref().into()],
    )
}

/// How a workspace of this name stands, with its id and its limit.
pub(super) fn of(tx: &mut Read<'_>, workspace: &str) -> Result<(String, Life), Error> {
    let found = tx.first(
        "SELECT id, frozen_at_ms, locked_at_ms, deleted_at_ms, remains_key, bytes_max
         FROM workspaces WHERE (id = $1 OR slug = $1) AND remains_key IS NULL",
        &[Param::Text(workspace)],
        |row| {
            let life = Life {
                standing: standing(row, 1)?,
                bytes_max: row.maybe_int(5)?,
                is_ending: row.maybe_bytes(4)?.is_some(),
            };
            Ok((row.text(0)?.to_owned(), life))
        },
    )?;
    found.ok_or_else(|| Error::fault("workspace", "No workspace here has this address."))
}
