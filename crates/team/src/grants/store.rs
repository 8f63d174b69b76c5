//! Grants in the store, and what the road asks of each side.

use daybook_kernel::grant::{Given, Received};
use daybook_kernel::{Caller, Error, GrantScope, Param, Read, Row, WorkspaceId, Write};

use super::model::{Grant, Side, State, last_day};
use crate::instant;

const OTHER_NAME: &str = "grants.other_name";
const PURPOSE: &str = "grants.purpose";
const OFFERED_BY: &str = "grants.offered_by";
const ACCEPTED_BY: &str = "grants.accepted_by";
const ENDED_BY: &str = "grants.ended_by";

pub(super) struct New<'a> {
    pub id: &'a str,
    pub side: Side,
    pub other: &'a str,
    /// Slug and name of the other workspace, where they are known.
    pub other_known: (&'a str, &'a str),
    pub scope: GrantScope,
    pub purpose: &'a str,
    pub offered_by: &'a str,
    pub offered_at_ms: i64,
    pub expires_at_ms: i64,
}

/// Who does something to a grant, and when.
pub(super) struct Hand<'a> {
    pub email: &'a str,
    pub at_ms: i64,
}

impl<'a> Hand<'a> {
    pub fn of(tx: &Write<'_>, caller: &'a Caller) -> Self {
        Self {
            email: &caller.email,
            at_ms: tx.now().as_millisecond(),
        }
    }
}

/// What a company's own side says of a grant, for the road. That the practice
/// has accepted it is the practice's to say.
pub fn given(
    tx: &mut Read<'_>,
    practice: WorkspaceId,
    grant: &str,
) -> Result<Option<Given>, Error> {
    tx.first(
        "SELECT scope, state, expires_at_ms, (SELECT count(*) FROM access_policies)
         FROM grants WHERE id = $1 AND side = 'given' AND other = $2",
        &[grant.into(), Param::Text(&practice.to_string())],
        |row| {
            Ok(Given {
                scope: scope(row, 0)?,
                ended: state(row, 1)?.has_ended(),
                expires_at_ms: row.int(2)?,
                guarded: row.int(3)? != 0,
            })
        },
    )
}

/// How a practice reaches a company, for the road: by the grant that holds
/// longest, or else by the last one there was. That the company has ended it is
/// the company's to say.
pub fn received(tx: &mut Read<'_>, company: WorkspaceId) -> Result<Option<Received>, Error> {
    tx.first(
        "SELECT id, state FROM grants WHERE side = 'received' AND other = $1
         ORDER BY CASE state WHEN 'accepted' THEN 0 WHEN 'revoked' THEN 1 ELSE 2 END,
             expires_at_ms DESC, id LIMIT 1",
        &[Param::Text(&company.to_string())],
        |row| {
            let closed = match state(row, 1)? {
                State::Accepted | State::Revoked => None,
                State::Offered => {
                    Some("This grant waits for an Owner of your workspace to accept it.")
                }
                State::Returned => Some("Your workspace has given this grant back."),
            };
            Ok(Received {
                grant: row.text(0)?.to_owned(),
                closed: closed.map(str::to_owned),
            })
        },
    )
}

pub(crate) fn load(tx: &mut Read<'_>, side: Side, id: &str) -> Result<Option<Grant>, Error> {
    let now = tx.now().as_millisecond();
    tx.first(
        "SELECT id, other, other_slug, other_name, scope, purpose, expires_at_ms, state,
             offered_by, offered_at_ms, accepted_by, accepted_at_ms, ended_by, ended_at_ms
         FROM grants WHERE id = $1 AND side = $2",
        &[id.into(), side.name().into()],
        |row| read(row, now),
    )
}

/// The newest first.
pub(super) fn all(tx: &mut Read<'_>, side: Side, limit: i64) -> Result<Vec<Grant>, Error> {
    let now = tx.now().as_millisecond();
    tx.all(
        "SELECT id, other, other_slug, other_name, scope, purpose, expires_at_ms, state,
             offered_by, offered_at_ms, accepted_by, accepted_at_ms, ended_by, ended_at_ms
         FROM grants WHERE side = $1 ORDER BY offered_at_ms DESC, id LIMIT $2",
        &[side.name().into(), limit.into()],
        |row| read(row, now),
    )
}

/// What a practice has accepted and neither side has ended: one grant a company,
/// the one that holds longest. Expired ones are among them.
pub(crate) fn held(tx: &mut Read<'_>) -> Result<Vec<Grant>, Error> {
    let now = tx.now().as_millisecond();
    let mut all = tx.all(
        "SELECT id, other, other_slug, other_name, scope, purpose, expires_at_ms, state,
             offered_by, offered_at_ms, accepted_by, accepted_at_ms, ended_by, ended_at_ms
         FROM grants WHERE side = 'received' AND state = 'accepted'
         ORDER BY expires_at_ms DESC, id",
        &[],
        |row| read(row, now),
    )?;
    let mut seen = std::collections::HashSet::new();
    all.retain(|it| seen.insert(it.other.clone()));
    // Names are sealed in the store, so they are put in order here.
    all.sort_by_cached_key(|it| (it.other_name.to_lowercase(), it.other.clone()));
    Ok(all)
}

/// Grants of one side that have not ended.
pub(super) fn count_open(tx: &mut Read<'_>, side: Side) -> Result<i64, Error> {
    let now = tx.now().as_millisecond();
    let count = tx.first(
        "SELECT count(*) FROM grants WHERE side = $1 AND expires_at_ms > $2
             AND state IN ('offered', 'accepted')",
        &[side.name().into(), now.into()],
        |row| row.int(0),
    )?;
    Ok(count.unwrap_or(0))
}

/// False if it is there already.
pub(super) fn insert(tx: &mut Write<'_>, new: &New<'_>) -> Result<bool, Error> {
    let sealed = |column, text| Param::Sealed { column, text };
    let (slug, name) = new.other_known;
    let rows = tx.run(
        "INSERT INTO grants (id, side, other, other_slug, other_name, scope, purpose, offered_by,
             offered_at_ms, expires_at_ms, state, accepted_at_ms, ended_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'offered', 0, 0)
         ON CONFLICT (id) DO NOTHING",
        &[
            new.id.into(),
            new.side.name().into(),
            new.other.into(),
            slug.into(),
            sealed(OTHER_NAME, name),
            new.scope.name().into(),
            sealed(PURPOSE, new.purpose),
            sealed(OFFERED_BY, new.offered_by),
            new.offered_at_ms.into(),
            new.expires_at_ms.into(),
        ],
    )?;
    Ok(rows == 1)
}

/// Accepts what is offered. False if it is not, any more.
pub(super) fn accept(
    tx: &mut Write<'_>,
    side: Side,
    id: &str,
    by: &Hand<'_>,
) -> Result<bool, Error> {
    let rows = tx.run(
        "UPDATE grants SET state = 'accepted', accepted_by = $3, accepted_at_ms = $4
         WHERE id = $1 AND side = $2 AND state = 'offered'",
        &[
            id.into(),
            side.name().into(),
            Param::Sealed {
                column: ACCEPTED_BY,
                text: by.email,
            },
            by.at_ms.into(),
        ],
    )?;
    Ok(rows == 1)
}

/// Ends what is offered or accepted. False if it has ended already.
pub(super) fn end(
    tx: &mut Write<'_>,
    (side, id): (Side, &str),
    state: State,
    by: &Hand<'_>,
) -> Result<bool, Error> {
    let rows = tx.run(
        "UPDATE grants SET state = $3, ended_by = $4, ended_at_ms = $5
         WHERE id = $1 AND side = $2 AND state IN ('offered', 'accepted')",
        &[
            id.into(),
            side.name().into(),
            state.name().into(),
            Param::Sealed {
                column: ENDED_BY,
                text: by.email,
            },
            by.at_ms.into(),
        ],
    )?;
    Ok(rows == 1)
}

/// Notes what the other workspace is called, as the engine vouches for it.
pub(super) fn name_other(
    tx: &mut Write<'_>,
    id: &str,
    slug: &str,
    name: &str,
) -> Result<(), Error> {
    tx.run(
        "UPDATE grants SET other_slug = $2, other_name = $3 WHERE id = $1",
        &[
            id.into(),
            slug.into(),
            Param::Sealed {
                column: OTHER_NAME,
                text: name,
            },
        ],
    )?;
    Ok(())
}

fn scope(row: &dyn Row, column: usize) -> Result<GrantScope, Error> {
    let name = row.text(column)?;
    GrantScope::parse(name).ok_or_else(|| Error::ours(format!("the store has a scope {name}")))
}

fn state(row: &dyn Row, column: usize) -> Result<State, Error> {
    let name = row.text(column)?;
    State::parse(name).ok_or_else(|| Error::ours(format!("the store has a state {name}")))
}

fn read(row: &dyn Row, now: i64) -> Result<Grant, Error> {
    let expires_at_ms = row.int(6)?;
    let at = |at_ms: i64| (at_ms > 0).then(|| instant(at_ms));
    Ok(Grant {
        grant: row.text(0)?.to_owned(),
        other: row.text(1)?.to_owned(),
        other_slug: row.text(2)?.to_owned(),
        other_name: row.sealed(3, OTHER_NAME)?,
        scope: scope(row, 4)?,
        purpose: row.sealed(5, PURPOSE)?,
        until: last_day(expires_at_ms),
        state: state(row, 7)?,
        expired: expires_at_ms <= now,
        offered_by: row.sealed(8, OFFERED_BY)?,
        offered_at: instant(row.int(9)?),
        accepted_by: row.sealed(10, ACCEPTED_BY)?,
        accepted_at: at(row.int(11)?),
        ended_by: row.sealed(12, ENDED_BY)?,
        ended_at: at(row.int(13)?),
    })
}
