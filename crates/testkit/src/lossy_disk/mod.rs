//! A disk that forgets: below SQLite, it remembers of each file what was synced
//! and what was only written. When the power goes, the latter is lost, wholly or
//! sector by sector, and the database is opened again on what is left.
//!
//! What it takes for granted is what POSIX grants and no more:
//! - A write is durable once its file is synced after it; until then any of its
//!   sectors may be there or not.
//! - A file's name is durable once its folder is synced, which SQLite does with
//!   the first sync of a journal. Until then a new file may be gone, and a
//!   deleted one back.
//! - A sync that fails says nothing of what was kept. Later ones do not bring
//!   back what it dropped: that is how Linux does it.
//!
//! The index of a write-ahead log (`-shm`) is memory that happens to have a
//! name; nothing of it is kept.

mod image;
mod model;
mod vfs;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use image::{Image, Loss};
pub use model::{Fault, Kind};

use model::Model;

/// What is taken note of at the moment the power goes.
type Aside = Box<dyn FnOnce() + Send>;

/// The databases below one folder, from now on kept by a disk that forgets.
/// Other files of the folder are not its business.
#[derive(Clone)]
pub struct LossyDisk {
    model: Arc<Mutex<Model>>,
}

impl LossyDisk {
    /// Lays itself below SQLite in this process, for the files of this folder.
    /// What lies there already is durable.
    pub fn below(folder: &Path) -> std::io::Result<Self> {
        let folder = folder.canonicalize()?;
        let model = Arc::new(Mutex::new(Model::of(folder.clone())?));
        vfs::lay_below(folder, &model)?;
        Ok(Self { model })
    }

    /// The power goes in the middle of the n-th change from now: the n-th write,
    /// cut, deletion or sync. What happens to the files afterwards is a dream.
    pub fn cut_after(&self, changes: u64, aside: impl FnOnce() + Send + 'static) {
        lock(&self.model).cut_after(changes, Box::new(aside));
    }

    /// The power goes now, if it has not gone.
    pub fn cut(&self) -> Image {
        let mut model = lock(&self.model);
        model.cut();
        model.image()
    }

    /// What was acknowledged before this turned true must be found again.
    pub fn is_cut(&self) -> bool {
        lock(&self.model).is_cut()
    }

    /// Writes, cuts, deletions and syncs that there have been.
    pub fn changes(&self) -> u64 {
        lock(&self.model).changes()
    }

    /// Lets some changes pass, and then makes so many of one kind fail.
    pub fn fail(&self, fault: Fault, passing: u64, times: u64) {
        lock(&self.model).fail(fault, passing, times);
    }

    /// How many changes failed by [`Self::fail`].
    pub fn failed(&self) -> u64 {
        lock(&self.model).failed()
    }

    pub fn heal(&self) {
        lock(&self.model).heal();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the path of a file lies.
fn parent(path: &Path) -> PathBuf {
    path.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}
