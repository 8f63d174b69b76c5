//! Alerts about members in the store.

use daybook_kernel::{Error, Param, Read, Row, Write};
use schemars::JsonSchema;
use serde::Serialize;

use super::kind::words;
use crate::instant;
use crate::members::EMAIL;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// As long as the instance keeps its own.
const KEPT_MS: i64 = 365 * DAY_MS;
/// More than is read, and still a small table: the oldest give way.
const ALERTS_MAX: i64 = 1_000;
const SHOWN_MAX: i64 = 200;

#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct MemberAlert {
    pub id: String,
    /// Such as `password_guessing`.
    pub kind: String,
    /// The same for people.
    pub title: String,
    /// What it is, and what to do.
    pub sentence: String,
    /// The id of the member.
    pub person: String,
    pub email: String,
    /// How often on that day, as far as this workspace was told: at the first time, the tenth,
    /// the hundredth and so on.
    pub times: i64,
    pub first_at: String,
    pub last_at: String,
    /// Since when an Owner or Admin knows of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<String>,
}

/// The newest first. Who is no member any more is nobody's business here.
pub(super) fn list(tx: &mut Read<'_>, with_seen: bool) -> Result<Vec<MemberAlert>, Error> {
    tx.all(
        "SELECT a.id, a.kind, a.person, m.email, a.times, a.first_at_ms, a.last_at_ms, a.seen_at_ms
         FROM member_alerts a JOIN members m ON m.person = a.person
         WHERE a.seen_at_ms = 0 OR CAST($1 AS BIGINT) = 1
         ORDER BY a.last_at_ms DESC, a.id LIMIT $2",
        &[i64::from(with_seen).into(), SHOWN_MAX.into()],
        read,
    )
}

pub(super) fn load(tx: &mut Read<'_>, id: &str) -> Result<Option<MemberAlert>, Error> {
    tx.first(
        "SELECT a.id, a.kind, a.person, m.email, a.times, a.first_at_ms, a.last_at_ms, a.seen_at_ms
         FROM member_alerts a JOIN members m ON m.person = a.person WHERE a.id = $1",
        &[Param::Text(id)],
        read,
    )
}

pub(super) fn count_unseen(tx: &mut Read<'_>) -> Result<i64, Error> {
    let count = tx.first(
        "SELECT count(*) FROM member_alerts a JOIN members m ON m.person = a.person
         WHERE a.seen_at_ms = 0",
        &[],
        |row| row.int(0),
    )?;
    Ok(count.unwrap_or(0))
}

/// False if it was seen already.
pub(super) fn note_seen(tx: &mut Write<'_>, id: &str) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let noted = tx.run(
        "UPDATE member_alerts SET seen_at_ms = $2 WHERE id = $1 AND seen_at_ms = 0",
        &[Param::Text(id), now.into()],
    )?;
    Ok(noted == 1)
}

/// What the instance says of an alert.
pub(super) struct Told<'a> {
    pub id: &'a str,
    pub kind: &'a str,
    pub person: &'a str,
    pub times: i64,
    pub first_at_ms: i64,
    pub last_at_ms: i64,
}

/// Keeps it, or counts it on. What is told twice, or late, changes nothing.
pub(super) fn keep(tx: &mut Write<'_>, told: &Told<'_>) -> Result<(), Error> {
    tx.run(
        "INSERT INTO member_alerts (id, kind, person, times, first_at_ms, last_at_ms, seen_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, 0)
         ON CONFLICT (id) DO UPDATE SET times = $4, last_at_ms = $6
         WHERE member_alerts.times < $4",
        &[
            Param::Text(told.id),
            Param::Text(told.kind),
            Param::Text(told.person),
            told.times.into(),
            told.first_at_ms.into(),
            told.last_at_ms.into(),
        ],
    )?;
    let oldest = tx.now().as_millisecond() - KEPT_MS;
    tx.run(
        "DELETE FROM member_alerts WHERE last_at_ms < $1 OR id NOT IN (
             SELECT id FROM member_alerts ORDER BY last_at_ms DESC, id LIMIT $2)",
        &[oldest.into(), ALERTS_MAX.into()],
    )?;
    Ok(())
}

/// What turned out to be nothing.
pub(super) fn remove(tx: &mut Write<'_>, id: &str) -> Result<(), Error> {
    let own = [Param::Text(id)];
    tx.run("DELETE FROM member_alerts WHERE id = $1", &own)?;
    Ok(())
}

/// The alerts about somebody who leaves.
pub(crate) fn remove_all_of(tx: &mut Write<'_>, person: &str) -> Result<(), Error> {
    let own = [Param::Text(person)];
    tx.run("DELETE FROM member_alerts WHERE person = $1", &own)?;
    Ok(())
}

fn read(row: &dyn Row) -> Result<MemberAlert, Error> {
    let kind = row.text(1)?.to_owned();
    let (title, sentence) = words(&kind);
    let seen_at_ms = row.int(7)?;
    Ok(MemberAlert {
        id: row.text(0)?.to_owned(),
        title: title.to_owned(),
        sentence: sentence.to_owned(),
        kind,
        person: row.text(2)?.to_owned(),
        email: row.sealed(3, EMAIL)?,
        times: row.int(4)?,
        first_at: instant(row.int(5)?),
        last_at: instant(row.int(6)?),
        seen_at: (seen_at_ms > 0).then(|| instant(seen_at_ms)),
    })
}
