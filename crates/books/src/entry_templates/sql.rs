//! Templates in the store.

use std::collections::HashSet;

use daybook_kernel::{Error, Param, Read, Row, Write};

use super::model::{KeptTemplate, NewTemplate, NewTemplateLine};

const INSERT: &str = "INSERT INTO entry_templates \
     (name, name_index, description, journal, made_by, made_at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name_index) DO NOTHING RETURNING id";

const INSERT_LINE: &str = "INSERT INTO entry_template_lines \
     (template, line, account, amount, currency, note) VALUES ($1, $2, $3, $4, $5, $6)";

const ALL: &str = "SELECT id, name, description, journal, made_by, \
       (SELECT count(*) FROM entry_template_lines l WHERE l.template = t.id) \
     FROM entry_templates t";

const ONE: &str = "SELECT id, name, description, journal, made_by, \
       (SELECT count(*) FROM entry_template_lines l WHERE l.template = t.id) \
     FROM entry_templates t WHERE id = $1";

const LINES: &str = "SELECT account, amount, currency, note FROM entry_template_lines \
     WHERE template = $1 ORDER BY line";

const BY_NAME: &str = "SELECT id FROM entry_templates WHERE name_index = $1";

const COUNT: &str = "SELECT count(*) FROM entry_templates";

const MADE_BY: &str = "SELECT made_by FROM entry_templates WHERE id = $1";

const REMOVE_LINES: &str = "DELETE FROM entry_template_lines WHERE template = $1";

const REMOVE: &str = "DELETE FROM entry_templates WHERE id = $1";

const INDEXED: &str = "SELECT id, name, made_by FROM entry_templates ORDER BY id";

const INDEX: &str = "UPDATE entry_templates SET name_index = $2 WHERE id = $1";

pub(super) fn count(tx: &mut Read<'_>) -> Result<i64, Error> {
    Ok(tx.first(COUNT, &[], |row| row.int(0))?.unwrap_or_default())
}

pub(super) fn is_taken(tx: &mut Read<'_>, name: &str) -> Result<bool, Error> {
    if !tx.sees_all() {
        let own = all(tx)?;
        return Ok(own.iter().any(|one| is_same(&one.name, name)));
    }
    let index = name_index(tx, name);
    let found = tx.first(BY_NAME, &[Param::Bytes(&index)], |row| row.int(0))?;
    Ok(found.is_some())
}

/// Names are found by their keyed hash, in lower case.
fn name_index(tx: &Read<'_>, name: &str) -> [u8; 32] {
    tx.vault()
        .keyed_hash("entry_templates.name", name.to_lowercase().as_bytes())
}

fn is_same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// Under what a name is kept that is taken for one person alone. Whoever does not see all the
/// templates must not learn the name of another from being refused it.
fn own_index(tx: &Read<'_>, name: &str, made_by: &str) -> [u8; 32] {
    let own = format!("{made_by}\0{}", name.to_lowercase());
    tx.vault()
        .keyed_hash("entry_templates.name", own.as_bytes())
}

/// Its id; none if the name is taken by one of theirs that they do not see any more.
pub(super) fn insert(tx: &mut Write<'_>, new: &NewTemplate) -> Result<Option<i64>, Error> {
    let index = if tx.sees_all() {
        name_index(tx, &new.name)
    } else {
        own_index(tx, &new.name, &new.made_by)
    };
    let now = tx.now().as_millisecond();
    let params = [
        Param::Sealed {
            column: "entry_templates.name",
            text: &new.name,
        },
        Param::Bytes(&index),
        sealed("entry_templates.description", &new.description),
        new.journal.into(),
        new.made_by.as_str().into(),
        now.into(),
    ];
    let Some(id) = tx.first(INSERT, &params, |row| row.int(0))? else {
        return Ok(None);
    };
    for (line, at) in new.lines.iter().zip(1_i64..) {
        let params = [
            id.into(),
            at.into(),
            line.account.into(),
            line.amount.into(),
            line.currency.as_ref().into(),
            sealed("entry_template_lines.note", &line.note),
        ];
        tx.run(INSERT_LINE, &params)?;
    }
    Ok(Some(id))
}

fn sealed<'a>(column: &'static str, text: &'a str) -> Param<'a> {
    if text.is_empty() {
        Param::Null
    } else {
        Param::Sealed { column, text }
    }
}

/// By name, as people look for them.
pub(super) fn all(tx: &mut Read<'_>) -> Result<Vec<KeptTemplate>, Error> {
    let mut all = tx.all(ALL, &[], template)?;
    all.sort_by_key(|one| one.name.to_lowercase());
    Ok(all)
}

pub(super) fn one(tx: &mut Read<'_>, id: i64) -> Result<Option<KeptTemplate>, Error> {
    tx.first(ONE, &[id.into()], template)
}

fn template(row: &dyn Row) -> Result<KeptTemplate, Error> {
    Ok(KeptTemplate {
        id: row.int(0)?,
        name: row.sealed(1, "entry_templates.name")?,
        description: row.sealed(2, "entry_templates.description")?,
        journal: row.int(3)?,
        made_by: row.text(4)?.to_owned(),
        lines: row.int(5)?,
    })
}

pub(super) fn lines(tx: &mut Read<'_>, id: i64) -> Result<Vec<NewTemplateLine>, Error> {
    tx.all(LINES, &[id.into()], |row| {
        Ok(NewTemplateLine {
            account: row.int(0)?,
            amount: row.maybe_int(1)?,
            currency: row.maybe_text(2)?.map(str::to_owned),
            note: row.sealed(3, "entry_template_lines.note")?,
        })
    })
}

pub(super) fn made_by(tx: &mut Read<'_>, id: i64) -> Result<Option<String>, Error> {
    tx.first(MADE_BY, &[id.into()], |row| Ok(row.text(0)?.to_owned()))
}

pub(super) fn remove(tx: &mut Write<'_>, id: i64) -> Result<(), Error> {
    tx.run(REMOVE_LINES, &[id.into()])?;
    tx.run(REMOVE, &[id.into()])?;
    Ok(())
}

/// Hashes the names under the key of this workspace, after an import of another's tables.
pub(crate) fn index_anew(tx: &mut Write<'_>) -> Result<(), Error> {
    let named = tx.all(INDEXED, &[], |row| {
        let name = row.sealed(1, "entry_templates.name")?;
        Ok((row.int(0)?, name, row.text(2)?.to_owned()))
    })?;
    let mut taken = HashSet::new();
    for (id, name, made_by) in named {
        // Two may bear one name, where one of them was made by who did not see the other.
        let index = if taken.insert(name.to_lowercase()) {
            name_index(tx, &name)
        } else {
            own_index(tx, &name, &made_by)
        };
        tx.run(INDEX, &[id.into(), Param::Bytes(&index)])?;
    }
    Ok(())
}
