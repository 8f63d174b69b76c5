//! The doors through which the outside comes in. The engine stands behind each
//! in production; a test stands behind clock and entropy.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::caller::{Caller, Origin, Role};
use crate::error::Error;
use crate::grant::{GrantScope, Vouched};
use crate::id::{PersonId, RequestId, WorkspaceId};
use crate::operation::{Operation, Resource};
use crate::sql::Connection;
use crate::standing::Standing;

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

/// How passwords are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordScheme {
    #[default]
    Argon2id,
    Bcrypt,
}

/// What the instance asks of passwords, and of whoever tries them.
pub trait Passwords: Send + Sync {
    fn scheme(&self) -> PasswordScheme;
    /// Tries a minute at one account, and from one address.
    fn tries_per_minute(&self) -> u32;
    /// Whether the password is on the list of those that attackers try first.
    fn is_breached(&self, password: &[u8]) -> Result<bool, Error>;
}

/// An identity provider whose word the instance takes, as its operator set it up.
pub struct Provider {
    /// Its name in addresses, such as `google`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its own address, as it signs.
    pub issuer: String,
    /// Under what it knows this instance.
    pub client_id: String,
    pub client_secret: Option<Zeroizing<String>>,
    /// How it may sign: names of RFC 7518, such as `RS256`.
    pub algorithms: Vec<String>,
}

/// One question to the outside: a GET or, with a body, a POST.
pub struct Outward {
    pub address: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    /// How old an answer to the same GET may be, in milliseconds.
    pub age_ms_max: i64,
    /// A longer answer is none.
    pub bytes_max: usize,
}

impl Outward {
    /// Keys of a provider, say, take a few thousand bytes.
    pub const BYTES_USUAL: usize = 256 << 10;
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Why there is no answer, for the log.
#[derive(Debug, Clone)]
pub struct Unreachable(pub String);

/// The world outside, by the one way there is to it. It waits for the answer,
/// so it is never asked inside a transaction.
pub trait Outside: Send + Sync {
    fn providers(&self) -> &[Provider];
    fn ask(&self, question: &Outward) -> Result<Answer, Unreachable>;
}

/// For an instance that asks nobody.
pub struct Nobody;

impl Outside for Nobody {
    fn providers(&self) -> &[Provider] {
        &[]
    }

    fn ask(&self, _: &Outward) -> Result<Answer, Unreachable> {
        Err(Unreachable("this instance asks nobody".to_owned()))
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreachable {}

/// The people of the instance, as a workspace may ask for them.
pub trait People: Send + Sync {
    fn find(&self, email: &str) -> Result<Option<PersonId>, Error>;
    /// The one key of an address, however it is written.
    fn address_key(&self, email: &str) -> String;
}

/// One question, asked of several companies at once.
pub struct Abroad<'a> {
    pub query: &'static Operation,
    pub input: &'a [u8],
    /// Each with what the practice said of it.
    pub companies: Vec<(WorkspaceId, Vouched)>,
}

/// What one company said: its answer as JSON, once its log tells of the asking,
/// and what the practice's log is to be told.
pub struct Heard {
    pub answer: Result<Vec<u8>, Error>,
    pub record: Option<Record>,
}

/// The way from a practice to its companies, as a page takes it.
pub trait Neighbours: Send + Sync {
    /// What each said, in the order of the question.
    fn ask(&self, question: Abroad<'_>) -> Vec<Heard>;
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
    /// How that workspace stands.
    pub standing: Standing,
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
    /// The scopes of grants that hold this.
    fn grants_allowed(&self, operation: &str) -> &[GrantScope];
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
    /// The role here, or in what other way the caller stands to the place.
    pub actor_role: Option<&'static str>,
    /// Where the request came from; nothing for Daybook's own work.
    pub origin: Option<Arc<Origin>>,
    pub operation: &'static str,
    pub target_kind: &'static str,
    pub target_id: String,
    pub outcome: Outcome,
    /// On a refusal: what would have been enough, in the words of `actor_role`.
    pub required_roles: Vec<&'static str>,
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
