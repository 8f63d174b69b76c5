//! The doors through which the outside comes in. The engine stands behind each
//! in production; a test stands behind clock and entropy.

use std::sync::Arc;

use jiff::Timestamp;

use crate::caller::{Caller, Origin, Role};
use crate::error::Error;
use crate::id::{PersonId, RequestId, WorkspaceId};
use crate::operation::Resource;
use crate::sql::Connection;

pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

pub trait Entropy: Send + Sync {
    /// Fills the bytes from a cryptographically secure source.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error>;
}

/// Keys of the workspace at hand (or of the instance), by purpose.
pub trait Vault: Send + Sync {
    /// AES-256-GCM; the workspace and the purpose are bound into the text.
    fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, Error>;
    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Error>;
    /// HMAC-SHA-256 under a key of this purpose alone.
    fn keyed_hash(&self, purpose: &str, bytes: &[u8]) -> [u8; 32];
}

/// The people of the instance, as a workspace may ask for them.
pub trait People: Send + Sync {
    fn find(&self, email: &str) -> Result<Option<PersonId>, Error>;
}

/// Tells whoever waits how far a long command has come.
pub trait Progress: Send + Sync {
    fn report(&self, done: u64, total: u64);
}

/// What the policies are asked.
pub struct Question<'a> {
    pub caller: &'a Caller,
    pub operation: &'static str,
    pub resource: &'a Resource,
    /// Whether the caller showed a factor a moment ago.
    pub fresh: bool,
    /// `None` on the instance.
    pub workspace: Option<WorkspaceId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Allow,
    /// The policies that forbade it; empty when none permitted it.
    Deny {
        policies: Vec<String>,
    },
}

pub trait Authorizer: Send + Sync {
    fn decide(&self, question: &Question<'_>) -> Decision;
    /// The roles that may do this in their own workspace.
    fn roles_allowed(&self, operation: &str) -> &[Role];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Allowed,
    Refused,
}

/// One line of the audit log: who did what to which thing, and what changed.
#[derive(Debug, Clone)]
pub struct Record {
    pub at: Timestamp,
    pub request: RequestId,
    pub actor_kind: &'static str,
    pub actor: Option<PersonId>,
    pub actor_email: String,
    /// The token, if one was used.
    pub token: Option<String>,
    pub actor_role: Option<Role>,
    /// Where the request came from; nothing for Daybook's own work.
    pub origin: Option<Arc<Origin>>,
    pub operation: &'static str,
    pub target_kind: &'static str,
    pub target_id: String,
    pub outcome: Outcome,
    /// On a refusal: the roles that would have been enough.
    pub required_roles: Vec<Role>,
    /// On a refusal: why, as the policies' names or the road's sentence.
    pub reason: String,
    /// JSON of the thing before and after.
    pub before: Option<String>,
    pub after: Option<String>,
}

pub trait AuditLog {
    /// Adds a record inside the transaction at hand.
    fn append(&mut self, store: &mut dyn Connection, record: &Record) -> Result<(), Error>;
    /// Takes back the last record, whose savepoint failed after all: what the
    /// store was given to write later was refused.
    fn take_back(&mut self);
}
