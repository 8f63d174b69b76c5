//! The Merkle tree of RFC 6962: hashes of leaves and nodes, and the frontier, by
//! which a log of any size is extended while holding a few dozen hashes.
//!
//! Written here rather than taken from the crate `tlog_tiles`: that hashes with
//! a second SHA-256, in pure Rust, on the path of every command, and numbers its
//! stored hashes in a way that our tables do not use. A test checks our roots
//! and proofs with that crate.

use aws_lc_rs::digest;

pub type Hash = [u8; 32];

/// The hash of a record's bytes. The prefix keeps a leaf from posing as a node.
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256(&[&[0], data])
}

pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    sha256(&[&bytes])
}

/// The root of the log that has no record.
pub fn empty_root() -> Hash {
    sha256(&[])
}

pub(super) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The roots of the full subtrees that a log of this size falls into, the
/// largest first: one for each bit of the size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    pub const fn size(&self) -> u64 {
        self.size
    }

    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each trailing one of the size is a full subtree that the leaf completes.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(&last) = peaks.next() else {
            return empty_root();
        };
        peaks.fold(last, |right, left| node_hash(left, &right))
    }

    /// Whether these are the last leaves; as many of them as fill no tile.
    pub(super) fn ends_in(&self, leaves: &[Hash]) -> bool {
        let mut end = Self::default();
        for leaf in leaves {
            end.push(*leaf);
        }
        self.peaks.ends_with(&end.peaks)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// `None` if these are not as many hashes as the size asks for.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let peaks = hashes(bytes)?;
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }
}

/// Reads hashes that were written one after the other.
pub(super) fn hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.to_vec())
}

/// The root over these hashes of one level.
pub(super) fn root_of(hashes: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for hash in hashes {
        frontier.push(*hash);
    }
    frontier.root()
}

/// The largest power of two smaller than a size of at least 2: where RFC 6962
/// splits a tree.
pub(super) const fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}
