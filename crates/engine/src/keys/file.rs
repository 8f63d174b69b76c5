//! The file of the root key: made once, and read only where nobody else on the
//! machine could have read or replaced it.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use daybook_kernel::Entropy;
use daybook_kernel::id::hex;

use super::KeyError;
use super::derive::Secret;

const NAME: &str = "root.key";

/// The 32 bytes of `folder/root.key`, made now if there is no such file.
pub(super) fn read_or_make(folder: &Path, entropy: &dyn Entropy) -> Result<Secret, KeyError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| failed(folder, "make", source))?;
    let us = check_folder(folder, entropy)?;
    match make(folder, entropy) {
        Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
            read(&folder.join(NAME), us)
        }
        other => other,
    }
}

fn make(folder: &Path, entropy: &dyn Entropy) -> Result<Secret, KeyError> {
    let path = folder.join(NAME);
    let mut file = create_new(&path)?;
    let mut secret = Secret::default();
    let written = entropy
        .fill(&mut *secret)
        .map_err(|_| io::Error::other("no randomness"))
        .and_then(|()| file.write_all(&*secret))
        .and_then(|()| file.sync_all())
        .and_then(|()| File::open(folder)?.sync_all());
    if let Err(source) = written {
        // A torn key must not be taken for the real one at the next start.
        let _ = fs::remove_file(&path);
        return Err(failed(&path, "write", source));
    }
    Ok(secret)
}

fn create_new(path: &Path) -> Result<File, KeyError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| failed(path, "make", source))
}

fn read(path: &Path, us: u32) -> Result<Secret, KeyError> {
    let named = fs::symlink_metadata(path).map_err(|source| failed(path, "look at", source))?;
    check_file(path, &named, us)?;
    let mut file = File::open(path).map_err(|source| failed(path, "open", source))?;
    let opened = file
        .metadata()
        .map_err(|source| failed(path, "look at", source))?;
    // Whoever exchanged the file between the two looks is found by its inode.
    if (named.dev(), named.ino()) != (opened.dev(), opened.ino()) {
        return Err(KeyError::NotAFile(path.to_owned()));
    }
    check_file(path, &opened, us)?;
    let mut secret = Secret::default();
    file.read_exact(&mut *secret)
        .map_err(|source| failed(path, "read", source))?;
    Ok(secret)
}

fn check_file(path: &Path, metadata: &Metadata, us: u32) -> Result<(), KeyError> {
    if !metadata.file_type().is_file() {
        return Err(KeyError::NotAFile(path.to_owned()));
    }
    check_owner(path, metadata, us)?;
    let mode = metadata.mode() & 0o7777;
    if mode & !0o600 != 0 {
        return Err(KeyError::FileTooOpen {
            path: path.to_owned(),
            mode,
        });
    }
    if metadata.len() != 32 {
        return Err(KeyError::WrongLength {
            path: path.to_owned(),
            length: metadata.len(),
        });
    }
    Ok(())
}

/// Answers with the number of the user that Daybook runs as.
fn check_folder(folder: &Path, entropy: &dyn Entropy) -> Result<u32, KeyError> {
    let metadata =
        fs::symlink_metadata(folder).map_err(|source| failed(folder, "look at", source))?;
    if !metadata.file_type().is_dir() {
        return Err(KeyError::NotAFolder(folder.to_owned()));
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyError::FolderTooOpen {
            path: folder.to_owned(),
            mode,
        });
    }
    let us = own_user(folder, entropy)?;
    check_owner(folder, &metadata, us)?;
    Ok(us)
}

fn check_owner(path: &Path, metadata: &Metadata, us: u32) -> Result<(), KeyError> {
    let owner = metadata.uid();
    if owner == us {
        Ok(())
    } else {
        Err(KeyError::WrongOwner {
            path: path.to_owned(),
            owner,
            us,
        })
    }
}

/// The owner of a file that we make is who we are; the standard library has no
/// other safe way to ask.
fn own_user(folder: &Path, entropy: &dyn Entropy) -> Result<u32, KeyError> {
    let mut name = [0; 8];
    entropy
        .fill(&mut name)
        .map_err(|_| KeyError::Library("give randomness"))?;
    let path = folder.join(format!(".owner-{}", hex(&name)));
    let file = create_new(&path)?;
    let us = file.metadata().map(|metadata| metadata.uid());
    let removed = fs::remove_file(&path);
    removed
        .and(us)
        .map_err(|source| failed(&path, "look at", source))
}

fn failed(path: &Path, doing: &'static str, source: io::Error) -> KeyError {
    KeyError::Io {
        path: path.to_owned(),
        doing,
        source,
    }
}
