//! Invitations as they are spoken of.

use daybook_kernel::Role;
use schemars::JsonSchema;
use serde::Serialize;

/// Three days: a weekend lies within, and a forgotten one is not open for long.
pub(super) const OPEN_MS: i64 = 72 * 60 * 60 * 1_000;
/// More than join one set of books at a time; it bounds the letters that one
/// workspace can have sent.
pub(super) const OPEN_MAX: i64 = 200;
/// Letters of one invitation: more would be a nuisance.
pub(super) const SENDINGS_MAX: i64 = 5;

#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct Invitation {
    pub id: String,
    /// The address that is invited; nobody with another can accept.
    pub email: String,
    pub role: Role,
    /// Who invites.
    pub inviter: String,
    pub invited_at: String,
    /// Until when it can be accepted.
    pub expires_at: String,
    /// Letters that were sent for it.
    pub sendings: i64,
    /// Whether it is too old to be accepted.
    pub expired: bool,
}
