//! Tiles: the tree as rows of up to 256 hashes, so that a proof reads a few rows
//! of a log of any size. Tile (0, p) holds leaves 256 p …; tile (l + 1, p) holds
//! the roots of the tiles (l, 256 p) …. A tile of level 0 is written when it is
//! full, until then its leaves are the records'; a tile above grows by one hash
//! whenever one below it is full.

use std::collections::HashMap;

use daybook_kernel::{Connection, Error};

use super::tree::{Hash, hashes, node_hash, root_of, split};

/// Hashes in a full tile, and its height in the tree.
pub(super) const WIDTH: u64 = 256;
const HEIGHT: u32 = 8;

/// Writes a full tile of leaves, and its root into the tiles above.
pub(super) fn write(
    store: &mut dyn Connection,
    position: u64,
    leaves: &[Hash],
) -> Result<(), Error> {
    put(store, 0, position, leaves)?;
    let (mut level, mut child, mut root) = (1, position, root_of(leaves));
    loop {
        let (position, place) = (child / WIDTH, to_usize(child % WIDTH)?);
        let mut tile = read(store, level, position)?;
        if tile.len() < place {
            return Err(Error::ours(format!(
                "the audit log's tile {level}/{position} holds {} hashes and should hold {place}",
                tile.len()
            )));
        }
        tile.truncate(place);
        tile.push(root);
        put(store, level, position, &tile)?;
        if tile.len() < to_usize(WIDTH)? {
            return Ok(());
        }
        (level, child, root) = (level + 1, position, root_of(&tile));
    }
}

fn put(store: &mut dyn Connection, level: u32, position: u64, tile: &[Hash]) -> Result<(), Error> {
    let bytes = tile.concat();
    store.run(
        "INSERT INTO audit_tiles (level, position, hashes) VALUES ($1, $2, $3)
         ON CONFLICT (level, position) DO UPDATE SET hashes = excluded.hashes",
        &[
            i64::from(level).into(),
            to_i64(position)?.into(),
            bytes.as_slice().into(),
        ],
    )?;
    Ok(())
}

/// The hashes of a tile; none if it is not there or is not made of hashes.
pub(super) fn read(
    store: &mut dyn Connection,
    level: u32,
    position: u64,
) -> Result<Vec<Hash>, Error> {
    let mut tile = Vec::new();
    store.each(
        "SELECT hashes FROM audit_tiles WHERE level = $1 AND position = $2",
        &[i64::from(level).into(), to_i64(position)?.into()],
        &mut |row| {
            tile = hashes(row.bytes(0)?).unwrap_or_default();
            Ok(())
        },
    )?;
    Ok(tile)
}

/// The leaf hashes of the records from one index (from 0) up to another.
pub(super) fn record_leaves(
    store: &mut dyn Connection,
    from: u64,
    until: u64,
) -> Result<Vec<Hash>, Error> {
    let mut leaves = Vec::new();
    store.each(
        "SELECT leaf FROM audit_records WHERE seq > $1 AND seq <= $2 ORDER BY seq",
        &[to_i64(from)?.into(), to_i64(until)?.into()],
        &mut |row| {
            leaves.extend(<Hash>::try_from(row.bytes(0)?));
            Ok(())
        },
    )?;
    Ok(leaves)
}

/// The proof that the record `seq` (from 1) is in the log of `size` records.
pub fn inclusion(store: &mut dyn Connection, seq: i64, size: u64) -> Result<Vec<Hash>, Error> {
    let index = u64::try_from(seq).ok().and_then(|seq| seq.checked_sub(1));
    let Some(index) = index.filter(|index| *index < size) else {
        return Err(Error::fault(
            "seq",
            format!("The log of {size} records has no record {seq}."),
        ));
    };
    let mut nodes = Nodes::new(store);
    let (mut from, mut until) = (0, size);
    let mut proof = Vec::new();
    while until - from > 1 {
        let middle = from + split(until - from);
        if index < middle {
            proof.push(nodes.range(middle, until)?);
            until = middle;
        } else {
            proof.push(nodes.range(from, middle)?);
            from = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the log of `new` records only extends that of `old`.
pub fn consistency(store: &mut dyn Connection, old: u64, new: u64) -> Result<Vec<Hash>, Error> {
    if old > new {
        return Err(Error::fault(
            "from",
            format!("A log of {new} records does not extend one of {old}."),
        ));
    }
    let mut proof = Vec::new();
    if old == 0 || old == new {
        return Ok(proof);
    }
    let mut nodes = Nodes::new(store);
    let (mut from, mut until) = (0, new);
    // SUBPROOF of RFC 6962, from the root downwards.
    while old != until {
        let middle = from + split(until - from);
        if old <= middle {
            proof.push(nodes.range(middle, until)?);
            until = middle;
        } else {
            proof.push(nodes.range(from, middle)?);
            from = middle;
        }
    }
    // The old root is known to the reader where it is a node by itself.
    if from != 0 {
        proof.push(nodes.range(from, until)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The root of the first `size` records, as the tiles have it.
pub(super) fn root_at(store: &mut dyn Connection, size: u64) -> Result<Hash, Error> {
    if size == 0 {
        return Ok(super::tree::empty_root());
    }
    Nodes::new(store).range(0, size)
}

/// The nodes of the stored tree. Tiles are kept once read: a proof asks for the
/// same few again and again.
struct Nodes<'s> {
    store: &'s mut dyn Connection,
    tiles: HashMap<(u32, u64), Vec<Hash>>,
}

impl<'s> Nodes<'s> {
    fn new(store: &'s mut dyn Connection) -> Self {
        Self {
            store,
            tiles: HashMap::new(),
        }
    }

    /// The root over the leaves from one index up to another, where the first is
    /// a multiple of the power of two that the range falls into.
    fn range(&mut self, from: u64, until: u64) -> Result<Hash, Error> {
        let width = until - from;
        if width.is_power_of_two() {
            return self.node(width.trailing_zeros(), from);
        }
        let middle = from + split(width);
        Ok(node_hash(
            &self.range(from, middle)?,
            &self.range(middle, until)?,
        ))
    }

    /// The root of the full subtree of this height that begins at a leaf.
    fn node(&mut self, height: u32, from: u64) -> Result<Hash, Error> {
        let level = height / HEIGHT;
        let count = 1_u64 << (height % HEIGHT);
        let first = from >> (level * HEIGHT);
        let (position, place) = (first / WIDTH, to_usize(first % WIDTH)?);
        let tile = self.tile(level, position)?;
        let wanted = tile.get(place..place + to_usize(count)?).ok_or_else(|| {
            Error::ours(format!(
                "the audit log's tile {level}/{position} lacks hashes; verify the log"
            ))
        })?;
        Ok(root_of(wanted))
    }

    fn tile(&mut self, level: u32, position: u64) -> Result<&[Hash], Error> {
        if !self.tiles.contains_key(&(level, position)) {
            let mut tile = read(self.store, level, position)?;
            if level == 0 && tile.is_empty() {
                let from = position * WIDTH;
                tile = record_leaves(self.store, from, from + WIDTH)?;
            }
            self.tiles.insert((level, position), tile);
        }
        Ok(self
            .tiles
            .get(&(level, position))
            .map_or(&[], Vec::as_slice))
    }
}

pub(super) fn to_i64(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::ours("an audit log cannot have that many records"))
}

pub(super) fn to_usize(number: u64) -> Result<usize, Error> {
    usize::try_from(number).map_err(|_| Error::ours("an audit tile cannot have that many hashes"))
}
