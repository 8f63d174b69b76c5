//! Loading rows into a database whose guards are on: what the store refuses in
//! daily work it refuses here too.

use std::collections::HashMap;

use daybook_kernel::road::Registry;
use daybook_kernel::{Connection, Error, Scope};

use super::schema::{Cell, Table};
use super::text::keep;

/// Rows in one statement: few enough for every store's limit on parameters.
const ROWS_AT_ONCE: usize = 50;

/// How tables are loaded where a guard looks from one to another.
#[derive(Clone, Copy)]
pub struct Loading {
    /// Tables that come before others, whatever the order in which they were made.
    pub first: &'static [&'static str],
    pub last: &'static [&'static str],
    /// A column that is set after all rows stand, as `(table, key, column)`, and
    /// is 0 until then.
    pub late: &'static [(&'static str, &'static str, &'static str)],
}

/// The tables into which a migration itself puts a row: settings, of which there
/// is one.
pub(super) fn is_seeded(registry: &Registry, scope: Scope, table: &str) -> bool {
    let text = format!("INSERT INTO {table} ");
    let mut features = registry.features_of(scope);
    features.any(|feature| {
        let mut steps = feature.migrations.iter();
        steps.any(|step| step.sql.contains(&text))
    })
}

/// Whether none of these tables holds more than its migration put there; if one
/// does, its name.
pub fn is_pristine(
    store: &mut dyn Connection,
    registry: &Registry,
    scope: Scope,
    tables: &[&Table],
) -> Result<Option<String>, Error> {
    for table in tables {
        if !is_seeded(registry, scope, &table.name) && table.count(store)? > 0 {
            return Ok(Some(table.name.clone()));
        }
    }
    Ok(None)
}

/// Loads rows into empty tables. Seeded rows give way.
pub fn load(
    store: &mut dyn Connection,
    registry: &Registry,
    loading: Loading,
    mut rows: Vec<(Table, Vec<Vec<Cell>>)>,
    is_embedded: bool,
) -> Result<(), Error> {
    let scope = Scope::Workspace;
    let tables: Vec<&Table> = rows.iter().map(|(table, _)| table).collect();
    if let Some(table) = is_pristine(store, registry, scope, &tables)? {
        return Err(Error::conflict(format!(
            "There are rows in {table} already."
        )));
    }
    let place = |table: &Table| {
        let name = table.name.as_str();
        let seeded = is_seeded(registry, scope, name) || loading.last.contains(&name);
        match loading.first.iter().position(|first| *first == name) {
            Some(at) => (0, at),
            None => (1 + usize::from(seeded), 0),
        }
    };
    rows.sort_by_key(|(table, _)| place(table));
    for (table, rows) in &mut rows {
        if is_seeded(registry, scope, &table.name) {
            store.run(keep(format!("DELETE FROM \"{}\"", table.name)), &[])?;
        }
        sort(rows);
        let late = take_late(table, loading, rows);
        for chunk in rows.chunks(ROWS_AT_ONCE) {
            table.insert(store, chunk)?;
        }
        *rows = late;
    }
    set_late(store, loading, &rows)?;
    if is_embedded {
        return Ok(());
    }
    in_the_owners_role(store, &mut |store| {
        rows.iter()
            .try_for_each(|(table, _)| table.number_on(store))
    })
}

/// Rows of smaller numbers first: a row refers to older ones of its own table.
fn sort(rows: &mut [Vec<Cell>]) {
    rows.sort_by_key(|row| match row.first() {
        Some(Cell::Int(number)) => *number,
        _ => 0,
    });
}

/// Sets the late column to 0 and answers the rows that had something else.
fn take_late(table: &Table, loading: Loading, rows: &mut [Vec<Cell>]) -> Vec<Vec<Cell>> {
    let Some((_, key, column)) = loading.late.iter().find(|late| late.0 == table.name) else {
        return Vec::new();
    };
    let at = |name: &str| table.columns.iter().position(|it| it.name == name);
    let (Some(key), Some(column)) = (at(key), at(column)) else {
        return Vec::new();
    };
    let mut late = Vec::new();
    for row in rows {
        if row[column] != Cell::Int(0) {
            late.push(vec![row[key].clone(), row[column].clone()]);
            row[column] = Cell::Int(0);
        }
    }
    late
}

fn set_late(
    store: &mut dyn Connection,
    loading: Loading,
    late: &[(Table, Vec<Vec<Cell>>)],
) -> Result<(), Error> {
    let of: HashMap<&str, &Vec<Vec<Cell>>> = late
        .iter()
        .map(|(table, rows)| (table.name.as_str(), rows))
        .collect();
    for (table, key, column) in loading.late {
        let text = keep(format!(
            "UPDATE \"{table}\" SET \"{column}\" = $2 WHERE \"{key}\" = $1"
        ));
        for row in of.get(table).into_iter().copied().flatten() {
            if let [Cell::Int(key), Cell::Int(value)] = row.as_slice() {
                store.run(text, &[(*key).into(), (*value).into()])?;
            }
        }
    }
    Ok(())
}

/// The workspace's role works with rows; the counters behind them are the owner's.
pub(super) fn in_the_owners_role(
    store: &mut dyn Connection,
    work: &mut dyn FnMut(&mut dyn Connection) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut role = String::new();
    store.each("SELECT CAST(current_schema() AS TEXT)", &[], &mut |row| {
        row.text(0)?.clone_into(&mut role);
        Ok(())
    })?;
    store.run("SET LOCAL ROLE NONE", &[])?;
    work(store)?;
    store
        .run(keep(format!("SET LOCAL ROLE {role}")), &[])
        .map(|_| ())
}

/// Copies every row of one table from one store to the other.
pub(super) fn copy(
    table: &Table,
    from: &mut dyn Connection,
    to: &mut dyn Connection,
) -> Result<u64, Error> {
    let mut waiting: Vec<Vec<Cell>> = Vec::with_capacity(ROWS_AT_ONCE);
    let mut rows = 0;
    // A table that refers to itself needs its older rows first.
    let mut all = Vec::new();
    table.each(from, &mut |row| {
        all.push(row);
        Ok(())
    })?;
    sort(&mut all);
    for row in all {
        waiting.push(row);
        rows += 1;
        if waiting.len() == ROWS_AT_ONCE {
            table.insert(to, &waiting)?;
            waiting.clear();
        }
    }
    if !waiting.is_empty() {
        table.insert(to, &waiting)?;
    }
    Ok(rows)
}
