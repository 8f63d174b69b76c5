//! The log of one open database: what its writer keeps in memory between
//! batches, so that a record costs one insert and a few hashes.
//!
//! A batch goes: `append` for each record, `seal` once, commit the transaction,
//! `settle`. If anything fails before the commit is known to have held, roll the
//! transaction back and `discard`.

use daybook_kernel::ports::Record;
use daybook_kernel::{AuditLog, Connection, Entropy, Error, Param};

use crate::keys::{CheckpointKey, CheckpointSigner};

use super::checkpoint::Checkpoint;
use super::record::{SALT, Skeleton, content_hash, content_json, outcome_name};
use super::tiles::{self, WIDTH, to_i64, to_usize};
use super::tree::{Frontier, Hash};

/// The one row of `audit_head`.
const HEAD: i64 = 1;

pub struct Log {
    /// With the records of the batch at hand.
    frontier: Frontier,
    /// Without the last record, until the batch is sealed.
    without_last: Option<Frontier>,
    /// As of the last commit.
    settled: Frontier,
    /// The signed head of the last commit; empty if there is none.
    settled_note: String,
    /// The leaves since the last full tile that was committed.
    leaves: Vec<Hash>,
    /// The signed head of the batch at hand, once it is sealed.
    sealed: Option<String>,
}

/// The head as it is stored, not yet believed.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub size: i64,
    pub frontier: Vec<u8>,
    pub note: String,
}

impl Log {
    /// Takes up the log where the last batch left it. Refuses a head that this
    /// log's key did not sign: to go on from a forged one would be to sign it.
    pub fn load(store: &mut dyn Connection, key: &CheckpointKey) -> Result<Self, Error> {
        let changed = || {
            Error::ours(
                "the audit log was changed outside Daybook: its head, its signature and its \
                 records disagree; run `daybook audit verify`, which names the first bad record",
            )
        };
        let last = last_seq(store)?;
        let Some(head) = read_head(store)? else {
            return if last == 0 {
                Ok(Self::at(Frontier::default(), Vec::new(), String::new()))
            } else {
                Err(changed())
            };
        };
        let signed = Checkpoint::read(&head.note, key).ok_or_else(changed)?;
        let size = signed.size();
        let frontier = Frontier::from_bytes(size, &head.frontier).ok_or_else(changed)?;
        let agree =
            frontier.root() == *signed.root() && to_i64(size)? == head.size && head.size == last;
        let leaves = tiles::record_leaves(store, size - size % WIDTH, size)?;
        // The next tile is made of these: they must be those that were signed.
        if !agree || leaves.len() as u64 != size % WIDTH || !frontier.ends_in(&leaves) {
            return Err(changed());
        }
        Ok(Self::at(frontier, leaves, head.note))
    }

    /// Takes up the log again where another process may have written meanwhile.
    /// A head that is the last one here, and signed, stands for all before it.
    pub fn catch_up(
        &mut self,
        store: &mut dyn Connection,
        key: &CheckpointKey,
    ) -> Result<(), Error> {
        let size = to_i64(self.settled.size())?;
        let mut current = false;
        store.each(
            "SELECT size, checkpoint, (SELECT max(seq) FROM audit_records)
             FROM audit_head WHERE id = $1",
            &[HEAD.into()],
            &mut |row| {
                current = row.int(0)? == size
                    && row.text(1)? == self.settled_note
                    && row.maybe_int(2)? == Some(size);
                Ok(())
            },
        )?;
        if !current {
            *self = Self::load(store, key)?;
        }
        Ok(())
    }

    fn at(frontier: Frontier, leaves: Vec<Hash>, note: String) -> Self {
        Self {
            without_last: None,
            settled: frontier.clone(),
            settled_note: note,
            frontier,
            leaves,
            sealed: None,
        }
    }

    /// How many records the log has, those of the batch at hand included.
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Adds a record. When this fails, nothing here has changed.
    pub fn append(
        &mut self,
        store: &mut dyn Connection,
        record: &Record,
        entropy: &dyn Entropy,
    ) -> Result<(), Error> {
        if self.sealed.is_some() {
            return Err(Error::ours(
                "the audit log was sealed and neither settled nor discarded",
            ));
        }
        let content = content_json(record)
            .map_err(|error| Error::ours(format!("an audit record is no JSON: {error}")))?;
        let mut salt = [0; SALT];
        entropy.fill(&mut salt)?;
        let hash = content_hash(&salt, &content);
        let actor = record.actor.map(|person| person.to_string());
        let skeleton = Skeleton {
            seq: to_i64(self.frontier.size() + 1)?,
            at_ms: record.at.as_millisecond(),
            operation: record.operation,
            outcome: outcome_name(record.outcome),
            actor: actor.as_deref(),
            target_kind: record.target_kind,
            content_hash: &hash,
        };
        let leaf = skeleton.leaf();
        insert(
            store,
            &skeleton,
            &leaf,
            [&record.target_id, &content],
            &salt,
        )?;
        self.without_last = Some(self.frontier.clone());
        self.frontier.push(leaf);
        self.leaves.push(leaf);
        Ok(())
    }

    /// Takes back the last record, whose savepoint was rolled back.
    pub fn take_back(&mut self) {
        if let Some(frontier) = self.without_last.take() {
            self.frontier = frontier;
            self.leaves.pop();
        }
    }

    /// The kernel's door to this log, for one batch.
    pub fn appender<'a>(&'a mut self, entropy: &'a dyn Entropy) -> Appender<'a> {
        Appender { log: self, entropy }
    }

    /// Ends a batch: writes full tiles and the signed head. Nothing if the batch
    /// had no record. Give the checkpoint to the witness after the commit only:
    /// one that never held would make the log look cut.
    pub fn seal(
        &mut self,
        store: &mut dyn Connection,
        signer: &CheckpointSigner,
    ) -> Result<Option<Checkpoint>, Error> {
        let size = self.frontier.size();
        if size == self.settled.size() {
            return Ok(None);
        }
        self.without_last = None;
        let first = self.settled.size() / WIDTH;
        for (tile, position) in self.leaves.chunks_exact(to_usize(WIDTH)?).zip(first..) {
            tiles::write(store, position, tile)?;
        }
        let checkpoint = Checkpoint::sign(size, self.frontier.root(), signer);
        let frontier = self.frontier.to_bytes();
        self.sealed = Some(checkpoint.note().to_owned());
        store.run_later(
            "INSERT INTO audit_head (id, size, frontier, checkpoint) VALUES ($1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET size = excluded.size,
             frontier = excluded.frontier, checkpoint = excluded.checkpoint",
            &[
                HEAD.into(),
                to_i64(size)?.into(),
                frontier.as_slice().into(),
                checkpoint.note().into(),
            ],
        )?;
        Ok(Some(checkpoint))
    }

    /// The batch is committed.
    pub fn settle(&mut self) {
        self.settled.clone_from(&self.frontier);
        let rest = self.leaves.len() - self.leaves.len() % 256;
        self.leaves.drain(..rest);
        if let Some(note) = self.sealed.take() {
            self.settled_note = note;
        }
    }

    /// The batch is rolled back, sealed or not.
    pub fn discard(&mut self) {
        let added = self.frontier.size() - self.settled.size();
        let kept = self
            .leaves
            .len()
            .saturating_sub(usize::try_from(added).unwrap_or(usize::MAX));
        self.leaves.truncate(kept);
        self.frontier.clone_from(&self.settled);
        self.without_last = None;
        self.sealed = None;
    }
}

fn insert(
    store: &mut dyn Connection,
    skeleton: &Skeleton<'_>,
    leaf: &Hash,
    [target_id, content]: [&str; 2],
    salt: &[u8],
) -> Result<(), Error> {
    store.run_later(
        "INSERT INTO audit_records (seq, at_ms, operation, outcome, actor, target_kind,
         target_id, leaf, content_hash, salt, content)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            skeleton.seq.into(),
            skeleton.at_ms.into(),
            skeleton.operation.into(),
            skeleton.outcome.into(),
            skeleton.actor.into(),
            skeleton.target_kind.into(),
            target_id.into(),
            leaf.as_slice().into(),
            skeleton.content_hash.into(),
            salt.into(),
            Param::Sealed {
                column: super::CONTENT,
                text: content,
            },
        ],
    )
}

pub(super) fn read_head(store: &mut dyn Connection) -> Result<Option<Head>, Error> {
    let mut head = None;
    store.each(
        "SELECT size, frontier, checkpoint FROM audit_head WHERE id = $1",
        &[HEAD.into()],
        &mut |row| {
            let (size, frontier) = (row.int(0)?, row.bytes(1)?.to_vec());
            head = Some(Head {
                size,
                frontier,
                note: row.text(2)?.to_owned(),
            });
            Ok(())
        },
    )?;
    Ok(head)
}

/// The number of the last record; 0 if there is none.
pub(super) fn last_seq(store: &mut dyn Connection) -> Result<i64, Error> {
    let mut last = 0;
    store.each("SELECT max(seq) FROM audit_records", &[], &mut |row| {
        last = row.maybe_int(0)?.unwrap_or(0);
        Ok(())
    })?;
    Ok(last)
}

/// The log as the road asks for it.
pub struct Appender<'a> {
    log: &'a mut Log,
    entropy: &'a dyn Entropy,
}

impl AuditLog for Appender<'_> {
    fn append(&mut self, store: &mut dyn Connection, record: &Record) -> Result<(), Error> {
        self.log.append(store, record, self.entropy)
    }

    fn take_back(&mut self) {
        self.log.take_back();
    }
}
