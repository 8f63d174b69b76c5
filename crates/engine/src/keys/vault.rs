//! The vault: seals and hashes the fields of one workspace.
//!
//! A sealed text is `version (1) ‖ key id (8) ‖ nonce (12) ‖ text ‖ tag (16)`.
//! Authenticated with it: `"daybook" ‖ version ‖ key id ‖ owner ‖ 0 ‖ purpose`,
//! so what was moved to another column or workspace does not open. Nonces are
//! random: at a million texts a day, one key reaches the 2³² of NIST SP 800-38D
//! in eleven years, and each column has a key of its own.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use daybook_kernel::{Entropy, Error, Vault};

use super::KeyError;
use super::derive::{Deriver, hmac_sha256, key_id};

const VERSION: u8 = 1;
const KEY_ID: usize = 8;
const TAG: usize = 16;
const OVERHEAD: usize = 1 + KEY_ID + NONCE_LEN + TAG;

/// Purposes are columns, and an instance has some hundred. Past this many they
/// are derived each time, so that no caller can grow the memory without end.
const PURPOSES_MAX: usize = 1_024;

pub struct WorkspaceVault {
    deriver: Deriver,
    key_id: [u8; KEY_ID],
    entropy: Arc<dyn Entropy>,
    ciphers: Kept<Cipher>,
    hashers: Kept<hmac::Key>,
}

struct Cipher {
    key: LessSafeKey,
    bound: Vec<u8>,
}

impl WorkspaceVault {
    pub(super) fn new(deriver: Deriver, entropy: Arc<dyn Entropy>) -> Self {
        let key_id = key_id(&deriver);
        Self {
            deriver,
            key_id,
            entropy,
            ciphers: Kept::default(),
            hashers: Kept::default(),
        }
    }

    fn cipher(&self, purpose: &str) -> Result<Arc<Cipher>, Error> {
        self.ciphers.get_or_make(purpose, || {
            let key = self.deriver.derive(&format!("fields/{purpose}"));
            let key = UnboundKey::new(&AES_256_GCM, &*key)
                .map(LessSafeKey::new)
                .map_err(|_| KeyError::Library("take an AES key"))?;
            let mut bound = b"daybook".to_vec();
            bound.push(VERSION);
            bound.extend_from_slice(&self.key_id);
            bound.extend_from_slice(self.deriver.owner().to_string().as_bytes());
            bound.push(0);
            bound.extend_from_slice(purpose.as_bytes());
            Ok(Cipher { key, bound })
        })
    }
}

impl Vault for WorkspaceVault {
    fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let cipher = self.cipher(purpose)?;
        let mut nonce = [0; NONCE_LEN];
        self.entropy.fill(&mut nonce)?;
        let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD);
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.key_id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let tag = cipher
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&cipher.bound),
                &mut sealed[1 + KEY_ID + NONCE_LEN..],
            )
            .map_err(|_| Error::ours(format!("a text could not be sealed for {purpose}")))?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let owner = self.deriver.owner();
        if sealed.len() < OVERHEAD || sealed[0] != VERSION {
            return Err(Error::ours(format!(
                "what is stored for {purpose} in {owner} is no sealed text of version {VERSION}"
            )));
        }
        let (id, rest) = sealed[1..].split_at(KEY_ID);
        if id != self.key_id {
            return Err(Error::ours(format!(
                "a text for {purpose} was sealed under another key than that of {owner}"
            )));
        }
        let (nonce, text) = rest.split_at(NONCE_LEN);
        let refused = || {
            Error::ours(format!(
                "a sealed text for {purpose} in {owner} was changed, or belongs to another column"
            ))
        };
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| refused())?;
        let cipher = self.cipher(purpose)?;
        let mut plain = text.to_vec();
        let length = cipher
            .key
            .open_in_place(nonce, Aad::from(&cipher.bound), &mut plain)
            .map_err(|_| refused())?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    fn keyed_hash(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let derived = || {
            let key = self.deriver.derive(&format!("index/{purpose}"));
            hmac::Key::new(hmac::HMAC_SHA256, &*key)
        };
        match self.hashers.get_or_make(purpose, || Ok(derived())) {
            Ok(key) => hmac_sha256(&key, bytes),
            Err(_) => hmac_sha256(&derived(), bytes),
        }
    }
}

/// Keys by purpose, each derived once: a lookup is a read lock and a hash of
/// the name, where HKDF and the key schedule would cost several microseconds.
struct Kept<K>(RwLock<HashMap<Box<str>, Arc<K>>>);

impl<K> Default for Kept<K> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K> Kept<K> {
    fn get_or_make(
        &self,
        purpose: &str,
        make: impl FnOnce() -> Result<K, Error>,
    ) -> Result<Arc<K>, Error> {
        if let Some(key) = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(purpose)
        {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(make()?);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < PURPOSES_MAX {
            kept.insert(purpose.into(), Arc::clone(&key));
        }
        Ok(key)
    }
}
