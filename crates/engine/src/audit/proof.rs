//! Checking a proof: pure, without store or key, as an outsider does it. The
//! steps are those of RFC 9162, sections 2.1.3.2 and 2.1.4.2.

use super::tree::{Hash, node_hash};

/// Whether the leaf with this index (from 0) is in the log of this size and root.
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            if node & 1 == 0 {
                let levels = node.trailing_zeros().min(63);
                node >>= levels;
                last >>= levels;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether the log of the second size and root only extends that of the first.
pub fn verify_consistency(
    (old_size, old_root): (u64, &Hash),
    (new_size, new_root): (u64, &Hash),
    proof: &[Hash],
) -> bool {
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    // Every log extends the empty one, whose root is known to all.
    if old_size == 0 {
        return proof.is_empty() && *old_root == super::tree::empty_root();
    }
    if old_size > new_size {
        return false;
    }
    let full = old_size.is_power_of_two();
    let mut path = proof.iter();
    let Some(first) = (if full { Some(old_root) } else { path.next() }) else {
        return false;
    };
    let levels = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> levels, (new_size - 1) >> levels);
    let (mut old, mut new) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old == *old_root && new == *new_root
}
