//! The key of one workspace, and how it is kept: wrapped by the root key, in
//! the instance's directory. Without its wrapped key a workspace is noise.
//!
//! A wrapped key is `version (1) ‖ root key id (8) ‖ workspace id (16) ‖
//! nonce (12) ‖ sealed key (32) ‖ tag (16)`; all that stands before the nonce
//! is authenticated with it.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use daybook_kernel::{Entropy, Error, Vault, WorkspaceId};
use zeroize::Zeroizing;

use super::derive::{Deriver, Secret};
use super::root::RootKey;
use super::vault::WorkspaceVault;
use super::{KeyError, KeyOwner};

const VERSION: u8 = 1;
const HEADER: usize = 1 + 8 + 16;
const NONCE: usize = 12;
const WRAPPED: usize = HEADER + NONCE + 32 + 16;

pub struct WorkspaceKey {
    secret: Secret,
    owner: KeyOwner,
}

impl WorkspaceKey {
    /// A fresh random key.
    pub fn generate(workspace: WorkspaceId, entropy: &dyn Entropy) -> Result<Self, Error> {
        let mut secret = Secret::default();
        entropy.fill(&mut *secret)?;
        Ok(Self::from_secret(secret, KeyOwner::Workspace(workspace)))
    }

    pub(super) const fn from_secret(secret: Secret, owner: KeyOwner) -> Self {
        Self { secret, owner }
    }

    /// The key as it may be stored, readable with the root key alone.
    pub fn wrap(
        &self,
        root: &RootKey,
        workspace: WorkspaceId,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, Error> {
        if self.owner != KeyOwner::Workspace(workspace) {
            return Err(Error::ours(format!(
                "the key of {} cannot be wrapped for {workspace}",
                self.owner
            )));
        }
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce)?;
        let mut wrapped = Vec::with_capacity(WRAPPED);
        wrapped.extend_from_slice(&header(root, workspace));
        wrapped.extend_from_slice(&nonce);
        let mut text = Zeroizing::new(*self.secret);
        let tag = wrapping_cipher(root, workspace)?
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(header(root, workspace)),
                &mut *text,
            )
            .map_err(|_| KeyError::Library("wrap a key"))?;
        wrapped.extend_from_slice(&*text);
        wrapped.extend_from_slice(tag.as_ref());
        Ok(wrapped)
    }

    /// The key of this workspace out of its stored form.
    pub fn unwrap(
        root: &RootKey,
        workspace: WorkspaceId,
        wrapped: &[u8],
    ) -> Result<Self, KeyError> {
        let damaged = || KeyError::Damaged(workspace);
        if wrapped.len() != WRAPPED || wrapped[0] != VERSION {
            return Err(damaged());
        }
        if &wrapped[1..9] != root.id() {
            return Err(KeyError::OtherRootKey);
        }
        let found: [u8; 16] = wrapped[9..HEADER].try_into().map_err(|_| damaged())?;
        let found = WorkspaceId::from_bytes(found);
        if found != workspace {
            return Err(KeyError::OtherWorkspace {
                asked: workspace,
                found,
            });
        }
        let nonce: [u8; NONCE] = wrapped[HEADER..HEADER + NONCE]
            .try_into()
            .map_err(|_| damaged())?;
        let mut text = Zeroizing::new(wrapped[HEADER + NONCE..].to_vec());
        let opened = wrapping_cipher(root, workspace)?
            .open_in_place(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(header(root, workspace)),
                &mut text,
            )
            .map_err(|_| damaged())?;
        let mut secret = Secret::default();
        if opened.len() != secret.len() {
            return Err(damaged());
        }
        secret.copy_from_slice(opened);
        Ok(Self::from_secret(secret, KeyOwner::Workspace(workspace)))
    }

    /// The key of this workspace as the instance's directory keeps it: sealed
    /// under the instance's key, bound to the workspace.
    pub fn open(
        instance: &dyn Vault,
        workspace: WorkspaceId,
        wrapped: &[u8],
    ) -> Result<Self, Error> {
        let opened =
            Zeroizing::new(instance.open(&format!("workspaces.key:{workspace}"), wrapped)?);
        let mut secret = Secret::default();
        if opened.len() != secret.len() {
            return Err(KeyError::Damaged(workspace).into());
        }
        secret.copy_from_slice(&opened);
        Ok(Self::from_secret(secret, KeyOwner::Workspace(workspace)))
    }

    /// The stored form that [`Self::open`] reads.
    pub fn seal(
        instance: &dyn Vault,
        workspace: WorkspaceId,
        key: &[u8; 32],
    ) -> Result<Vec<u8>, Error> {
        instance.seal(&format!("workspaces.key:{workspace}"), key)
    }

    pub const fn owner(&self) -> KeyOwner {
        self.owner
    }

    /// The raw key of the SQLCipher file.
    pub fn database_key(&self) -> Zeroizing<[u8; 32]> {
        self.purpose_key("database")
    }

    /// The raw key for another purpose, such as `backups`.
    pub fn purpose_key(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        self.deriver().derive(purpose)
    }

    /// Seals and hashes the fields of this workspace's store.
    pub fn vault(&self, entropy: Arc<dyn Entropy>) -> WorkspaceVault {
        WorkspaceVault::new(self.deriver(), entropy)
    }

    fn deriver(&self) -> Deriver {
        Deriver::new(&self.secret, self.owner)
    }
}

fn header(root: &RootKey, workspace: WorkspaceId) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[0] = VERSION;
    header[1..9].copy_from_slice(root.id());
    header[9..].copy_from_slice(workspace.as_bytes());
    header
}

fn wrapping_cipher(root: &RootKey, workspace: WorkspaceId) -> Result<LessSafeKey, KeyError> {
    let key = root.wrapping_key(workspace);
    UnboundKey::new(&AES_256_GCM, &*key)
        .map(LessSafeKey::new)
        .map_err(|_| KeyError::Library("take an AES key"))
}
