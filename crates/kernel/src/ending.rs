//! The end of a workspace, as its directory keeps it: which are due, what is
//! left of them, and for how long.

use crate::error::Error;
use crate::id::WorkspaceId;
use crate::road::Swept;
use crate::transaction::{Read, Write};

/// A workspace of which nothing but the skeleton of its log is to stay.
#[derive(Debug, Clone)]
pub struct Dying {
    pub id: WorkspaceId,
    /// Its key, sealed under the instance's.
    pub wrapped_key: Vec<u8>,
}

/// What is left of a workspace that is erased.
#[derive(Debug, Clone)]
pub struct Remains {
    pub id: WorkspaceId,
    /// The key of what is left: the workspace's own is destroyed.
    pub wrapped_key: Vec<u8>,
    pub erased_at_ms: i64,
}

/// All in the instance.
#[derive(Clone, Copy)]
pub struct Ending {
    /// Those whose days are over, and that are not locked.
    pub dying: fn(&mut Read<'_>) -> Result<Vec<Dying>, Error>,
    /// The key under which what is left is kept. From here on nobody takes the
    /// workspace back or opens it; asked again it is the same key.
    pub seal: fn(&mut Write<'_>, WorkspaceId) -> Result<Vec<u8>, Error>,
    /// The database is gone: the key is destroyed, and what names customers.
    pub erase: fn(&mut Write<'_>, WorkspaceId) -> Result<Swept, Error>,
    pub remains: fn(&mut Read<'_>) -> Result<Vec<Remains>, Error>,
    /// What was left is gone, too.
    pub forget: fn(&mut Write<'_>, WorkspaceId) -> Result<Swept, Error>,
}
