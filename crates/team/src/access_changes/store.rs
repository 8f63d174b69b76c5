//! The published list in the store.

use daybook_kernel::{Caller, Error, Param, Read, Write};

use super::list_access_changes::AccessChange;
use crate::instant;

const ACTOR: &str = "access_changes.actor";
const SUBJECT: &str = "access_changes.subject";
const OLD: &str = "access_changes.old";
const NEW: &str = "access_changes.new";

/// A change as it is published.
pub(crate) struct News<'a> {
    /// `role`, `member`, `policy`, `token`, `device` or `grant`.
    pub kind: &'static str,
    /// Whom or what it is about.
    pub subject: &'a str,
    /// Empty where there was nothing before.
    pub old: &'a str,
    /// Empty where there is nothing after.
    pub new: &'a str,
}

/// Publishes a change in the transaction that makes it.
pub(crate) fn publish(tx: &mut Write<'_>, actor: &Caller, news: &News<'_>) -> Result<(), Error> {
    let sealed = |column, text| Param::Sealed { column, text };
    let who = if actor.email.is_empty() {
        actor.kind_name()
    } else {
        &actor.email
    };
    let now = tx.now().as_millisecond();
    tx.run(
        "INSERT INTO access_changes (at_ms, actor, kind, subject, old, new)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            now.into(),
            sealed(ACTOR, who),
            Param::Text(news.kind),
            sealed(SUBJECT, news.subject),
            sealed(OLD, news.old),
            sealed(NEW, news.new),
        ],
    )?;
    Ok(())
}

/// The newest first, before this number.
pub(super) fn page(tx: &mut Read<'_>, before: i64, limit: i64) -> Result<Vec<AccessChange>, Error> {
    tx.all(
        "SELECT id, at_ms, actor, kind, subject, old, new FROM access_changes
         WHERE id < $1 ORDER BY id DESC LIMIT $2",
        &[before.into(), limit.into()],
        |row| {
            Ok(AccessChange {
                number: row.int(0)?,
                at: instant(row.int(1)?),
                actor: row.sealed(2, ACTOR)?,
                kind: row.text(3)?.to_owned(),
                subject: row.sealed(4, SUBJECT)?,
                old: row.sealed(5, OLD)?,
                new: row.sealed(6, NEW)?,
            })
        },
    )
}
