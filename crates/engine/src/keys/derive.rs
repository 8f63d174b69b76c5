//! HKDF-SHA-256 (RFC 5869) for outputs of one block, which is all we ask for:
//! so deriving cannot fail, and `Vault::keyed_hash` needs no error.

use aws_lc_rs::hmac;
use zeroize::{Zeroize, Zeroizing};

use super::KeyOwner;

/// 32 secret bytes. Not printable, not copyable, wiped on drop.
pub(super) type Secret = Zeroizing<[u8; 32]>;

/// The pseudorandom key of HKDF, ready to expand.
pub(super) struct Deriver {
    extracted: hmac::Key,
    owner: KeyOwner,
}

impl Deriver {
    pub(super) fn new(secret: &[u8; 32], owner: KeyOwner) -> Self {
        // The salt that RFC 5869 sets where none is given.
        let salt = hmac::Key::new(hmac::HMAC_SHA256, &[0; 32]);
        let extracted = hmac_secret(&salt, secret);
        Self {
            extracted: hmac::Key::new(hmac::HMAC_SHA256, &*extracted),
            owner,
        }
    }

    /// The key for a purpose. The owner comes last and never contains a slash,
    /// so no purpose of one owner can spell a purpose of another.
    pub(super) fn derive(&self, purpose: &str) -> Secret {
        self.derive_for(purpose, self.owner)
    }

    pub(super) fn derive_for(&self, purpose: &str, owner: KeyOwner) -> Secret {
        let mut info = format!("daybook/v1/{purpose}/{owner}").into_bytes();
        info.push(1);
        hmac_secret(&self.extracted, &info)
    }

    pub(super) const fn owner(&self) -> KeyOwner {
        self.owner
    }
}

fn hmac_secret(key: &hmac::Key, message: &[u8]) -> Secret {
    let tag = hmac::sign(key, message);
    let mut secret = Secret::default();
    secret.copy_from_slice(tag.as_ref());
    secret
}

/// HMAC-SHA-256 as a plain array.
pub(super) fn hmac_sha256(key: &hmac::Key, message: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(key, message);
    let mut out = [0; 32];
    out.copy_from_slice(tag.as_ref());
    out
}

/// A name for a key that tells nothing of it.
pub(super) fn key_id(deriver: &Deriver) -> [u8; 8] {
    let mut whole = deriver.derive("key-id");
    let mut id = [0; 8];
    id.copy_from_slice(&whole[..8]);
    whole.zeroize();
    id
}
