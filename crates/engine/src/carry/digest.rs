//! What a table holds, as one number: the sum of its rows' hashes, so that the
//! order in which a store gives them does not matter. It finds a slip of ours, not
//! an attacker; for those there is the audit log.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use daybook_kernel::id::hex;
use daybook_kernel::{Connection, Error};

use super::schema::{Cell, Table, tables};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Digest {
    pub rows: u64,
    sum: [u64; 4],
}

impl Digest {
    pub fn add(&mut self, row: &[Cell]) {
        let mut bytes = Vec::with_capacity(64);
        for cell in row {
            put(&mut bytes, cell);
        }
        let hash = digest(&SHA256, &bytes);
        for (sum, part) in self.sum.iter_mut().zip(hash.as_ref().chunks_exact(8)) {
            let part = part
                .iter()
                .fold(0, |value, byte| value << 8 | u64::from(*byte));
            *sum = sum.wrapping_add(part);
        }
        self.rows += 1;
    }
}

/// A letter for the kind, the length where it varies, then the value.
fn put(bytes: &mut Vec<u8>, cell: &Cell) {
    let (letter, value): (u8, &[u8]) = match cell {
        Cell::Null => (b'n', &[]),
        Cell::Int(value) => {
            bytes.push(b'i');
            bytes.extend_from_slice(&value.to_be_bytes());
            return;
        }
        Cell::Text(text) => (b't', text.as_bytes()),
        Cell::Sealed(text) => (b's', text.as_bytes()),
        Cell::Bytes(value) => (b'b', value),
    };
    bytes.push(letter);
    bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
    bytes.extend_from_slice(value);
}

/// Every table that is carried from store to store, by name.
pub fn digests(
    store: &mut dyn Connection,
    is_embedded: bool,
) -> Result<BTreeMap<String, Digest>, Error> {
    let mut found = BTreeMap::new();
    for table in tables(store, is_embedded)?
        .iter()
        .filter(|table| is_moved(table))
    {
        let mut digest = Digest::default();
        table.each(store, &mut |row| {
            digest.add(&row);
            Ok(())
        })?;
        found.insert(table.name.clone(), digest);
    }
    Ok(found)
}

/// Steps and guards are the target's own; all else moves, the log included.
pub(super) fn is_moved(table: &Table) -> bool {
    !matches!(table.name.as_str(), "migrations" | "guards")
}

/// The SHA-256 of bytes, as 64 hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}
