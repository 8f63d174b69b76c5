//! A year, and then the content goes: of everything in the instance's log, which
//! tells of sign-ins, and of refusals in a workspace's. What a workspace's members
//! did to its books stays as long as the books do. The skeletons stay, and the
//! log still verifies.
//!
//! The role that the server works with may not change or delete a record at all.
//! This is done by one of its own, which may erase content and nothing else, and
//! the store refuses it what is younger than a year: reckoned from the newest
//! record, so that no clock but the log's own is trusted.

use daybook_kernel::{Connection, Error, Scope};

pub const KEPT_MS: i64 = 365 * 24 * 60 * 60 * 1_000;
/// In one transaction, so that the writer waits for no more than that.
pub const AT_ONCE_MAX: i64 = 1_000;

const COUNT_OF_ALL: &str =
    "SELECT count(*) FROM audit_records WHERE at_ms < $1 AND salt IS NOT NULL";
const COUNT_OF_REFUSALS: &str = "SELECT count(*) FROM audit_records \
     WHERE at_ms < $1 AND salt IS NOT NULL AND outcome = 'refused'";
const ERASE_ALL: &str = "UPDATE audit_records SET salt = NULL, content = NULL, target_id = NULL \
     WHERE seq IN (SELECT seq FROM audit_records WHERE at_ms < $1 AND salt IS NOT NULL \
     ORDER BY at_ms, seq LIMIT $2)";
const ERASE_REFUSALS: &str = "UPDATE audit_records \
     SET salt = NULL, content = NULL, target_id = NULL \
     WHERE seq IN (SELECT seq FROM audit_records WHERE at_ms < $1 AND salt IS NOT NULL \
     AND outcome = 'refused' ORDER BY at_ms, seq LIMIT $2)";

/// How many records from before that instant (Unix milliseconds) are to be erased.
pub fn expired(store: &mut dyn Connection, scope: Scope, before_ms: i64) -> Result<i64, Error> {
    let sql = match scope {
        Scope::Instance => COUNT_OF_ALL,
        Scope::Workspace => COUNT_OF_REFUSALS,
    };
    let mut count = 0;
    store.each(sql, &[before_ms.into()], &mut |row| {
        count = row.int(0)?;
        Ok(())
    })?;
    Ok(count)
}

/// Erases the oldest of them; answers whether there may be more.
pub fn erase_expired(
    store: &mut dyn Connection,
    scope: Scope,
    before_ms: i64,
) -> Result<bool, Error> {
    let sql = match scope {
        Scope::Instance => ERASE_ALL,
        Scope::Workspace => ERASE_REFUSALS,
    };
    let erased = store.run(sql, &[before_ms.into(), AT_ONCE_MAX.into()])?;
    Ok(i64::try_from(erased) == Ok(AT_ONCE_MAX))
}
