//! The root key: whoever has it and the data folder has everything.

use std::path::Path;

use daybook_kernel::{Entropy, WorkspaceId};

use super::derive::{Deriver, Secret, key_id};
use super::signing::CheckpointSigner;
use super::workspace::WorkspaceKey;
use super::{KeyError, KeyOwner, file};

pub struct RootKey {
    deriver: Deriver,
    id: [u8; 8],
}

impl RootKey {
    /// Reads `folder/root.key`, or makes folder and key at the first start.
    /// Refuses a key that others could have read or replaced.
    pub fn open(folder: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        Ok(Self::from_secret(&file::read_or_make(folder, entropy)?))
    }

    fn from_secret(secret: &Secret) -> Self {
        let deriver = Deriver::new(secret, KeyOwner::Instance);
        let id = key_id(&deriver);
        Self { deriver, id }
    }

    /// The keys of the instance's own database: people, sessions, the directory.
    pub fn instance_keys(&self) -> WorkspaceKey {
        WorkspaceKey::from_secret(self.deriver.derive("instance"), KeyOwner::Instance)
    }

    /// Signs the checkpoints of one audit log.
    pub fn checkpoint_signer(&self, owner: KeyOwner) -> Result<CheckpointSigner, KeyError> {
        CheckpointSigner::from_seed(&self.deriver.derive_for("checkpoints", owner), owner)
    }

    pub(super) const fn id(&self) -> &[u8; 8] {
        &self.id
    }

    /// The key that wraps the key of this workspace.
    pub(super) fn wrapping_key(&self, workspace: WorkspaceId) -> Secret {
        self.deriver
            .derive_for("wrapping", KeyOwner::Workspace(workspace))
    }
}
