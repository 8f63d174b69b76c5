//! Journals in the store.

use std::collections::HashMap;

use daybook_kernel::{Error, Param, Read, Row, Write};

use super::model::{
    GENERAL, GENERAL_CODE, JournalKind, Journals, KeptJournal, OPENING_CODE, normal,
};

const ALL: &str = "SELECT id, code, name, kind, closed FROM journals ORDER BY id";

const BY_CODE: &str = "SELECT id, code, name, kind, closed FROM journals WHERE code = $1";

const INSERT: &str = "INSERT INTO journals (code, name, kind) VALUES ($1, $2, $3)";

const RENAME: &str = "UPDATE journals SET name = $2 WHERE id = $1";

const SET_CLOSED: &str = "UPDATE journals SET closed = $2 WHERE id = $1";

/// Entries outside the general journal stand in an index of their own; those within it are the
/// rest of the numbers given, which have no gap.
const COUNTS: &str = "SELECT journal, count(*) FROM entries WHERE journal <> 1 GROUP BY journal";

const GIVEN: &str = "SELECT next_entry - 1 FROM books_settings WHERE id = 1";

pub(crate) fn all(tx: &mut Read<'_>) -> Result<Journals, Error> {
    Ok(Journals(tx.all(ALL, &[], journal)?))
}

fn journal(row: &dyn Row) -> Result<KeptJournal, Error> {
    let kind = row.text(3)?;
    let kind = JournalKind::read(kind)
        .ok_or_else(|| Error::ours(format!("there is no kind of journal {kind}")))?;
    let name = row.sealed(2, "journals.name")?;
    Ok(KeptJournal {
        id: row.int(0)?,
        code: row.text(1)?.to_owned(),
        name: if name.is_empty() {
            kind.heading().to_owned()
        } else {
            name
        },
        kind,
        closed: row.int(4)? == 1,
    })
}

/// The journal that an entry goes to: the general one, which is always open, or the one that is
/// named, if it is open.
pub(crate) fn open(tx: &mut Read<'_>, code: Option<&str>) -> Result<i64, Error> {
    let Some(code) = code.map(normal).filter(|code| !code.is_empty()) else {
        return Ok(GENERAL);
    };
    if code == GENERAL_CODE {
        return Ok(GENERAL);
    }
    match tx.first(BY_CODE, &[code.as_str().into()], journal)? {
        Some(found) if !found.closed => Ok(found.id),
        Some(_) => {
            let message =
                format!("The journal {code} is closed. Reopen it, or choose another one.");
            Err(Error::fault("journal", message))
        }
        None => all(tx)?.named(&code).map(|found| found.id),
    }
}

/// Where opening balances go: to the general journal, if that of their own is closed.
pub(crate) fn for_opening(tx: &mut Read<'_>) -> Result<i64, Error> {
    let found = tx.first(BY_CODE, &[OPENING_CODE.into()], journal)?;
    Ok(found
        .filter(|found| !found.closed)
        .map_or(GENERAL, |found| found.id))
}

/// How many entries stand in each journal, by its id.
pub(crate) fn counts(tx: &mut Read<'_>) -> Result<HashMap<i64, i64>, Error> {
    let mut counts: HashMap<i64, i64> = tx
        .all(COUNTS, &[], |row| Ok((row.int(0)?, row.int(1)?)))?
        .into_iter()
        .collect();
    let given = tx.first(GIVEN, &[], |row| row.int(0))?.unwrap_or_default();
    let elsewhere: i64 = counts.values().sum();
    counts.insert(GENERAL, given - elsewhere);
    Ok(counts)
}

pub(crate) fn insert(
    tx: &mut Write<'_>,
    code: &str,
    name: &str,
    kind: JournalKind,
) -> Result<(), Error> {
    tx.run(INSERT, &[code.into(), sealed(name), kind.name().into()])?;
    Ok(())
}

pub(crate) fn rename(tx: &mut Write<'_>, id: i64, name: &str) -> Result<(), Error> {
    tx.run(RENAME, &[id.into(), sealed(name)])?;
    Ok(())
}

pub(crate) fn close(tx: &mut Write<'_>, id: i64) -> Result<(), Error> {
    tx.run(SET_CLOSED, &[id.into(), 1.into()])?;
    Ok(())
}

pub(crate) fn reopen(tx: &mut Write<'_>, id: i64) -> Result<(), Error> {
    tx.run(SET_CLOSED, &[id.into(), 0.into()])?;
    Ok(())
}

fn sealed(name: &str) -> Param<'_> {
    Param::Sealed {
        column: "journals.name",
        text: name,
    }
}
