//! What the books ask of whoever loads their tables whole from an export of
//! another workspace: in which order the guards let rows in, and that what is
//! found by a keyed hash is hashed anew, as the key is this workspace's own.

use daybook_kernel::{Error, Param, Write};

use crate::accounts::sql as accounts;
use crate::entries::sql as entries;
use crate::entry_templates::sql as entry_templates;

/// Lines stand before the entry that makes them whole.
pub const FIRST: &[&str] = &[
    "commodities",
    "accounts",
    "journals",
    "lines",
    "entries",
    "entry_templates",
];

/// Entries are let in while no period is locked.
pub const LAST: &[&str] = &["period_lock"];

/// No line is let in to a closed account, and no entry to a closed journal.
pub const LATE: &[(&str, &str, &str)] =
    &[("accounts", "id", "closed"), ("journals", "id", "closed")];

/// Hashes of what was imported, which only the file itself could give again under
/// this workspace's key.
pub const LEFT_OUT: &[&str] = &["imported_entries"];

/// Hashes names and tags under the key of this workspace.
pub fn index_anew(tx: &mut Write<'_>) -> Result<(), Error> {
    let chart = accounts::chart(tx)?;
    for account in &chart.accounts {
        let index = accounts::name_index(tx, &account.full_name);
        tx.run(
            "UPDATE accounts SET name_index = $2 WHERE id = $1",
            &[account.id.into(), Param::Bytes(&index)],
        )?;
    }
    let tags = tx.all(
        "SELECT entry, tag_index, tag FROM entry_tags ORDER BY entry, tag_index",
        &[],
        |row| {
            let tag = row.sealed(2, "entry_tags.tag")?;
            Ok((row.int(0)?, row.bytes(1)?.to_vec(), tag))
        },
    )?;
    for (entry, old, tag) in tags {
        let index = entries::tag_index(tx, &tag);
        let params = [entry.into(), Param::Bytes(&old), Param::Bytes(&index)];
        tx.run(
            "UPDATE entry_tags SET tag_index = $3 WHERE entry = $1 AND tag_index = $2",
            &params,
        )?;
    }
    entry_templates::index_anew(tx)
}
