//! Outsiders' code reads what we write: the notes and the tree of Go's
//! transparency log, in their Rust ports.

use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::tlog::{self, HashReader};

use super::*;

#[test]
fn a_checkpoint_is_a_signed_note_to_others() {
    let mut story = Story::with(300);
    let checkpoint = story.witness.latest().unwrap().clone();
    let verifier = StandardVerifier::new(&story.signer.key().to_vkey()).unwrap();
    let note = Note::from_bytes(checkpoint.note().as_bytes()).unwrap();
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let (good, other) = note.verify(&known).unwrap();
    assert_eq!((good.len(), other.len()), (1, 0));
    let leaves = tiles::record_leaves(&mut story.store, 0, 300).unwrap();
    let theirs = tlog::tree_hash(300, &Theirs::of(&leaves)).unwrap();
    assert_eq!(theirs.0, *checkpoint.root());
}

#[test]
fn our_proofs_are_theirs() {
    let mut story = Story::with(530);
    let leaves = tiles::record_leaves(&mut story.store, 0, 530).unwrap();
    let stored = Theirs::of(&leaves);
    for size in [1, 2, 3, 7, 255, 256, 257, 511, 512, 530_u32] {
        for seq in [1, 2, size / 2, size]
            .into_iter()
            .filter(|seq| (1..=size).contains(seq))
        {
            let ours = inclusion(&mut story.store, i64::from(seq), u64::from(size)).unwrap();
            let theirs = tlog::prove_record(u64::from(size), u64::from(seq - 1), &stored).unwrap();
            assert_eq!(ours, theirs.iter().map(|hash| hash.0).collect::<Vec<_>>());
            let ours = consistency(&mut story.store, u64::from(seq), u64::from(size)).unwrap();
            let theirs = tlog::prove_tree(u64::from(size), u64::from(seq), &stored).unwrap();
            assert_eq!(ours, theirs.iter().map(|hash| hash.0).collect::<Vec<_>>());
        }
    }
}

/// Their tree over our leaves.
struct Theirs(Vec<tlog::Hash>);

impl Theirs {
    fn of(leaves: &[Hash]) -> Self {
        let mut stored = Self(Vec::new());
        for (leaf, number) in leaves.iter().zip(0..) {
            let added =
                tlog::stored_hashes_for_record_hash(number, tlog::Hash(*leaf), &stored).unwrap();
            stored.0.extend(added);
        }
        stored
    }
}

impl HashReader for Theirs {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        Ok(indexes
            .iter()
            .map(|&index| self.0[usize::try_from(index).unwrap()])
            .collect())
    }
}
