//! Accounts in the store.

use daybook_kernel::{Error, Param, Read, Row, Write};

use super::model::{Account, Chart, Kind};

const ALL: &str = "SELECT id, code, name, kind, parent, closed FROM accounts";

const BY_CODE: &str = "SELECT id, closed FROM accounts WHERE code = $1";

const BY_NAME: &str = "SELECT id, code, closed FROM accounts WHERE name_index = $1";

const INSERT: &str = "INSERT INTO accounts (code, name, name_index, kind, parent, opened_at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";

/// What a line needs to know of its account.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub id: i64,
    pub code: String,
    pub closed: bool,
}

/// A new account, checked already.
pub(crate) struct NewAccount<'a> {
    pub code: &'a str,
    pub name: &'a str,
    pub full_name: &'a str,
    pub kind: Kind,
    pub parent: Option<i64>,
}

pub(crate) fn chart(tx: &mut Read<'_>) -> Result<Chart, Error> {
    Ok(Chart::new(tx.all(ALL, &[], account)?))
}

fn account(row: &dyn Row) -> Result<Account, Error> {
    let kind = row.text(3)?;
    Ok(Account {
        id: row.int(0)?,
        code: row.text(1)?.to_owned(),
        name: row.sealed(2, "accounts.name")?,
        full_name: String::new(),
        kind: Kind::read(kind).ok_or_else(|| Error::ours(format!("no account kind {kind}")))?,
        parent: row.maybe_int(4)?,
        closed: row.int(5)? == 1,
        depth: 0,
    })
}

/// The account of a line: by code, which is one seek, or by its full name, or by a code with
/// the name behind it, as the journal grid sends it.
pub(crate) fn find(tx: &mut Read<'_>, text: &str) -> Result<Option<Found>, Error> {
    let text = text.trim();
    if !tx.sees_all() {
        return Ok(shown(&chart(tx)?, text));
    }
    match by_code(tx, text)? {
        None => by_name(tx, text),
        found => Ok(found),
    }
}

/// The accounts of many lines, as [`find`]; the codes are asked for together.
pub(crate) fn find_each(tx: &mut Read<'_>, texts: &[&str]) -> Result<Vec<Option<Found>>, Error> {
    if !tx.sees_all() {
        let chart = chart(tx)?;
        return Ok(texts.iter().map(|text| shown(&chart, text)).collect());
    }
    let codes: Vec<Vec<Param<'_>>> = texts.iter().map(|text| vec![text.trim().into()]).collect();
    let mut found = tx.first_of_each(BY_CODE, &codes, |at, row| of_code(texts[at].trim(), row))?;
    for (found, text) in found.iter_mut().zip(texts) {
        if found.is_none() {
            *found = by_name(tx, text.trim())?;
        }
    }
    Ok(found)
}

/// Who sees a part of the chart finds accounts by the names that they see there: a guess at the
/// names above them is as wrong as any other.
fn shown(chart: &Chart, text: &str) -> Option<Found> {
    chart.find(text).map(|account| Found {
        id: account.id,
        code: account.code.clone(),
        closed: account.closed,
    })
}

fn by_name(tx: &mut Read<'_>, text: &str) -> Result<Option<Found>, Error> {
    let index = name_index(tx, text);
    let named = tx.first(BY_NAME, &[Param::Bytes(&index)], |row| {
        Ok(Found {
            id: row.int(0)?,
            code: row.text(1)?.to_owned(),
            closed: row.int(2)? == 1,
        })
    })?;
    match (named, text.split_once(' ')) {
        (None, Some((code, _))) => by_code(tx, code),
        (named, _) => Ok(named),
    }
}

fn by_code(tx: &mut Read<'_>, code: &str) -> Result<Option<Found>, Error> {
    tx.first(BY_CODE, &[code.into()], |row| of_code(code, row))
}

fn of_code(code: &str, row: &dyn Row) -> Result<Found, Error> {
    Ok(Found {
        id: row.int(0)?,
        code: code.to_owned(),
        closed: row.int(1)? == 1,
    })
}

pub(crate) fn insert(tx: &mut Write<'_>, new: &NewAccount<'_>) -> Result<i64, Error> {
    let index = name_index(tx, new.full_name);
    let now = tx.now().as_millisecond();
    let params = [
        new.code.into(),
        Param::Sealed {
            column: "accounts.name",
            text: new.name,
        },
        Param::Bytes(&index),
        new.kind.name().into(),
        new.parent.into(),
        now.into(),
    ];
    tx.first(INSERT, &params, |row| row.int(0))?
        .ok_or_else(|| Error::ours("an inserted account has no id"))
}

/// The name itself may be sealed, so it is found by its keyed hash.
pub(crate) fn name_index(tx: &Read<'_>, full_name: &str) -> [u8; 32] {
    tx.vault().keyed_hash("accounts.name", full_name.as_bytes())
}

const RENAME: &str = "UPDATE accounts SET name = $2, name_index = $3 WHERE id = $1";

const REINDEX: &str = "UPDATE accounts SET name_index = $2 WHERE id = $1";

const SET_CLOSED: &str = "UPDATE accounts SET closed = $2 WHERE id = $1";

/// Names an account anew. Its full name is part of those below it, so their indexes follow.
pub(crate) fn rename(
    tx: &mut Write<'_>,
    id: i64,
    name: &str,
    full_names: &[(i64, String)],
) -> Result<(), Error> {
    for (account, full_name) in full_names {
        let index = name_index(tx, full_name);
        if *account == id {
            let name = Param::Sealed {
                column: "accounts.name",
                text: name,
            };
            tx.run(RENAME, &[id.into(), name, Param::Bytes(&index)])?;
        } else {
            tx.run(REINDEX, &[(*account).into(), Param::Bytes(&index)])?;
        }
    }
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
