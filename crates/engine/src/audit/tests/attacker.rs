//! What a careful attacker does to the database after an edit.

use super::super::examine::{Bytes, Line};
use super::super::tree::hashes;
use super::*;

pub fn edit(seq: i64) -> String {
    format!("UPDATE audit_records SET outcome = 'refused' WHERE seq = {seq}")
}

/// What a careful attacker does after an edit.
pub fn recompute_leaves(store: &TestStore, numbers: &[i64]) {
    for seq in numbers {
        let mut statement = store
            .0
            .prepare("SELECT seq, at_ms, operation, outcome, actor, target_kind, content_hash FROM audit_records WHERE seq = ?1")
            .unwrap();
        let line = statement
            .query_row([seq], |row| {
                Ok(Line {
                    seq: row.get(0)?,
                    at_ms: row.get(1)?,
                    operation: row.get(2)?,
                    outcome: row.get(3)?,
                    actor: row.get(4)?,
                    target_kind: row.get(5)?,
                    content_hash: Bytes(row.get(6)?),
                    salt: None,
                    content: None,
                    leaf: Bytes(Vec::new()),
                })
            })
            .unwrap();
        let leaf = line.skeleton().leaf();
        store
            .0
            .execute(
                "UPDATE audit_records SET leaf = ?1 WHERE seq = ?2",
                (leaf, seq),
            )
            .unwrap();
    }
}

fn all_leaves(store: &TestStore) -> Vec<Hash> {
    let mut statement = store
        .0
        .prepare("SELECT leaf FROM audit_records ORDER BY seq")
        .unwrap();
    statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

pub fn recompute_tiles(store: &mut TestStore) {
    let leaves = all_leaves(store);
    for (position, tile) in leaves.chunks_exact(256).enumerate() {
        tiles::write(store, position as u64, tile).unwrap();
    }
}

/// All but the signature, which he cannot make.
pub fn recompute_head(store: &mut TestStore) {
    let mut frontier = Frontier::default();
    for leaf in all_leaves(store) {
        frontier.push(leaf);
    }
    let bytes = frontier.to_bytes();
    assert!(hashes(&bytes).is_some());
    store
        .0
        .execute("UPDATE audit_head SET frontier = ?1", [bytes])
        .unwrap();
}
