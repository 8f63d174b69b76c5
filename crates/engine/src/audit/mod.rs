//! The audit log: one per database, append-only, in the transaction of what it
//! tells of. Its records are the leaves of a Merkle tree (RFC 6962) whose head
//! is signed at the end of each batch, and the latest head is also kept outside
//! the database. So a change of any past record shows, even to whoever holds no
//! more than an export and the public key.
//!
//! # What a record is
//!
//! `seq` counts from 1 without a gap; the index in the tree is `seq - 1`. The
//! *skeleton* is `seq`, `at_ms` (Unix milliseconds, UTC), `operation`, `outcome`
//! (`allowed` or `refused`), `actor` (the person's id, or NULL), `target_kind`
//! and `content_hash`. The *content* is JSON, sealed as `audit_records.content`:
//!
//! | field            | what it is                                                  |
//! |------------------|-------------------------------------------------------------|
//! | `request`        | the request's id, as in answers and logs                    |
//! | `actor_kind`     | `visitor`, `halfway` (a second factor is owed), `person`,   |
//! |                  | `invited`, `token`, `local` or `system`                     |
//! | `actor_email`    | the address at the time; empty if there was none            |
//! | `token`          | the API token's id, or null                                 |
//! | `actor_role`     | the role at the time, such as `Manager`; else in what other |
//! |                  | way they stood to the place, such as `Guest`, `No member`,  |
//! |                  | `Signed in` or `Operator`; null for Daybook's own work      |
//! | `address`        | where the request came from, or null for Daybook's own work |
//! | `agent`          | what the client called itself, or null likewise             |
//! | `target_id`      | the id of the thing; the column of that name repeats it     |
//! | `required_roles` | on a refusal: what would have been enough, in these words   |
//! | `reason`         | on a refusal: why; else empty                               |
//! | `before`,`after` | the thing before and after, as JSON of its own, or null     |
//!
//! `content_hash` is SHA-256 of `salt ‖ content`; the leaf commits to the
//! skeleton. Erasing (`retention`: after a year, what the instance's log tells and
//! refusals in a workspace's) sets `salt`, `content` and `target_id` to NULL: what is left
//! tells nothing of the content, and the log still verifies. An outsider cannot
//! tell a lawful erasure from another, so erasing must itself be an operation
//! with its own record; [`Verdict`] counts the erased.
//!
//! # What is found, and what cannot be
//!
//! [`verify`] holds each record against its own hashes, against the tiles, and
//! the whole against the signed checkpoint and the witness. Whoever recomputes
//! every hash still cannot sign; then the first bad record is known exactly where
//! the tiles prove to be the signed ones, and as "at or after" where the tiles
//! were rewritten too. Records that are younger than the last checkpoint do not
//! exist: each batch is sealed in its own transaction. Rolling back database
//! *and* witness together is found only against a checkpoint that somebody else
//! kept.

mod checkpoint;
mod examine;
mod export;
mod log;
mod proof;
mod record;
mod remains;
pub mod retention;
mod tiles;
mod tree;
mod verdict;
mod verify;
mod witness;

#[cfg(test)]
mod tests;

use daybook_kernel::{Connection, Error, Guard, GuardEvent};

pub use checkpoint::Checkpoint;
pub use export::{export, verify_export};
pub use log::{Appender, Log};
pub use proof::{verify_consistency, verify_inclusion};
pub use remains::copy_skeleton;
pub use tiles::{consistency, inclusion};
pub use tree::{Frontier, Hash, leaf_hash, node_hash};
pub use verdict::{Damage, Finding, Place, Verdict};
pub use verify::verify;
pub use witness::Witness;

/// The name that the content is sealed under.
pub const CONTENT: &str = "audit_records.content";

/// The tables of the log, in every database.
pub const MIGRATION: &str = "\
CREATE TABLE audit_records (
    seq BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    operation TEXT NOT NULL,
    outcome TEXT NOT NULL,
    actor TEXT,
    target_kind TEXT NOT NULL,
    target_id TEXT,
    leaf BYTEA NOT NULL,
    content_hash BYTEA NOT NULL,
    salt BYTEA,
    content BYTEA
);
CREATE INDEX audit_records_at ON audit_records (at_ms);
CREATE TABLE audit_tiles (
    level BIGINT NOT NULL,
    position BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, position)
);
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY,
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL,
    checkpoint TEXT NOT NULL
);
";

/// What the store itself refuses, whatever code runs: a record is never deleted,
/// and changes only by losing its content, after a year.
pub const GUARDS: &[Guard] = &[
    Guard {
        name: "audit_records_are_kept",
        table: "audit_records",
        on: GuardEvent::Delete,
        refuse_if: "1 = 1",
    },
    Guard {
        name: "audit_records_only_lose_content",
        table: "audit_records",
        on: GuardEvent::Update,
        refuse_if: "NEW.seq <> OLD.seq OR NEW.at_ms <> OLD.at_ms \
            OR NEW.operation <> OLD.operation OR NEW.outcome <> OLD.outcome \
            OR COALESCE(NEW.actor, '') <> COALESCE(OLD.actor, '') \
            OR NEW.target_kind <> OLD.target_kind OR NEW.leaf <> OLD.leaf \
            OR NEW.content_hash <> OLD.content_hash OR NEW.target_id IS NOT NULL \
            OR NEW.salt IS NOT NULL OR NEW.content IS NOT NULL",
    },
    Guard {
        name: "audit_content_is_kept_a_year",
        table: "audit_records",
        on: GuardEvent::Update,
        // `retention::KEPT_MS`, on the log's own clock.
        refuse_if: "OLD.at_ms > (SELECT max(at_ms) FROM audit_records) - 31536000000",
    },
];

/// Erases the content of a record; answers whether there was any. The caller
/// records that it did so.
pub fn erase(store: &mut dyn Connection, seq: i64) -> Result<bool, Error> {
    let touched = store.run(
        "UPDATE audit_records SET salt = NULL, content = NULL, target_id = NULL
         WHERE seq = $1 AND salt IS NOT NULL",
        &[seq.into()],
    )?;
    Ok(touched > 0)
}
