//! Kept balances in the store: what a date asks for.

use std::collections::HashMap;

use daybook_kernel::time::month_of;
use daybook_kernel::{Currency, Error, Read, Row, Write};

use super::settling::add;
use crate::accounts::list_accounts::Balance;
use crate::currencies::sql::Scales;

/// The balance at the end of day $1 of month $2: the closing of the months before, and what
/// moved in the month. Four seeks for each account and currency, however many entries there are.
const AT: &str = "SELECT b.account, b.currency, \
       (SELECT closing FROM month_balances m WHERE m.account = b.account \
          AND m.currency = b.currency AND m.month < $2 ORDER BY m.month DESC LIMIT 1), \
       (SELECT closing_base FROM month_balances m WHERE m.account = b.account \
          AND m.currency = b.currency AND m.month < $2 ORDER BY m.month DESC LIMIT 1), \
       (SELECT moved FROM day_balances d WHERE d.account = b.account \
          AND d.currency = b.currency AND d.day <= $1 AND d.day > CAST($2 AS BIGINT) * 100 \
          ORDER BY d.day DESC LIMIT 1), \
       (SELECT moved_base FROM day_balances d WHERE d.account = b.account \
          AND d.currency = b.currency AND d.day <= $1 AND d.day > CAST($2 AS BIGINT) * 100 \
          ORDER BY d.day DESC LIMIT 1) \
     FROM account_balances b \
     WHERE (CAST($3 AS BIGINT) IS NULL OR b.account = $3)";

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
    let mut standings = Vec::new();
    tx.each(
        AT,
        &[day.into(), month_of(day).into(), account.into()],
        |row| {
            standings.extend(standing(row)?);
            Ok(())
        },
    )?;
    Ok(standings)
}

fn standing(row: &dyn Row) -> Result<Option<Standing>, Error> {
    let (closing, moved) = (row.maybe_int(2)?, row.maybe_int(4)?);
    if closing.is_none() && moved.is_none() {
        return Ok(None);
    }
    let sum = |a: Option<i64>, b: Option<i64>| {
        a.unwrap_or(0)
            .checked_add(b.unwrap_or(0))
            .ok_or_else(|| Error::ours("a balance is out of range"))
    };
    Ok(Some(Standing {
        account: row.int(0)?,
        currency: row.text(1)?.to_owned(),
        amount: sum(closing, moved)?,
        base: sum(row.maybe_int(3)?, row.maybe_int(5)?)?,
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
