//! The stories: somebody with every right over the database changes the past,
//! and is found.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attacker;
mod exporting;
mod interop;
mod life;
mod proofs;
mod store;
mod tampering;

use std::sync::Arc;

use daybook_kernel::ports::{Outcome, Record};
use daybook_kernel::{Origin, PersonId, RequestId};
use jiff::Timestamp;

use crate::keys::{CheckpointSigner, KeyOwner, RootKey, SystemEntropy};

use super::tiles;
use super::*;
use store::TestStore;

/// A log with its key and its witness, in a folder that vanishes.
pub(super) struct Story {
    pub folder: tempfile::TempDir,
    pub store: TestStore,
    pub log: Log,
    pub signer: CheckpointSigner,
    pub witness: Witness,
}

impl Story {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = RootKey::open(&folder.path().join("data"), &SystemEntropy).unwrap();
        let signer = root.checkpoint_signer(KeyOwner::Instance).unwrap();
        let mut store = TestStore::new();
        let log = Log::load(&mut store, signer.key()).unwrap();
        let witness = Witness::open(folder.path(), "instance", signer.key()).unwrap();
        Self {
            folder,
            store,
            log,
            signer,
            witness,
        }
    }

    /// A story in which this many records were written, in batches of ten.
    pub fn with(count: u64) -> Self {
        let mut story = Self::new();
        while story.log.size() < count {
            story.batch(10.min(count - story.log.size()));
        }
        story
    }

    pub fn batch(&mut self, count: u64) {
        self.append(count);
        let checkpoint = self.log.seal(&mut self.store, &self.signer).unwrap();
        self.log.settle();
        if let Some(checkpoint) = checkpoint {
            self.witness.record(&checkpoint).unwrap();
        }
    }

    pub fn append(&mut self, count: u64) {
        for _ in 0..count {
            let record = record(self.log.size() + 1);
            self.log
                .append(&mut self.store, &record, &SystemEntropy)
                .unwrap();
        }
    }

    /// One more record, at a later instant than those of the story.
    pub fn append_at(&mut self, number: u64, later_ms: i64) {
        let mut record = record(number);
        let first = super::tests::record(1).at.as_millisecond();
        record.at = Timestamp::from_millisecond(first + later_ms).unwrap();
        self.log
            .append(&mut self.store, &record, &SystemEntropy)
            .unwrap();
    }

    pub fn verdict(&mut self) -> Verdict {
        verify(&mut self.store, self.signer.key(), Some(&self.witness)).unwrap()
    }

    pub fn verdict_without_witness(&mut self) -> Verdict {
        verify(&mut self.store, self.signer.key(), None).unwrap()
    }

    pub fn exported(&mut self) -> String {
        let mut out = Vec::new();
        export(&mut self.store, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The last line of an export that was made when the log was shorter.
    pub fn signed_at(&mut self, size: u64) -> String {
        let root = tiles::root_at(&mut self.store, size).unwrap();
        let checkpoint = Checkpoint::sign(size, root, &self.signer);
        serde_json::json!({ "checkpoint": checkpoint.note() }).to_string()
    }

    pub fn verify_text(&self, text: &str) -> Verdict {
        verify_export(&mut text.as_bytes(), self.signer.key(), &[]).unwrap()
    }
}

pub(super) fn record(number: u64) -> Record {
    Record {
        origin: Some(Arc::new(Origin {
            device: None,
            address: "203.0.113.9".to_owned(),
            agent: "A browser".to_owned(),
        })),
        at: Timestamp::from_millisecond(1_760_000_000_000 + i64::try_from(number).unwrap())
            .unwrap(),
        request: RequestId::from_bytes([9; 16]),
        actor_kind: "person",
        actor: Some(PersonId::from_bytes([7; 16])),
        actor_email: "ada@example.org".to_owned(),
        token: None,
        actor_role: Some("Member"),
        operation: "books.post_entry",
        target_kind: "Entry",
        target_id: number.to_string(),
        outcome: Outcome::Allowed,
        required_roles: Vec::new(),
        reason: String::new(),
        before: None,
        after: Some(format!("{{\"number\":{number},\"text\":\"Rent\"}}")),
    }
}
