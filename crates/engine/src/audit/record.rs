//! A record as bytes: its content as JSON, which can be erased, and its
//! skeleton, which stays; and the leaf that commits to both.

use daybook_kernel::ports::{Outcome, Record};
use serde::Serialize;
use serde_json::value::RawValue;

use super::tree::{Hash, leaf_hash, sha256};

pub(super) const SALT: usize = 16;

/// Opens every leaf, so that no later form can be read as this one.
const FORM: &[u8] = b"daybook/audit/v1\0";

/// What is left of a record when its content was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Skeleton<'a> {
    pub seq: i64,
    pub at_ms: i64,
    pub operation: &'a str,
    pub outcome: &'a str,
    pub actor: Option<&'a str>,
    pub target_kind: &'a str,
    pub content_hash: &'a [u8],
}

impl Skeleton<'_> {
    /// The hash of the leaf: numbers are 8 bytes, big end first, and before each
    /// text stands its length, so two different records never give the same bytes.
    pub(super) fn leaf(&self) -> Hash {
        self.leaf_as(self.seq)
    }

    /// The leaf that this record would have under another number.
    pub(super) fn leaf_as(&self, seq: i64) -> Hash {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(FORM);
        bytes.extend_from_slice(&seq.to_be_bytes());
        bytes.extend_from_slice(&self.at_ms.to_be_bytes());
        put(&mut bytes, self.operation.as_bytes());
        put(&mut bytes, self.outcome.as_bytes());
        match self.actor {
            Some(actor) => {
                bytes.push(1);
                put(&mut bytes, actor.as_bytes());
            }
            None => bytes.push(0),
        }
        put(&mut bytes, self.target_kind.as_bytes());
        put(&mut bytes, self.content_hash);
        leaf_hash(&bytes)
    }
}

fn put(bytes: &mut Vec<u8>, text: &[u8]) {
    bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
    bytes.extend_from_slice(text);
}

/// The salt keeps whoever holds the skeleton from guessing an erased content.
pub(super) fn content_hash(salt: &[u8], content: &str) -> Hash {
    sha256(&[salt, content.as_bytes()])
}

pub(super) const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::Refused => "refused",
    }
}

/// The content's JSON. Its fields are listed in the module's documentation.
pub(super) fn content_json(record: &Record) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Content<'a> {
        request: String,
        actor_kind: &'a str,
        actor_email: &'a str,
        token: Option<&'a str>,
        actor_role: Option<&'a str>,
        address: Option<&'a str>,
        agent: Option<&'a str>,
        target_id: &'a str,
        required_roles: &'a [&'a str],
        reason: &'a str,
        before: Option<&'a RawValue>,
        after: Option<&'a RawValue>,
    }
    serde_json::to_string(&Content {
        request: record.request.to_string(),
        actor_kind: record.actor_kind,
        actor_email: &record.actor_email,
        token: record.token.as_deref(),
        actor_role: record.actor_role,
        address: record.origin.as_ref().map(|origin| origin.address.as_str()),
        agent: record.origin.as_ref().map(|origin| origin.agent.as_str()),
        target_id: &record.target_id,
        required_roles: &record.required_roles,
        reason: &record.reason,
        before: record
            .before
            .as_deref()
            .map(serde_json::from_str)
            .transpose()?,
        after: record
            .after
            .as_deref()
            .map(serde_json::from_str)
            .transpose()?,
    })
}
