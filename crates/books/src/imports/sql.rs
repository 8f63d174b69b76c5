//! Imports in the store.

use daybook_kernel::{Error, Param, Read, Write};

const ANY: &str = "SELECT import FROM imported_entries LIMIT 1";

const KNOWN: &str = "SELECT import FROM imported_entries WHERE fingerprint = $1";

const BEGIN: &str = "INSERT INTO imports (at_ms, file, entries, skipped, accounts_opened) \
     VALUES ($1, $2, $3, $4, $5) RETURNING id";

const REMEMBER: &str = "INSERT INTO imported_entries (fingerprint, import) VALUES ($1, $2)";

const FORGET: &str = "DELETE FROM imported_entries WHERE import = $1";

const UNDONE: &str = "UPDATE imports SET undone_at_ms = $2 WHERE id = $1 AND undone_at_ms IS NULL";

const ALL: &str = "SELECT id, at_ms, file, entries, skipped, accounts_opened, undone_at_ms \
     FROM imports ORDER BY id DESC LIMIT 500";

/// An import as it is kept.
#[derive(Debug)]
pub(crate) struct KeptImport {
    pub id: i64,
    pub at_ms: i64,
    pub file: String,
    pub entries: i64,
    pub skipped: i64,
    pub accounts_opened: i64,
    pub undone_at_ms: Option<i64>,
}

pub(crate) fn any_fingerprint(tx: &mut Read<'_>) -> Result<bool, Error> {
    Ok(tx.first(ANY, &[], |row| row.int(0))?.is_some())
}

pub(crate) fn is_known(tx: &mut Read<'_>, fingerprint: &[u8]) -> Result<bool, Error> {
    Ok(tx
        .first(KNOWN, &[Param::Bytes(fingerprint)], |row| row.int(0))?
        .is_some())
}

pub(crate) fn begin(
    tx: &mut Write<'_>,
    file: &str,
    entries: i64,
    skipped: i64,
    accounts_opened: i64,
) -> Result<i64, Error> {
    let now = tx.now().as_millisecond();
    let file = Param::Sealed {
        column: "imports.file",
        text: file,
    };
    let params = [
        now.into(),
        file,
        entries.into(),
        skipped.into(),
        accounts_opened.into(),
    ];
    tx.first(BEGIN, &params, |row| row.int(0))?
        .ok_or_else(|| Error::ours("an inserted import has no id"))
}

pub(crate) fn remember(tx: &mut Write<'_>, fingerprint: &[u8], import: i64) -> Result<(), Error> {
    tx.run(REMEMBER, &[Param::Bytes(fingerprint), import.into()])?;
    Ok(())
}

/// Marks an import as undone and forgets its entries, so that it can be imported again.
/// Answers whether it was there and not undone yet.
pub(crate) fn undo(tx: &mut Write<'_>, import: i64) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let touched = tx.run(UNDONE, &[import.into(), now.into()])?;
    tx.run(FORGET, &[import.into()])?;
    Ok(touched == 1)
}

pub(crate) fn all(tx: &mut Read<'_>) -> Result<Vec<KeptImport>, Error> {
    tx.all(ALL, &[], |row| {
        Ok(KeptImport {
            id: row.int(0)?,
            at_ms: row.int(1)?,
            file: row.sealed(2, "imports.file")?,
            entries: row.int(3)?,
            skipped: row.int(4)?,
            accounts_opened: row.int(5)?,
            undone_at_ms: row.maybe_int(6)?,
        })
    })
}
