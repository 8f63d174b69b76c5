//! A checkpoint: "this log had so many records with this root", signed. The text
//! is a C2SP tlog-checkpoint in a C2SP signed note, which tools for transparency
//! logs read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::keys::{CheckpointKey, CheckpointSigner};

use super::tree::Hash;

/// Longer is no checkpoint of ours: origin, size, root and one signature take
/// some 250 bytes.
pub const CHECKPOINT_BYTES_MAX: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    size: u64,
    root: Hash,
    note: String,
}

impl Checkpoint {
    pub fn sign(size: u64, root: Hash, signer: &CheckpointSigner) -> Self {
        let text = format!(
            "{}\n{size}\n{}\n",
            signer.key().origin(),
            BASE64.encode(root)
        );
        let note = format!("{text}\n{}", signer.sign(&text));
        Self { size, root, note }
    }

    /// Reads a note; `None` unless it is this log's and its signature holds.
    pub fn read(note: &str, key: &CheckpointKey) -> Option<Self> {
        if note.len() > CHECKPOINT_BYTES_MAX {
            return None;
        }
        let end = note.find("\n\n")? + 1;
        let (text, signatures) = note.split_at(end);
        if !key.has_signed(text, &signatures[1..]) {
            return None;
        }
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let parsed: u64 = size.parse().ok()?;
        if origin != key.origin() || parsed.to_string() != size || lines.next().is_some() {
            return None;
        }
        let root = BASE64.decode(root).ok()?.try_into().ok()?;
        Some(Self {
            size: parsed,
            root,
            note: note.to_owned(),
        })
    }

    /// How many records the log had.
    pub const fn size(&self) -> u64 {
        self.size
    }

    pub const fn root(&self) -> &Hash {
        &self.root
    }

    /// The signed note.
    pub fn note(&self) -> &str {
        &self.note
    }
}
