//! Alerts in the store. Raising one more on the same day costs one row's update,
//! so whoever is at work cannot fill the store with it.

use daybook_kernel::id::hex;
use daybook_kernel::{Error, Param, PersonId, Read, Write};

use super::AlertKind;
use crate::workspaces::{Trouble, tell_trouble};

pub(super) const ADDRESS: &str = "alerts.address";
const PURPOSE: &str = "alerts.id";

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// As long as records of a breach are looked for.
const KEPT_MS: i64 = 365 * DAY_MS;
/// More than an operator reads, and still a small table: the oldest give way.
pub(super) const ALERTS_MAX: i64 = 10_000;

/// What happened.
pub(crate) struct Alert<'a> {
    pub kind: AlertKind,
    /// What it is about, by whatever names it once: it is kept as a keyed hash.
    pub subject: &'a str,
    pub person: Option<PersonId>,
    /// From where it came this time.
    pub address: &'a str,
}

/// An alert that was raised just now.
pub(crate) struct Raised(String);

/// Raises an alert, or counts it once more if it was raised today (UTC) already.
pub(crate) fn raise(tx: &mut Write<'_>, alert: &Alert<'_>) -> Result<Raised, Error> {
    let now = tx.now().as_millisecond();
    let day = now.div_euclid(DAY_MS).to_string();
    let name = [alert.kind.name(), "\0", alert.subject, "\0", &day].concat();
    let hash = tx.vault().keyed_hash(PURPOSE, name.as_bytes());
    let id = hex(&hash[..16]);
    let person = alert.person.map(|it| it.to_string()).unwrap_or_default();
    let raised = tx.first(
        "INSERT INTO alerts (id, kind, person, address, times, first_at_ms, last_at_ms, seen_at_ms)
         VALUES ($1, $2, $3, $4, 1, $5, $5, 0)
         ON CONFLICT (id) DO UPDATE SET times = alerts.times + 1, last_at_ms = $5, address = $4
         RETURNING times, first_at_ms",
        &[
            Param::Text(&id),
            alert.kind.name().into(),
            Param::Text(&person),
            Param::Sealed {
                column: ADDRESS,
                text: alert.address,
            },
            now.into(),
        ],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    let (times, first_at_ms) = raised.unwrap_or_default();
    if let Some(person) = alert.person.filter(|_| is_told(times)) {
        let trouble = Trouble {
            id: &id,
            kind: alert.kind.name(),
            times,
            first_at_ms,
            last_at_ms: now,
        };
        tell_trouble(tx, person, &trouble)?;
    }
    if times == 1 {
        tracing::warn!(
            kind = alert.kind.name(),
            "an alert was raised; `daybook do identity.list_alerts` shows it"
        );
        make_room(tx, now)?;
    }
    Ok(Raised(id))
}

/// The workspaces of whom it is about hear of the first time, the tenth, the
/// hundredth: whoever is at work cannot keep them busy with it.
fn is_told(times: i64) -> bool {
    u64::try_from(times).is_ok_and(|times| times > 0 && 10_u64.pow(times.ilog10()) == times)
}

/// Takes back what turned out to be nothing.
pub(crate) fn withdraw(tx: &mut Write<'_>, raised: &Raised) -> Result<(), Error> {
    let own = [Param::Text(&raised.0)];
    tx.run("UPDATE alerts SET times = times - 1 WHERE id = $1", &own)?;
    let nothing = tx.first(
        "DELETE FROM alerts WHERE id = $1 AND times = 0 RETURNING kind, person, last_at_ms",
        &own,
        |row| {
            let kind = row.text(0)?.to_owned();
            Ok((kind, row.text(1)?.parse::<PersonId>().ok(), row.int(2)?))
        },
    )?;
    let Some((kind, Some(person), at_ms)) = nothing else {
        return Ok(());
    };
    let nothing = Trouble {
        id: &raised.0,
        kind: &kind,
        times: 0,
        first_at_ms: at_ms,
        last_at_ms: at_ms,
    };
    tell_trouble(tx, person, &nothing)
}

/// How many alerts of each kind nobody has seen yet.
pub fn unseen(tx: &mut Read<'_>) -> Result<Vec<(&'static str, i64)>, Error> {
    let counted = tx.all(
        "SELECT kind, count(*) FROM alerts WHERE seen_at_ms = 0 GROUP BY kind",
        &[],
        |row| Ok((row.text(0)?.to_owned(), row.int(1)?)),
    )?;
    let count = |kind: AlertKind| {
        let found = counted.iter().find(|(name, _)| name == kind.name());
        (kind.name(), found.map_or(0, |(_, count)| *count))
    };
    Ok(AlertKind::ALL.map(count).to_vec())
}

fn make_room(tx: &mut Write<'_>, now: i64) -> Result<(), Error> {
    tx.run(
        "DELETE FROM alerts WHERE last_at_ms < $1 OR id NOT IN (
             SELECT id FROM alerts ORDER BY last_at_ms DESC, id LIMIT $2)",
        &[(now - KEPT_MS).into(), ALERTS_MAX.into()],
    )?;
    Ok(())
}
