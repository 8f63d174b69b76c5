//! The witness: the latest checkpoint, kept outside the database. A database
//! that was put back to an older state agrees with itself in everything; only
//! what was remembered elsewhere tells.
//!
//! The file has two slots of 1 KiB, written in turn: whatever happens during a
//! write, the other slot stands. A torn slot is not signed, and so is none.
//! There is no fsync: losing the last moments of the witness makes it older,
//! never wrong.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use daybook_kernel::{Connection, Error};

use crate::keys::CheckpointKey;

use super::checkpoint::{CHECKPOINT_BYTES_MAX, Checkpoint};
use super::examine::at;
use super::log::last_seq;
use super::tiles::{self, to_i64};
use super::verdict::{Damage, Finding, Place};

const SLOT: usize = 1_024;
const _: () = assert!(CHECKPOINT_BYTES_MAX < SLOT);

pub struct Witness {
    path: PathBuf,
    file: File,
    key: CheckpointKey,
    slots: [Option<Checkpoint>; 2],
    /// The log contradicts it: what it saw is evidence, and stays.
    frozen: bool,
}

impl Witness {
    /// Opens `folder/witness/{name}`, empty if it is not there. The name is the
    /// workspace's id, or `instance`.
    pub fn open(folder: &Path, name: &str, key: &CheckpointKey) -> Result<Self, Error> {
        let folder = folder.join("witness");
        let path = folder.join(name);
        let opened = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .and_then(|()| open_file(&path));
        let file = opened.map_err(|error| failed(&path, &error))?;
        let mut witness = Self {
            path,
            file,
            key: key.clone(),
            slots: [None, None],
            frozen: false,
        };
        witness.slots = [witness.read_slot(0)?, witness.read_slot(1)?];
        Ok(witness)
    }

    fn read_slot(&self, slot: u64) -> Result<Option<Checkpoint>, Error> {
        let mut bytes = [0; SLOT];
        match self.file.read_exact_at(&mut bytes, slot * SLOT as u64) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other.map_err(|error| failed(&self.path, &error))?,
        }
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(SLOT);
        let note = std::str::from_utf8(&bytes[..end]).ok();
        Ok(note.and_then(|note| Checkpoint::read(note, &self.key)))
    }

    /// The latest checkpoint that was seen.
    pub fn latest(&self) -> Option<&Checkpoint> {
        self.checkpoints()
            .max_by_key(|checkpoint| checkpoint.size())
    }

    /// All that it remembers: up to two.
    pub fn checkpoints(&self) -> impl Iterator<Item = &Checkpoint> {
        self.slots.iter().flatten()
    }

    /// Remembers a checkpoint, after the commit that made it. One write into the
    /// page cache. Nothing is overwritten while the log contradicts what is there.
    pub fn record(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let latest = self.latest().map_or(0, Checkpoint::size);
        if self.frozen || checkpoint.size() <= latest {
            return Ok(());
        }
        let sizes = self
            .slots
            .each_ref()
            .map(|slot| slot.as_ref().map_or(0, Checkpoint::size));
        let slot = usize::from(sizes[1] < sizes[0]);
        let mut bytes = [0; SLOT];
        let note = checkpoint.note().as_bytes();
        let room = bytes
            .get_mut(..note.len())
            .ok_or_else(|| Error::ours("a checkpoint is too long for the witness"))?;
        room.copy_from_slice(note);
        self.file
            .write_all_at(&bytes, (slot * SLOT) as u64)
            .map_err(|error| failed(&self.path, &error))?;
        self.slots[slot] = Some(checkpoint.clone());
        Ok(())
    }

    /// Holds the log against what was seen, by a few tiles: for each opening of
    /// a database. On a finding the witness stays as it is until [`Self::accept`].
    pub fn compare(&mut self, store: &mut dyn Connection) -> Result<Option<Finding>, Error> {
        let last = u64::try_from(last_seq(store)?).unwrap_or(0);
        let mut seen: Vec<&Checkpoint> = self.checkpoints().collect();
        seen.sort_by_key(|checkpoint| checkpoint.size());
        let mut vouched = 0;
        let mut finding = None;
        for checkpoint in seen {
            let witnessed = checkpoint.size();
            if witnessed > last {
                let place = Place::Record(to_i64(last)?.saturating_add(1));
                finding = Some(at(place, Damage::RolledBack { witnessed }));
                break;
            }
            if tiles::root_at(store, witnessed).ok() != Some(*checkpoint.root()) {
                finding = Some(at(
                    Place::AtOrAfter(to_i64(vouched)? + 1),
                    Damage::Rewritten,
                ));
                break;
            }
            vouched = witnessed;
        }
        self.frozen = finding.is_some();
        Ok(finding)
    }

    /// Somebody answers for the log as it is, such as after restoring a backup:
    /// the witness begins anew, and what it had seen is kept beside it.
    pub fn accept(&mut self) -> Result<(), Error> {
        let size = self.latest().map_or(0, Checkpoint::size);
        let mut kept = self.path.clone().into_os_string();
        kept.push(format!(".until-{size}"));
        fs::rename(&self.path, kept).map_err(|error| failed(&self.path, &error))?;
        self.file = open_file(&self.path).map_err(|error| failed(&self.path, &error))?;
        self.slots = [None, None];
        self.frozen = false;
        Ok(())
    }
}

impl Witness {
    /// Under another name, what is left of a log is held against the same.
    pub fn rename(folder: &Path, from: &str, to: &str) -> Result<(), Error> {
        let folder = folder.join("witness");
        there_or_not(&folder, fs::rename(folder.join(from), folder.join(to)))
    }

    pub fn remove(folder: &Path, name: &str) -> Result<(), Error> {
        let path = folder.join("witness").join(name);
        there_or_not(&path, fs::remove_file(&path))
    }
}

fn there_or_not(path: &Path, done: io::Result<()>) -> Result<(), Error> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path, &error)),
        _ => Ok(()),
    }
}

fn open_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::ours(format!(
        "the audit witness {} could not be used: {error}",
        path.display()
    ))
}
