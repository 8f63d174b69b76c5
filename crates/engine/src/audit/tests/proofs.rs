//! Proofs against a tree that is built the naive way, and against the Go
//! transparency log's own code.

use proptest::prelude::*;

use super::super::tiles;
use super::super::tree::{empty_root, split};
use super::*;

/// MTH of RFC 6962, section 2.1, word for word.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) =
                leaves.split_at(usize::try_from(split(leaves.len() as u64)).unwrap());
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count)
        .map(|number| leaf_hash(&number.to_be_bytes()))
        .collect()
}

/// A store that holds these leaves as records and tiles.
fn stored(leaves: &[Hash]) -> TestStore {
    let mut store = TestStore::new();
    store.tamper("BEGIN");
    for (leaf, seq) in leaves.iter().zip(1_i64..) {
        let insert = "INSERT INTO audit_records (seq, at_ms, operation, outcome, target_kind, leaf, content_hash)
            VALUES (?1, 0, '', '', '', ?2, ?2)";
        store.0.execute(insert, (seq, leaf)).unwrap();
    }
    for (position, tile) in leaves.chunks_exact(256).enumerate() {
        tiles::write(&mut store, position as u64, tile).unwrap();
    }
    store.tamper("COMMIT");
    store
}

#[test]
fn the_roots_are_those_of_rfc_6962() {
    let hex = |hash: Hash| daybook_kernel::id::hex(&hash);
    assert_eq!(
        hex(empty_root()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(
        hex(leaf_hash(b"")),
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    );
    let all = leaves(700);
    let mut frontier = Frontier::default();
    for (size, leaf) in all.iter().enumerate() {
        assert_eq!(frontier.root(), naive_root(&all[..size]), "size {size}");
        assert_eq!(
            Frontier::from_bytes(size as u64, &frontier.to_bytes()),
            Some(frontier.clone())
        );
        frontier.push(*leaf);
    }
    assert_eq!(Frontier::from_bytes(3, &[0; 32]), None);
}

/// Four hundred tiles, so that the second level is full and the third begins.
#[test]
fn proofs_reach_over_three_levels_of_tiles() {
    let all = leaves(256 * 256 + 256 * 140 + 77);
    let mut store = stored(&all);
    let size = all.len() as u64;
    let root = naive_root(&all);
    assert_eq!(tiles::root_at(&mut store, size).unwrap(), root);
    for index in [0, 255, 256, 65_535, 65_536, 70_000, size - 78, size - 1] {
        let proof = inclusion(&mut store, i64::try_from(index).unwrap() + 1, size).unwrap();
        assert!(verify_inclusion(
            index,
            size,
            &all[usize::try_from(index).unwrap()],
            &proof,
            &root
        ));
    }
    for old in [1, 255, 256, 65_536, 65_537, 100_000, size - 1] {
        let proof = consistency(&mut store, old, size).unwrap();
        let old_root = naive_root(&all[..usize::try_from(old).unwrap()]);
        assert!(
            verify_consistency((old, &old_root), (size, &root), &proof),
            "{old}"
        );
    }
}

#[test]
fn what_is_not_there_has_no_proof() {
    let mut store = stored(&leaves(10));
    assert!(inclusion(&mut store, 0, 10).is_err());
    assert!(inclusion(&mut store, 11, 10).is_err());
    assert!(inclusion(&mut store, 10, 11).is_err());
    assert!(consistency(&mut store, 11, 10).is_err());
    assert_eq!(consistency(&mut store, 0, 10).unwrap(), Vec::<Hash>::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn proofs_hold_and_no_changed_one_does(
        size in 1_u64..2_000,
        (at, from, bend) in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let all = leaves(size);
        let mut store = stored(&all);
        let index = at.index(all.len());
        let root = naive_root(&all);
        let (leaf, place) = (all[index], index as u64);

        let proof = inclusion(&mut store, i64::try_from(index).unwrap() + 1, size).unwrap();
        prop_assert!(verify_inclusion(place, size, &leaf, &proof, &root));
        prop_assert!(!verify_inclusion(place, size, &leaf_hash(b"other"), &proof, &root));
        prop_assert!(!verify_inclusion(place, size, &leaf, &proof, &leaf_hash(b"other")));
        prop_assert!(!verify_inclusion(size, size, &leaf, &proof, &root));
        if size > 1 {
            prop_assert!(!verify_inclusion((place + 1) % size, size, &leaf, &proof, &root));
            let mut bent = proof.clone();
            bent[bend.index(proof.len())][5] ^= 1;
            prop_assert!(!verify_inclusion(place, size, &leaf, &bent, &root));
            prop_assert!(!verify_inclusion(place, size, &leaf, &proof[1..], &root));
        }

        let old = from.index(all.len()) as u64 + 1;
        let old_root = naive_root(&all[..usize::try_from(old).unwrap()]);
        let proof = consistency(&mut store, old, size).unwrap();
        prop_assert!(verify_consistency((old, &old_root), (size, &root), &proof));
        prop_assert!(!verify_consistency((old, &leaf_hash(b"other")), (size, &root), &proof));
        if old < size {
            prop_assert!(!verify_consistency((old, &old_root), (size, &leaf_hash(b"other")), &proof));
            prop_assert!(!verify_consistency((old, &old_root), (size, &root), &proof[1..]));
            let mut bent = proof.clone();
            bent[bend.index(proof.len())][5] ^= 1;
            prop_assert!(!verify_consistency((old, &old_root), (size, &root), &bent));
        }
    }
}
