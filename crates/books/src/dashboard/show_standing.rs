//! How far the books have come, in a few words: for whoever keeps many. Each
//! part is one step into an index, however long the books are.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::currencies;
use crate::dates;
use crate::periods::show_lock::PeriodLock;
use crate::periods::sql::locked_through;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowStanding {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Standing {
    /// What the books are kept in; none if that is not chosen yet.
    pub base_currency: Option<String>,
    /// How many entries there are.
    pub entries: i64,
    /// The latest day of the books that has an entry.
    pub booked_through: Option<String>,
    /// The entry that was posted last.
    pub last_entry: Option<LastEntry>,
    /// The last locked day; none if nothing is locked.
    pub locked_through: Option<String>,
    /// Whether it tells only of the entries that are assigned to you.
    pub assigned_only: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LastEntry {
    pub number: i64,
    /// Its day in the books.
    pub date: String,
    /// RFC 3339, UTC.
    pub posted_at: String,
}

impl Query for ShowStanding {
    const SPEC: Spec = Spec {
        name: "books.show_standing",
        summary: "Tells how far the books have come: the last entries and the lock.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Standing;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Standing, Error> {
        let last = tx.first(
            "SELECT number, date, posted_at_ms FROM entries ORDER BY number DESC LIMIT 1",
            &[],
            |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)),
        )?;
        let last_entry = last.map(|(number, day, posted_at_ms)| {
            let posted_at = jiff::Timestamp::from_millisecond(posted_at_ms);
            Ok::<_, Error>(LastEntry {
                number,
                date: dates::iso(day),
                posted_at: posted_at.map_err(Error::ours)?.to_string(),
            })
        });
        let last_entry = last_entry.transpose()?;
        let latest = tx.first("SELECT COALESCE(max(date), 0) FROM entries", &[], |row| {
            row.int(0)
        })?;
        // Numbers have no gaps, unless some of them are not seen.
        let entries = if tx.sees_all() {
            last_entry.as_ref().map(|it| it.number)
        } else {
            tx.first("SELECT count(*) FROM entries", &[], |row| row.int(0))?
        };
        Ok(Standing {
            assigned_only: !tx.sees_all(),
            booked_through: latest.filter(|day| *day > 0).map(dates::iso),
            base_currency: currencies::sql::base(tx)?.map(|it| it.code().to_owned()),
            entries: entries.unwrap_or_default(),
            last_entry,
            locked_through: PeriodLock::through(locked_through(tx)?).locked_through,
        })
    }
}
