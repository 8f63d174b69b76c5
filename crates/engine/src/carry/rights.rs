//! Who may do what, as it goes along from a workspace that is replaced: the rows
//! of a few tables, which take the place of whatever stands in the new one.

use std::collections::HashSet;

use daybook_kernel::{Connection, Error};

use super::load::in_the_owners_role;
use super::schema::{Cell, Table, tables};
use super::text::keep;

/// Rows of whole tables, in the order in which they may be put in.
pub type Rows = Vec<(Table, Vec<Vec<Cell>>)>;

/// What goes along from a workspace that is replaced, as the domains say it.
pub struct Along {
    /// Tables, in the order in which they may be filled.
    pub tables: &'static [&'static str],
    /// Rows of which only those are kept that lead to a row which is there, as
    /// `(table, column, other table)`: what the column names is the other's `id`.
    pub leads: &'static [(&'static str, &'static str, &'static str)],
}

/// Where the rights of a workspace that is put in another's place come from.
pub enum Rights {
    /// Of the other, as they are at that moment.
    AsTheyAre,
    /// The other cannot be read.
    Given(Rows),
}

/// Rows in one statement: few enough for every store's limit on parameters.
const ROWS_AT_ONCE: usize = 50;

pub fn read_rights(
    store: &mut dyn Connection,
    wanted: &[&str],
    is_embedded: bool,
) -> Result<Rows, Error> {
    let known = tables(store, is_embedded)?;
    let mut rights = Rows::new();
    for name in wanted {
        let table = known.iter().find(|table| table.name == *name);
        let table = table.ok_or_else(|| Error::ours(format!("there is no table {name}")))?;
        let mut rows = Vec::new();
        table.each(store, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        rights.push((table.clone(), rows));
    }
    Ok(rights)
}

/// Puts rights in the place of those that are there. The messages of the founding
/// are about nobody.
pub fn refill(
    store: &mut dyn Connection,
    along: &Along,
    mut rights: Rows,
    is_embedded: bool,
) -> Result<(), Error> {
    for (table, _) in rights.iter().rev() {
        store.run(keep(format!("DELETE FROM \"{}\"", table.name)), &[])?;
    }
    store.run("DELETE FROM outbox", &[])?;
    for (table, column, other) in along.leads {
        let there = ids(store, other)?;
        for (table, rows) in rights.iter_mut().filter(|it| it.0.name == *table) {
            let at = table.columns.iter().position(|it| it.name == *column);
            rows.retain(|row| match at.and_then(|at| row.get(at)) {
                Some(Cell::Int(id)) => there.contains(id),
                _ => false,
            });
        }
    }
    for (table, rows) in &rights {
        for chunk in rows.chunks(ROWS_AT_ONCE) {
            table.insert(store, chunk)?;
        }
    }
    if is_embedded {
        return Ok(());
    }
    in_the_owners_role(store, &mut |store| {
        rights
            .iter()
            .try_for_each(|(table, _)| table.number_on(store))
    })
}

fn ids(store: &mut dyn Connection, table: &str) -> Result<HashSet<i64>, Error> {
    let mut ids = HashSet::new();
    let text = keep(format!("SELECT id FROM \"{table}\""));
    store.each(text, &[], &mut |row| {
        ids.insert(row.int(0)?);
        Ok(())
    })?;
    Ok(ids)
}
