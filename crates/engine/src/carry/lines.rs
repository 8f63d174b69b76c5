//! A table as JSON Lines: an object a row. Numbers, texts and null are JSON's own;
//! a text that the store seals is `{"sealed": "…"}`, bytes are `{"base64": "…"}`.

use std::io::{self, BufRead, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use daybook_kernel::{Connection, Error};
use serde_json::{Map, Value, json};

use super::schema::{Cell, Kind, Table};

/// Writes every row; answers how many there are.
pub fn write_lines(
    table: &Table,
    store: &mut dyn Connection,
    out: &mut dyn Write,
) -> Result<u64, Error> {
    let mut rows = 0;
    table.each(store, &mut |cells| {
        let members = table.columns.iter().zip(cells);
        let object: Map<String, Value> = members
            .map(|(column, cell)| (column.name.clone(), to_json(cell)))
            .collect();
        rows += 1;
        let mut line = serde_json::to_vec(&object).map_err(Error::ours)?;
        line.push(b'\n');
        out.write_all(&line).map_err(|error| unwritten(&error))
    })?;
    Ok(rows)
}

fn unwritten(error: &io::Error) -> Error {
    Error::ours(format!("a table could not be written out: {error}"))
}

fn to_json(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(value) => value.into(),
        Cell::Text(text) => text.into(),
        Cell::Sealed(text) => json!({ "sealed": text }),
        Cell::Bytes(bytes) => json!({ "base64": BASE64.encode(bytes) }),
    }
}

/// Reads the rows of a table; a line that does not fit is a fault, named by the
/// file and its number.
pub fn read_lines(
    table: &Table,
    file: &str,
    reader: &mut dyn BufRead,
) -> Result<Vec<Vec<Cell>>, Error> {
    let mut rows = Vec::new();
    for (line, number) in reader.lines().zip(1..) {
        let line = line.map_err(|error| Error::ours(format!("{file}: {error}")))?;
        let row =
            read_row(table, &line).map_err(|why| Error::fault(format!("{file}:{number}"), why))?;
        rows.push(row);
    }
    Ok(rows)
}

fn read_row(table: &Table, line: &str) -> Result<Vec<Cell>, String> {
    let mut object: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| format!("This is no JSON object: {error}."))?;
    let cells = table.columns.iter().map(|column| {
        let value = object
            .remove(&column.name)
            .ok_or_else(|| format!("The column {} is missing.", column.name))?;
        from_json(column.kind, value)
            .ok_or_else(|| format!("The column {} holds another kind of value.", column.name))
    });
    let cells = cells.collect::<Result<Vec<_>, _>>()?;
    match object.keys().next() {
        None => Ok(cells),
        Some(name) => Err(format!("The table {} has no column {name}.", table.name)),
    }
}

fn from_json(kind: Kind, value: Value) -> Option<Cell> {
    match (kind, value) {
        (_, Value::Null) => Some(Cell::Null),
        (Kind::Int, Value::Number(number)) => number.as_i64().map(Cell::Int),
        (Kind::Text, Value::String(text)) => Some(Cell::Text(text)),
        (Kind::Bytes, Value::Object(object)) => {
            let (name, inner) = object.into_iter().next()?;
            let inner = inner.as_str()?;
            match name.as_str() {
                "sealed" => Some(Cell::Sealed(inner.to_owned())),
                "base64" => BASE64.decode(inner).ok().map(Cell::Bytes),
                _ => None,
            }
        }
        _ => None,
    }
}
