//! Files of keys: written whole or not at all, and read only where nobody else
//! on the machine could have read them.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::TlsError;

pub fn make_folder(folder: &Path) -> Result<(), TlsError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| failed(folder, &error))
}

/// A file with a key in it; nothing where there is none.
pub fn read_secret(path: &Path) -> Result<Option<String>, TlsError> {
    // A link is followed: keepers of certificates keep the newest behind one.
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, &error)),
    };
    let mode = metadata.mode() & 0o7777;
    if !metadata.is_file() || mode & !0o600 != 0 {
        return Err(TlsError(format!(
            "{} holds a key and has the mode {mode:04o}: others on this machine may read it. \
             Make it 0600, or put another key in its place.",
            path.display()
        )));
    }
    let read = fs::read_to_string(path);
    read.map(Some).map_err(|error| failed(path, &error))
}

/// Puts a file in place in one step.
pub fn write(path: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    let beside = path.with_extension("new");
    let write = || {
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|error| failed(path, &error))
}

pub fn failed(path: &Path, error: &dyn std::fmt::Display) -> TlsError {
    TlsError(format!("{}: {error}", path.display()))
}
