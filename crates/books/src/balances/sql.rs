//! Kept balances in the store: what a date asks for.
//!
//! `running_balances` holds, for each account and currency that moved, sums that run to the end
//! of a day, of a month or of a year (`until`: 20260131, 202601, 2026). The sum of a day runs
//! within its month, that of a month within its year, that of a year from the beginning
//! (`span`: 202601, 2026, 0). The rows of a span lie together, so that the figures of one date
//! are on few pages, which have to be decrypted anew after each commit of the writer.

use std::collections::HashMap;

use daybook_kernel::time::month_of;
use daybook_kernel::{Currency, Error, Read, Row, Write};

use super::settling::add;
use crate::accounts::list_accounts::Balance;
use crate::currencies::sql::Scales;

/// The month of a day, the year of a month.
pub(super) const fn wider(until: i64) -> i64 {
    until / 100
}

/// Where a sum begins that runs until this day, month or year.
pub(super) const fn span_of(until: i64) -> i64 {
    const YEAR_LAST: i64 = 9_999;
    if until > YEAR_LAST { wider(until) } else { 0 }
}

/// The balances at the end of day $1 of month $2 of year $3, of the accounts from $4 to $5: what
/// moved until the year before, in the year until the month before, and in the month until the
/// day. Three seeks for each account and currency, however many entries there are, and three
/// more only where the base amounts are not the amounts.
const AT: &str = "SELECT b.account, b.currency, b.base_differs, \
       (SELECT y.moved FROM running_balances y WHERE y.span = 0 AND y.account = b.account \
          AND y.currency = b.currency AND y.until < $3 ORDER BY y.until DESC LIMIT 1), \
       (SELECT m.moved FROM running_balances m WHERE m.span = $3 AND m.account = b.account \
          AND m.currency = b.currency AND m.until < $2 ORDER BY m.until DESC LIMIT 1), \
       (SELECT d.moved FROM running_balances d WHERE d.span = $2 AND d.account = b.account \
          AND d.currency = b.currency AND d.until <= $1 ORDER BY d.until DESC LIMIT 1), \
       CASE WHEN b.base_differs = 0 THEN NULL ELSE \
         (SELECT y.moved_base FROM running_balances y WHERE y.span = 0 AND y.account = b.account \
            AND y.currency = b.currency AND y.until < $3 ORDER BY y.until DESC LIMIT 1) END, \
       CASE WHEN b.base_differs = 0 THEN NULL ELSE \
         (SELECT m.moved_base FROM running_balances m WHERE m.span = $3 AND m.account = b.account \
            AND m.currency = b.currency AND m.until < $2 ORDER BY m.until DESC LIMIT 1) END, \
       CASE WHEN b.base_differs = 0 THEN NULL ELSE \
         (SELECT d.moved_base FROM running_balances d WHERE d.span = $2 AND d.account = b.account \
            AND d.currency = b.currency AND d.until <= $1 ORDER BY d.until DESC LIMIT 1) END \
     FROM account_balances b WHERE b.account >= $4 AND b.account <= $5";

const CURRENT: &str = "SELECT account, currency, balance FROM account_balances";

/// One account's balance in one currency, in minor units.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub account: i64,
    pub currency: String,
    pub amount: i64,
    pub base: i64,
}

/// The balances at the end of a day, of all accounts that had moved by then or of one.
pub(crate) fn at(
    tx: &mut Read<'_>,
    day: i64,
    account: Option<i64>,
) -> Result<Vec<Standing>, Error> {
    let month = month_of(day);
    let (first, last) = account.map_or((i64::MIN, i64::MAX), |one| (one, one));
    let params = [
        day.into(),
        month.into(),
        wider(month).into(),
        first.into(),
        last.into(),
    ];
    let mut standings = Vec::new();
    tx.each(AT, &params, |row| {
        standings.extend(standing(row)?);
        Ok(())
    })?;
    Ok(standings)
}

fn standing(row: &dyn Row) -> Result<Option<Standing>, Error> {
    let parts = |first: usize| -> Result<[Option<i64>; 3], Error> {
        Ok([
            row.maybe_int(first)?,
            row.maybe_int(first + 1)?,
            row.maybe_int(first + 2)?,
        ])
    };
    let sum = |parts: [Option<i64>; 3]| {
        parts
            .into_iter()
            .flatten()
            .try_fold(0_i64, i64::checked_add)
            .ok_or_else(|| Error::ours("a balance is out of range"))
    };
    let moved = parts(3)?;
    if moved.iter().all(Option::is_none) {
        return Ok(None);
    }
    let amount = sum(moved)?;
    Ok(Some(Standing {
        account: row.int(0)?,
        currency: row.text(1)?.to_owned(),
        amount,
        base: match row.int(2)? {
            0 => amount,
            _ => sum(parts(6)?)?,
        },
    }))
}

/// The balances over all dates, by account, as texts ordered by currency.
pub(crate) fn current(tx: &mut Read<'_>) -> Result<HashMap<i64, Vec<Balance>>, Error> {
    let scales = Scales::load(tx)?;
    let mut balances: HashMap<i64, Vec<Balance>> = HashMap::new();
    tx.each(CURRENT, &[], |row| {
        let currency = row.text(1)?.to_owned();
        let balance = scales.decimal(&currency, row.int(2)?);
        balances
            .entry(row.int(0)?)
            .or_default()
            .push(Balance { currency, balance });
        Ok(())
    })?;
    for of_account in balances.values_mut() {
        of_account.sort_by(|a, b| a.currency.cmp(&b.currency));
    }
    Ok(balances)
}

/// What many entries move, merged, for whoever posts them at once.
#[derive(Debug, Default)]
pub(crate) struct Moved(HashMap<(i64, Currency, i64), [i64; 2]>);

impl Moved {
    pub fn add(
        &mut self,
        account: i64,
        currency: Currency,
        day: i64,
        amounts: [i64; 2],
    ) -> Result<(), Error> {
        let sums = self.0.entry((account, currency, day)).or_default();
        for (sum, amount) in sums.iter_mut().zip(amounts) {
            *sum = sum.checked_add(amount).ok_or_else(|| {
                Error::fault("files", "The amounts of one day are too large to be kept.")
            })?;
        }
        Ok(())
    }

    /// Adds it all to the kept balances, at the end of the batch.
    pub fn tally(self, tx: &mut Write<'_>) {
        for ((account, currency, day), amounts) in self.0 {
            add(tx, account, currency, day, amounts);
        }
    }
}
