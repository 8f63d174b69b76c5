//! The key that signs an audit log's checkpoints, and its public half in the
//! C2SP signed-note form: `name+hash+key`, which fits on one line of a contract.
//!
//! Written here rather than taken from the crate `signed_note`: that brings a
//! second Ed25519 and a second SHA-256 beside aws-lc's, for what is two lines of
//! format. A test checks our notes with that crate.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use daybook_kernel::id::hex;

use super::derive::Secret;
use super::{KeyError, KeyOwner};

/// The signed-note number of Ed25519.
const ED25519_KIND: u8 = 1;

pub struct CheckpointSigner {
    pair: Ed25519KeyPair,
    key: CheckpointKey,
}

/// Who may be believed about an audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointKey {
    origin: String,
    public: [u8; 32],
    id: [u8; 4],
}

impl CheckpointSigner {
    pub(super) fn from_seed(seed: &Secret, owner: KeyOwner) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&**seed)
            .map_err(|_| KeyError::Library("take an Ed25519 seed"))?;
        let public = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| KeyError::Library("give an Ed25519 public key"))?;
        Ok(Self {
            pair,
            key: CheckpointKey::new(format!("daybook/{owner}"), public),
        })
    }

    pub const fn key(&self) -> &CheckpointKey {
        &self.key
    }

    /// The signature line of a note over this text.
    pub fn sign(&self, text: &str) -> String {
        let mut bytes = self.key.id.to_vec();
        bytes.extend_from_slice(self.pair.sign(text.as_bytes()).as_ref());
        format!("\u{2014} {} {}\n", self.key.origin, BASE64.encode(bytes))
    }
}

impl CheckpointKey {
    fn new(origin: String, public: [u8; 32]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(origin.as_bytes());
        context.update(&[b'\n', ED25519_KIND]);
        context.update(&public);
        let mut id = [0; 4];
        id.copy_from_slice(&context.finish().as_ref()[..4]);
        Self { origin, public, id }
    }

    /// The log that this key speaks for: `daybook/` and the workspace's id.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The public key as one line: `daybook/…+0a1b2c3d+AbCd…`.
    pub fn to_vkey(&self) -> String {
        let mut bytes = vec![ED25519_KIND];
        bytes.extend_from_slice(&self.public);
        format!("{}+{}+{}", self.origin, hex(&self.id), BASE64.encode(bytes))
    }

    /// Reads such a line; `None` if it is not one, or its parts disagree.
    pub fn from_vkey(line: &str) -> Option<Self> {
        let (origin, rest) = line.trim().split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let bytes = BASE64.decode(key).ok()?;
        let (kind, public) = bytes.split_first()?;
        let named = !origin.is_empty() && !origin.contains(char::is_whitespace);
        if *kind != ED25519_KIND || !named {
            return None;
        }
        let key = Self::new(origin.to_owned(), public.try_into().ok()?);
        (hex(&key.id) == id).then_some(key)
    }

    /// Whether one of the signature lines is this key's, over this text.
    pub fn has_signed(&self, text: &str, signatures: &str) -> bool {
        signatures
            .lines()
            .any(|line| self.is_mine(line, text).unwrap_or(false))
    }

    fn is_mine(&self, line: &str, text: &str) -> Option<bool> {
        let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let bytes = BASE64.decode(encoded).ok()?;
        let (id, signature) = bytes.split_at_checked(4)?;
        if name != self.origin || id != self.id {
            return Some(false);
        }
        let public = UnparsedPublicKey::new(&ED25519, self.public);
        Some(public.verify(text.as_bytes(), signature).is_ok())
    }
}
