//! Tables as the store describes them, and their rows as cells.

use daybook_kernel::{Connection, Error, Param, Row};

use super::text::keep;

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// A text that the store keeps sealed.
    Sealed(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Int,
    Text,
    Bytes,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    /// Whether the store gives the next number by itself.
    pub identity: bool,
    /// `table.column`, what a sealed text is bound to.
    pub(super) purpose: &'static str,
}

#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    select: &'static str,
}

const EMBEDDED: &str = "SELECT m.name, p.name, lower(p.type), 'NO' \
     FROM sqlite_schema m JOIN pragma_table_info(m.name) p \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.rowid, p.cid";

const POSTGRES: &str = "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), \
       format_type(a.atttypid, NULL), CASE WHEN a.attidentity = '' THEN 'NO' ELSE 'YES' END \
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
     WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind = 'r' \
       AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.oid, a.attnum";

/// Every table, in the order in which they were made: what refers to a table
/// comes after it.
pub fn tables(store: &mut dyn Connection, is_embedded: bool) -> Result<Vec<Table>, Error> {
    let mut tables: Vec<Table> = Vec::new();
    let catalogue = if is_embedded { EMBEDDED } else { POSTGRES };
    store.each(catalogue, &[], &mut |row| {
        let (table, name) = (row.text(0)?, row.text(1)?);
        let column = Column {
            name: plain(name)?.to_owned(),
            kind: kind(row.text(2)?)?,
            identity: row.text(3)? == "YES",
            purpose: keep(format!("{table}.{name}")),
        };
        match tables.last_mut().filter(|last| last.name == table) {
            Some(last) => last.columns.push(column),
            None => tables.push(Table {
                name: plain(table)?.to_owned(),
                columns: vec![column],
                select: "",
            }),
        }
        Ok(())
    })?;
    for table in &mut tables {
        table.select = keep(format!("SELECT {} FROM \"{}\"", table.list(), table.name));
    }
    Ok(tables)
}

/// Names come from the store and stand in texts: they are our migrations' own.
fn plain(name: &str) -> Result<&str, Error> {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.bytes().all(good) {
        return Ok(name);
    }
    Err(Error::ours(format!(
        "{name:?} is no name that a migration gives"
    )))
}

fn kind(declared: &str) -> Result<Kind, Error> {
    match declared {
        "bigint" | "integer" => Ok(Kind::Int),
        "text" => Ok(Kind::Text),
        "bytea" | "blob" => Ok(Kind::Bytes),
        other => Err(Error::ours(format!(
            "a column of type {other} cannot be carried"
        ))),
    }
}

impl Table {
    fn list(&self) -> String {
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|it| format!("\"{}\"", it.name))
            .collect();
        names.join(", ")
    }

    /// Calls back for each row, in no order.
    pub fn each(
        &self,
        store: &mut dyn Connection,
        take: &mut dyn FnMut(Vec<Cell>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        store.each(self.select, &[], &mut |row| take(self.read(row)?))
    }

    fn read(&self, row: &dyn Row) -> Result<Vec<Cell>, Error> {
        let cells = self.columns.iter().enumerate();
        cells.map(|(at, column)| column.read(row, at)).collect()
    }

    /// How many rows there are.
    pub fn count(&self, store: &mut dyn Connection) -> Result<i64, Error> {
        let mut count = 0;
        let text = keep(format!("SELECT count(*) FROM \"{}\"", self.name));
        store.each(text, &[], &mut |row| {
            count = row.int(0)?;
            Ok(())
        })?;
        Ok(count)
    }

    pub(super) fn insert(
        &self,
        store: &mut dyn Connection,
        rows: &[Vec<Cell>],
    ) -> Result<(), Error> {
        let width = self.columns.len();
        let values = (0..rows.len()).map(|row| {
            let numbers = (1..=width).map(|column| format!("${}", row * width + column));
            format!("({})", numbers.collect::<Vec<_>>().join(", "))
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let text = keep(format!(
            "INSERT INTO \"{}\" ({}) VALUES {values}",
            self.name,
            self.list()
        ));
        let cells = rows.iter().flat_map(|row| row.iter().zip(&self.columns));
        let params: Vec<Param<'_>> = cells.map(|(cell, column)| column.bind(cell)).collect();
        store.run(text, &params).map(|_| ())
    }

    /// Lets the store number on after the highest number that was carried.
    pub(super) fn number_on(&self, store: &mut dyn Connection) -> Result<(), Error> {
        for column in self.columns.iter().filter(|column| column.identity) {
            let (table, name) = (&self.name, &column.name);
            let text = keep(format!(
                "SELECT setval(pg_get_serial_sequence('{table}', '{name}'), \
                   COALESCE(max(\"{name}\"), 1), count(*) > 0) FROM \"{table}\""
            ));
            store.each(text, &[], &mut |_| Ok(()))?;
        }
        Ok(())
    }
}

impl Column {
    fn read(&self, row: &dyn Row, at: usize) -> Result<Cell, Error> {
        Ok(match self.kind {
            Kind::Int => row.maybe_int(at)?.map_or(Cell::Null, Cell::Int),
            Kind::Text => row
                .maybe_text(at)?
                .map_or(Cell::Null, |text| Cell::Text(text.to_owned())),
            // NULL reads as bytes in either store; a sealed text opens, or in an
            // embedded file is plain TEXT; whatever else is bytes.
            Kind::Bytes => match (row.maybe_bytes(at), row.sealed(at, self.purpose)) {
                (Ok(None), _) => Cell::Null,
                (_, Ok(text)) => Cell::Sealed(text),
                (bytes, Err(_)) => {
                    let bytes = bytes?.unwrap_or_default();
                    Cell::Bytes(bytes.to_vec())
                }
            },
        })
    }

    fn bind<'a>(&self, cell: &'a Cell) -> Param<'a> {
        match cell {
            Cell::Null => Param::Null,
            Cell::Int(value) => Param::Int(*value),
            Cell::Text(text) => Param::Text(text),
            Cell::Bytes(bytes) => Param::Bytes(bytes),
            Cell::Sealed(text) => Param::Sealed {
                column: self.purpose,
                text,
            },
        }
    }
}
