//! What is left of the log of a workspace that is erased: the skeletons, the
//! tiles and the signed head. It verifies as the whole log did, and tells nothing
//! of what anybody wrote.

use daybook_kernel::{Connection, Error, Param};

use super::tiles::to_i64;

/// Records that are read at once.
const PAGE: i64 = 1_000;

struct Skeleton {
    numbers: [i64; 2],
    texts: [String; 3],
    actor: Option<String>,
    hashes: [Vec<u8>; 2],
}

/// Copies the log without its content into an empty database. Where a log is
/// already, it was copied by a transaction that held.
pub fn copy_skeleton(from: &mut dyn Connection, to: &mut dyn Connection) -> Result<u64, Error> {
    if super::log::last_seq(to)? > 0 {
        return Ok(0);
    }
    let mut copied = 0;
    let mut after = 0;
    loop {
        let page = page(from, after)?;
        let Some(last) = page.last() else {
            break;
        };
        [after, _] = last.numbers;
        copied += page.len() as u64;
        let rows: Vec<Vec<Param<'_>>> = page.iter().map(Skeleton::params).collect();
        to.run_each_later(
            "INSERT INTO audit_records (seq, at_ms, operation, outcome, target_kind, actor,
             leaf, content_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &rows,
        )?;
    }
    copy_tiles(from, to)?;
    if let Some(head) = super::log::read_head(from)? {
        to.run(
            "INSERT INTO audit_head (id, size, frontier, checkpoint) VALUES (1, $1, $2, $3)",
            &[
                head.size.into(),
                head.frontier.as_slice().into(),
                Param::Text(&head.note),
            ],
        )?;
        if head.size != to_i64(copied)? {
            return Err(Error::ours(
                "a log has not as many records as it is signed for",
            ));
        }
    }
    Ok(copied)
}

fn page(from: &mut dyn Connection, after: i64) -> Result<Vec<Skeleton>, Error> {
    let mut page = Vec::new();
    from.each(
        "SELECT seq, at_ms, operation, outcome, target_kind, actor, leaf, content_hash
         FROM audit_records WHERE seq > $1 ORDER BY seq LIMIT $2",
        &[after.into(), PAGE.into()],
        &mut |row| {
            let text = |column| row.text(column).map(str::to_owned);
            page.push(Skeleton {
                numbers: [row.int(0)?, row.int(1)?],
                texts: [text(2)?, text(3)?, text(4)?],
                actor: row.maybe_text(5)?.map(str::to_owned),
                hashes: [row.bytes(6)?.to_vec(), row.bytes(7)?.to_vec()],
            });
            Ok(())
        },
    )?;
    Ok(page)
}

impl Skeleton {
    fn params(&self) -> Vec<Param<'_>> {
        let [operation, outcome, target_kind] = &self.texts;
        let [leaf, content_hash] = &self.hashes;
        let [seq, at_ms] = self.numbers;
        vec![
            seq.into(),
            at_ms.into(),
            operation.into(),
            outcome.into(),
            target_kind.into(),
            self.actor.as_deref().into(),
            leaf.as_slice().into(),
            content_hash.as_slice().into(),
        ]
    }
}

fn copy_tiles(from: &mut dyn Connection, to: &mut dyn Connection) -> Result<(), Error> {
    let mut tiles = Vec::new();
    from.each(
        "SELECT level, position, hashes FROM audit_tiles",
        &[],
        &mut |row| {
            tiles.push((row.int(0)?, row.int(1)?, row.bytes(2)?.to_vec()));
            Ok(())
        },
    )?;
    let rows: Vec<Vec<Param<'_>>> = tiles
        .iter()
        .map(|(level, position, hashes)| {
            vec![
                (*level).into(),
                (*position).into(),
                hashes.as_slice().into(),
            ]
        })
        .collect();
    to.run_each_later(
        "INSERT INTO audit_tiles (level, position, hashes) VALUES ($1, $2, $3)",
        &rows,
    )
}
