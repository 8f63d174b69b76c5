//! Verifying a database: every hash is computed anew, and held against the
//! tiles, the head, the signature and the witness.

use daybook_kernel::{Connection, Error, Row};
use serde::Deserialize;

use crate::keys::CheckpointKey;

use super::checkpoint::Checkpoint;
use super::examine::{Bytes, Claims, Examiner, Line, Tile, at};
use super::log::{Head, last_seq, read_head};
use super::tiles::{self, WIDTH, to_i64, to_usize};
use super::tree::{Frontier, Hash, root_of};
use super::verdict::{Damage, Place, Verdict};
use super::witness::Witness;

/// Says whether the log is whole, and if not, which record is the first bad one.
/// Reads the whole log: about a second for each 300,000 records.
pub fn verify(
    store: &mut dyn Connection,
    key: &CheckpointKey,
    witness: Option<&Witness>,
) -> Result<Verdict, Error> {
    let head = read_head(store)?;
    let signed = head
        .as_ref()
        .and_then(|head| Checkpoint::read(&head.note, key));
    let seen: Vec<&Checkpoint> = witness.map_or_else(Vec::new, |it| it.checkpoints().collect());
    let last = last_seq(store)?;
    let claims = Claims {
        signed: signed.as_ref(),
        head_agrees: head_agrees(head.as_ref(), signed.as_ref(), last),
        witnessed: seen.iter().map(|checkpoint| checkpoint.size()).max(),
    };
    let mut examiner = Examiner::new(signed.iter().chain(seen.iter().copied()));
    let roots = examine_pages(store, &mut examiner, last)?;
    let tiles_are_bad = examiner.tiles_are_bad() || !roots.whole;
    let mut verdict = examiner.finish(&claims);
    if let Some(first) = first_seq(store)?.filter(|first| *first < 1) {
        verdict.finding = Some(at(Place::Record(first), Damage::Added));
    }
    if verdict.finding.is_none() && (tiles_are_bad || !upper_tiles_agree(store, roots.of_tiles)?) {
        verdict.finding = Some(at(Place::Log, Damage::Tiles));
    }
    Ok(verdict)
}

fn head_agrees(head: Option<&Head>, signed: Option<&Checkpoint>, last: i64) -> bool {
    match (head, signed) {
        (None, _) => last == 0,
        (Some(_), None) => false,
        (Some(head), Some(signed)) => {
            let frontier = Frontier::from_bytes(signed.size(), &head.frontier);
            u64::try_from(head.size) == Ok(signed.size())
                && frontier.is_some_and(|frontier| frontier.root() == *signed.root())
        }
    }
}

/// The roots of the full tiles, and whether each of them was there.
struct TileRoots {
    of_tiles: Vec<Hash>,
    whole: bool,
}

/// A page is as long as a tile, so each is read beside its tile.
fn examine_pages(
    store: &mut dyn Connection,
    examiner: &mut Examiner<'_>,
    last: i64,
) -> Result<TileRoots, Error> {
    let width = to_i64(WIDTH)?;
    let mut roots = TileRoots {
        of_tiles: Vec::new(),
        whole: true,
    };
    let mut from = 0;
    while from < last && !examiner.is_lost() {
        let mut hashes = tiles::read(store, 0, u64::try_from(from / width).unwrap_or(0))?;
        if hashes.len() as u64 != WIDTH {
            roots.whole &= hashes.is_empty() && last - from < width;
            hashes.clear();
        }
        let tile = Tile {
            first: from + 1,
            hashes: &hashes,
        };
        let until = from.saturating_add(width);
        each_record(store, from, until, &mut |seq, line| match line {
            Ok(line) => examiner.take(&line, tile),
            Err(unreadable) => examiner.take_unreadable(seq, unreadable.leaf, tile),
        })?;
        while examiner.next() <= until.min(last) && !examiner.is_lost() {
            examiner.miss(tile);
        }
        if !hashes.is_empty() {
            roots.of_tiles.push(root_of(&hashes));
        }
        from = until;
    }
    Ok(roots)
}

/// Whether each tile above the lowest holds the roots of those below it.
fn upper_tiles_agree(store: &mut dyn Connection, mut roots: Vec<Hash>) -> Result<bool, Error> {
    let width = to_usize(WIDTH)?;
    let mut level = 1;
    while !roots.is_empty() {
        for (expected, position) in roots.chunks(width).zip(0..) {
            if tiles::read(store, level, position)? != expected {
                return Ok(false);
            }
        }
        roots = roots.chunks_exact(width).map(root_of).collect();
        level += 1;
    }
    Ok(true)
}

/// What is left of a record of which a column cannot be read.
pub(super) struct Unreadable {
    pub leaf: Option<Hash>,
    pub why: Error,
}

/// Calls back for each record after one number and up to another. A column that
/// cannot be read is a finding about that record, and no failure of the store.
pub(super) fn each_record(
    store: &mut dyn Connection,
    after: i64,
    until: i64,
    take: &mut dyn FnMut(i64, Result<Line, Unreadable>),
) -> Result<(), Error> {
    store.each(
        "SELECT seq, at_ms, operation, outcome, actor, target_kind, content_hash, salt, content,
         leaf, target_id FROM audit_records WHERE seq > $1 AND seq <= $2 ORDER BY seq",
        &[after.into(), until.into()],
        &mut |row| {
            let seq = row.int(0)?;
            let line = read_line(row, seq).map_err(|why| {
                let leaf = row.bytes(9).ok().and_then(|leaf| leaf.try_into().ok());
                Unreadable { leaf, why }
            });
            take(seq, line);
            Ok(())
        },
    )
}

fn read_line(row: &dyn Row, seq: i64) -> Result<Line, Error> {
    // JSON is never empty, so the empty text is the NULL of an erased content.
    let content = Some(row.sealed(8, super::CONTENT)?).filter(|content| !content.is_empty());
    let target_id = row.maybe_text(10)?;
    if target_id.map(str::to_owned) != target_of(content.as_deref()) {
        return Err(Error::ours(
            "the column target_id is not what the content says",
        ));
    }
    Ok(Line {
        seq,
        at_ms: row.int(1)?,
        operation: row.text(2)?.to_owned(),
        outcome: row.text(3)?.to_owned(),
        actor: row.maybe_text(4)?.map(str::to_owned),
        target_kind: row.text(5)?.to_owned(),
        content_hash: Bytes(row.bytes(6)?.to_vec()),
        salt: row.maybe_bytes(7)?.map(|salt| Bytes(salt.to_vec())),
        content,
        leaf: Bytes(row.bytes(9)?.to_vec()),
    })
}

fn target_of(content: Option<&str>) -> Option<String> {
    #[derive(Deserialize)]
    struct Content {
        target_id: String,
    }
    serde_json::from_str::<Content>(content?)
        .ok()
        .map(|content| content.target_id)
}

fn first_seq(store: &mut dyn Connection) -> Result<Option<i64>, Error> {
    let mut first = None;
    store.each("SELECT min(seq) FROM audit_records", &[], &mut |row| {
        first = row.maybe_int(0)?;
        Ok(())
    })?;
    Ok(first)
}
