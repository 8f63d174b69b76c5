//! Keys: one root key in a file, one key per workspace wrapped by it, and from
//! each, by HKDF, a key for every purpose. A text that was sealed in one
//! workspace, or for one column, opens nowhere else.
//!
//! ```text
//! root.key ─┬─ wraps ──── key of workspace A ─┬─ database   (the SQLCipher key)
//!           │                                 ├─ fields/…   (AES-256-GCM, one a column)
//!           │                                 └─ index/…    (HMAC-SHA-256, one a column)
//!           ├─ wraps ──── key of workspace B ── …
//!           ├─ instance ─ the same purposes for the instance's own database
//!           └─ checkpoints/… (Ed25519, one an audit log)
//! ```
//!
//! The checkpoint keys hang on the root key and not on the workspace's, so that
//! whoever holds one workspace's key can read it but cannot sign its past anew.

mod clock;
mod derive;
mod entropy;
mod file;
mod root;
mod signing;
mod vault;
mod workspace;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;

use daybook_kernel::{Error, WorkspaceId};

pub use clock::SystemClock;
pub use entropy::SystemEntropy;
pub use root::RootKey;
pub use signing::{CheckpointKey, CheckpointSigner};
pub use vault::WorkspaceVault;
pub use workspace::WorkspaceKey;

/// Whose key it is. Bound into every derivation and every sealed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyOwner {
    Instance,
    Workspace(WorkspaceId),
}

impl fmt::Display for KeyOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance => f.write_str("instance"),
            Self::Workspace(id) => id.fmt(f),
        }
    }
}

/// Why a key could not be had. Each sentence says what to do.
#[derive(Debug)]
pub enum KeyError {
    Io {
        path: PathBuf,
        doing: &'static str,
        source: std::io::Error,
    },
    FolderTooOpen {
        path: PathBuf,
        mode: u32,
    },
    NotAFolder(PathBuf),
    FileTooOpen {
        path: PathBuf,
        mode: u32,
    },
    NotAFile(PathBuf),
    WrongOwner {
        path: PathBuf,
        owner: u32,
        us: u32,
    },
    WrongLength {
        path: PathBuf,
        length: u64,
    },
    /// The root key that wrapped this is not the one at hand.
    OtherRootKey,
    /// The wrapped key names another workspace than the one that was asked for.
    OtherWorkspace {
        asked: WorkspaceId,
        found: WorkspaceId,
    },
    /// The wrapped key is cut short, of a later version, or was changed.
    Damaged(WorkspaceId),
    /// The cryptographic library refused.
    Library(&'static str),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, doing, .. } => {
                write!(f, "Could not {doing} {}. Check the folder, the disk and the rights.", path.display())
            }
            Self::FolderTooOpen { path, mode } => write!(
                f,
                "The folder {0} has mode {mode:04o}, so others on this machine could reach the root key. Run: chmod 700 {0}",
                path.display()
            ),
            Self::NotAFolder(path) => write!(
                f,
                "{} is not a folder of its own (a file or a symbolic link). Name the real folder.",
                path.display()
            ),
            Self::FileTooOpen { path, mode } => write!(
                f,
                "The root key {0} has mode {mode:04o}, so others on this machine may have read it. Run: chmod 600 {0}",
                path.display()
            ),
            Self::NotAFile(path) => write!(
                f,
                "The root key {} is not a plain file (a folder or a symbolic link). Put the key itself there.",
                path.display()
            ),
            Self::WrongOwner { path, owner, us } => write!(
                f,
                "{0} belongs to user {owner}, and Daybook runs as user {us}. Run Daybook as its owner, or: chown {us} {0}",
                path.display()
            ),
            Self::WrongLength { path, length } => write!(
                f,
                "The root key {} has {length} bytes and must have 32. Bring it back from the copy you keep; without it the data cannot be read.",
                path.display()
            ),
            Self::OtherRootKey => f.write_str(
                "The key of this workspace was wrapped by another root key. Bring back the root.key that belongs to this data.",
            ),
            Self::OtherWorkspace { asked, found } => write!(
                f,
                "The wrapped key belongs to workspace {found}, not to {asked}. Bring back the directory of workspaces from a backup."
            ),
            Self::Damaged(workspace) => write!(
                f,
                "The wrapped key of workspace {workspace} was changed or cut short. Bring it back from a backup."
            ),
            Self::Library(what) => write!(f, "The cryptographic library could not {what}. Restart Daybook; if it stays, the machine is at fault."),
        }
    }
}

impl std::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        match std::error::Error::source(&error) {
            Some(source) => Self::Ours(format!("{error} ({source})")),
            None => Self::Ours(error.to_string()),
        }
    }
}
