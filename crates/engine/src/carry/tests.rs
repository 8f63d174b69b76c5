//! Cells and digests without a store; both stores are told of in the stories.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Cell, Digest, sha256_hex};

#[test]
fn a_digest_minds_every_cell_and_no_order() {
    let of = |rows: &[Vec<Cell>]| {
        let mut digest = Digest::default();
        for row in rows {
            digest.add(row);
        }
        digest
    };
    let one = vec![Cell::Int(1), Cell::Sealed("ab".into())];
    let two = vec![Cell::Int(2), Cell::Null];
    assert_eq!(
        of(&[one.clone(), two.clone()]),
        of(&[two.clone(), one.clone()])
    );
    for other in [
        vec![Cell::Int(1), Cell::Text("ab".into())],
        vec![Cell::Int(1), Cell::Bytes(b"ab".to_vec())],
        vec![Cell::Int(1), Cell::Sealed("abc".into())],
        vec![Cell::Int(1), Cell::Null],
    ] {
        assert_ne!(of(std::slice::from_ref(&one)), of(&[other]));
    }
    assert_ne!(
        of(&[one.clone(), one.clone()]),
        of(std::slice::from_ref(&one))
    );
}

#[test]
fn the_hash_is_that_of_fips_180_4() {
    assert_eq!(
        sha256_hex(b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}
