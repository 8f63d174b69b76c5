//! What is durable: per file its bytes and the changes since its last sync, and
//! the names under which files can be found.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{Aside, Image, parent};

pub(super) type Inode = u64;

/// What kind of file SQLite opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Database,
    Log,
    Journal,
}

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A sync of such a file fails, and drops what it was to keep.
    Sync(Kind),
    /// There is no room for a write into such a file.
    Full(Kind),
}

#[derive(Debug, Clone)]
pub(super) enum Change {
    Write { at: u64, bytes: Vec<u8> },
    Truncate(u64),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    pub durable: Vec<u8>,
    pub pending: Vec<Change>,
}

pub(super) struct Model {
    folder: PathBuf,
    files: HashMap<Inode, Kept>,
    /// As the process sees them.
    names: HashMap<PathBuf, Inode>,
    durable_names: HashMap<PathBuf, Inode>,
    changes: u64,
    cut_at: Option<(u64, Aside)>,
    image: Option<Image>,
    trouble: Option<Trouble>,
    failed: u64,
}

struct Trouble {
    fault: Fault,
    passing: u64,
    times: u64,
}

impl Model {
    pub fn of(folder: PathBuf) -> std::io::Result<Self> {
        let mut model = Self {
            files: HashMap::new(),
            names: HashMap::new(),
            durable_names: HashMap::new(),
            changes: 0,
            cut_at: None,
            image: None,
            trouble: None,
            failed: 0,
            folder,
        };
        let folder = model.folder.clone();
        model.take_in(&folder)?;
        model.durable_names.clone_from(&model.names);
        Ok(model)
    }

    fn take_in(&mut self, folder: &Path) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.take_in(&path)?;
            } else if kind.is_file() && is_of_a_database(&path) {
                let inode = self.new_file(&path);
                let bytes = std::fs::read(&path)?;
                self.files.entry(inode).or_default().durable = bytes;
            }
        }
        Ok(())
    }

    fn new_file(&mut self, path: &Path) -> Inode {
        let inode = self.files.len() as Inode;
        self.files.insert(inode, Kept::default());
        self.names.insert(path.to_owned(), inode);
        inode
    }

    /// The file of this name, made if it is not there.
    pub fn open(&mut self, path: &Path) -> Inode {
        match self.names.get(path) {
            Some(inode) => *inode,
            None => self.new_file(path),
        }
    }

    pub fn delete(&mut self, path: &Path, folder_is_synced: bool) {
        self.begin_change();
        self.names.remove(path);
        if folder_is_synced {
            self.sync_folder(&parent(path));
        }
    }

    /// A write or a cut; whether it may happen.
    pub fn change(&mut self, inode: Inode, kind: Kind, change: Change) -> bool {
        if self.fails(Fault::Full(kind)) {
            return false;
        }
        if let Some(kept) = self.files.get_mut(&inode) {
            kept.pending.push(change);
        }
        // The power may go while it is under way, so it is pending already.
        self.begin_change();
        true
    }

    /// A sync; whether it succeeds. The first one of a journal syncs its folder.
    pub fn sync(&mut self, inode: Inode, kind: Kind, folder: Option<&Path>) -> bool {
        self.begin_change();
        let fails = self.fails(Fault::Sync(kind));
        if let Some(kept) = self.files.get_mut(&inode) {
            if fails {
                kept.pending.clear();
            } else {
                kept.sync();
            }
        }
        if let Some(folder) = folder.filter(|_| !fails) {
            self.sync_folder(folder);
        }
        !fails
    }

    fn sync_folder(&mut self, folder: &Path) {
        let lies_there = |path: &Path| parent(path) == folder;
        self.durable_names.retain(|path, _| !lies_there(path));
        let names = self.names.iter().filter(|(path, _)| lies_there(path));
        self.durable_names
            .extend(names.map(|(path, inode)| (path.clone(), *inode)));
    }

    fn begin_change(&mut self) {
        self.changes += 1;
        if self
            .cut_at
            .as_ref()
            .is_some_and(|(at, _)| *at <= self.changes)
        {
            self.cut();
        }
    }

    fn fails(&mut self, fault: Fault) -> bool {
        let Some(trouble) = self.trouble.as_mut().filter(|it| it.fault == fault) else {
            return false;
        };
        if trouble.passing > 0 {
            trouble.passing -= 1;
            return false;
        }
        if trouble.times == 0 {
            return false;
        }
        trouble.times -= 1;
        self.failed += 1;
        true
    }

    pub fn cut_after(&mut self, changes: u64, aside: Aside) {
        self.cut_at = Some((self.changes.saturating_add(changes), aside));
    }

    pub fn cut(&mut self) {
        if self.image.is_some() {
            return;
        }
        self.image = Some(Image {
            folder: self.folder.clone(),
            files: self.files.clone(),
            names: self.names.clone(),
            durable_names: self.durable_names.clone(),
        });
        if let Some((_, aside)) = self.cut_at.take() {
            aside();
        }
    }

    pub const fn is_cut(&self) -> bool {
        self.image.is_some()
    }

    pub fn image(&self) -> Image {
        self.image.clone().unwrap_or_default()
    }

    pub const fn changes(&self) -> u64 {
        self.changes
    }

    pub const fn failed(&self) -> u64 {
        self.failed
    }

    pub fn fail(&mut self, fault: Fault, passing: u64, times: u64) {
        self.trouble = Some(Trouble {
            fault,
            passing,
            times,
        });
    }

    pub fn heal(&mut self) {
        self.trouble = None;
    }
}

impl Kept {
    fn sync(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            apply(&mut self.durable, &change);
        }
    }
}

pub(super) fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { at, bytes: written } => put(bytes, *at, written),
        Change::Truncate(length) => bytes.resize(to_usize(*length), 0),
    }
}

pub(super) fn put(bytes: &mut Vec<u8>, at: u64, written: &[u8]) {
    let start = to_usize(at);
    let end = start.saturating_add(written.len());
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[start..end].copy_from_slice(written);
}

/// Files are far smaller than memory is addressed.
fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn is_of_a_database(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| {
        [".db", "-wal", "-journal"]
            .iter()
            .any(|end| name.ends_with(end))
    })
}
