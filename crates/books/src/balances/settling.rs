//! What a batch of postings adds to the kept balances, written once before it commits.
//!
//! A row of a month or a day holds a running sum, so an amount raises its own row and those
//! after it. Most keys have their row already. One that touches nothing is missing: it is opened
//! with the sum that stands before it, and then raised. The later rows are raised by a statement
//! of their own: asked for in one, the store would gather rows aside before it changes any.

use daybook_kernel::time::month_of;
use daybook_kernel::transaction::{Addition, Tally, TallyKey};
use daybook_kernel::{Connection, Currency, Error, Param, Write};

/// By day; months and whole balances follow from the days.
static BALANCES: Tally = Tally {
    name: "balances",
    settle,
};

/// Beyond this many keys most are new, as in an import: each is opened without being tried.
const TRIED_MAX: usize = 1_000;

/// The account's whole balance in a currency, and the last month that moved it.
const RAISE_WHOLE: &str = "INSERT INTO account_balances (account, currency, last_month, balance, balance_base) \
     VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (account, currency) DO UPDATE SET \
       last_month = CASE WHEN excluded.last_month > account_balances.last_month \
         THEN excluded.last_month ELSE account_balances.last_month END, \
       balance = account_balances.balance + excluded.balance, \
       balance_base = account_balances.balance_base + excluded.balance_base";

const RAISE_MONTH: &str = "UPDATE month_balances \
     SET closing = closing + $4, closing_base = closing_base + $5 \
     WHERE account = $1 AND currency = $2 AND month = $3";

const RAISE_LATER_MONTHS: &str = "UPDATE month_balances \
     SET closing = closing + $4, closing_base = closing_base + $5 \
     WHERE account = $1 AND currency = $2 AND month > $3";

const OPEN_MONTH: &str = "INSERT INTO month_balances (account, currency, month, closing, closing_base) \
     VALUES ($1, $2, $3, \
       COALESCE((SELECT closing FROM month_balances WHERE account = $1 \
         AND currency = $2 AND month < $3 ORDER BY month DESC LIMIT 1), 0), \
       COALESCE((SELECT closing_base FROM month_balances WHERE account = $1 \
         AND currency = $2 AND month < $3 ORDER BY month DESC LIMIT 1), 0)) \
     ON CONFLICT (account, currency, month) DO NOTHING";

/// What moved within a month up to each day that had movement.
const RAISE_DAY: &str = "UPDATE day_balances \
     SET moved = moved + $4, moved_base = moved_base + $5 \
     WHERE account = $1 AND currency = $2 AND day = $3";

const RAISE_LATER_DAYS: &str = "UPDATE day_balances \
     SET moved = moved + $4, moved_base = moved_base + $5 \
     WHERE account = $1 AND currency = $2 AND day > $3 \
       AND day < CAST($3 AS BIGINT) / 100 * 100 + 100";

const OPEN_DAY: &str = "INSERT INTO day_balances (account, currency, day, moved, moved_base) \
     VALUES ($1, $2, $3, \
       COALESCE((SELECT moved FROM day_balances WHERE account = $1 \
         AND currency = $2 AND day < $3 AND day > CAST($3 AS BIGINT) / 100 * 100 \
         ORDER BY day DESC LIMIT 1), 0), \
       COALESCE((SELECT moved_base FROM day_balances WHERE account = $1 \
         AND currency = $2 AND day < $3 AND day > CAST($3 AS BIGINT) / 100 * 100 \
         ORDER BY day DESC LIMIT 1), 0)) \
     ON CONFLICT (account, currency, day) DO NOTHING";

/// The statements of one kind of running sum.
struct Sums {
    raise: &'static str,
    open: &'static str,
    raise_later: &'static str,
}

const MONTHS: Sums = Sums {
    raise: RAISE_MONTH,
    open: OPEN_MONTH,
    raise_later: RAISE_LATER_MONTHS,
};

const DAYS: Sums = Sums {
    raise: RAISE_DAY,
    open: OPEN_DAY,
    raise_later: RAISE_LATER_DAYS,
};

/// Adds one line to the kept balances, at the end of its batch.
pub(crate) fn add(
    tx: &mut Write<'_>,
    account: i64,
    currency: Currency,
    day: i64,
    amounts: [i64; 2],
) {
    let key = TallyKey {
        account,
        currency,
        bucket: day,
    };
    tx.tally(&BALANCES, key, amounts);
}

fn settle(store: &mut dyn Connection, days: &[Addition]) -> Result<(), Error> {
    let months = merged(days, month_of);
    raise(store, &DAYS, days)?;
    raise(store, &MONTHS, &months)?;
    for (key, [amount, base]) in &last_months(&months) {
        store.run_later(RAISE_WHOLE, &parameters(key, *amount, *base))?;
    }
    Ok(())
}

/// The order matters: what has its row is raised whole first, so that a row opened after it takes
/// over a sum that holds it already.
fn raise(store: &mut dyn Connection, sums: &Sums, additions: &[Addition]) -> Result<(), Error> {
    let mut missing: Vec<_> = additions.iter().map(row).collect();
    if missing.len() <= TRIED_MAX {
        let mut touched = store.run_each(sums.raise, &missing)?.into_iter();
        let there: Vec<_> = missing
            .extract_if(.., |_| touched.next().is_some_and(|count| count > 0))
            .collect();
        store.run_each(sums.raise_later, &there)?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    let keys: Vec<_> = missing.iter().map(|row| row[..3].to_vec()).collect();
    store.run_each(sums.open, &keys)?;
    store.run_each(sums.raise, &missing)?;
    store.run_each(sums.raise_later, &missing)?;
    Ok(())
}

fn row(addition: &Addition) -> Vec<Param<'_>> {
    let (key, [amount, base]) = addition;
    parameters(key, *amount, *base).to_vec()
}

fn parameters(key: &TallyKey, amount: i64, base: i64) -> [Param<'_>; 5] {
    [
        key.account.into(),
        key.currency.code().into(),
        key.bucket.into(),
        amount.into(),
        base.into(),
    ]
}

/// The additions in wider buckets. They come in the order of their keys, so those of one wider
/// bucket stand together. Limits on amounts keep a batch far below the range.
fn merged(additions: &[Addition], wider: fn(i64) -> i64) -> Vec<Addition> {
    let mut merged: Vec<Addition> = Vec::new();
    for (key, amounts) in additions {
        let key = TallyKey {
            bucket: wider(key.bucket),
            ..*key
        };
        match merged.last_mut() {
            Some((last, sums)) if *last == key => add_up(sums, amounts),
            _ => merged.push((key, *amounts)),
        }
    }
    merged
}

/// The additions by account and currency, with the last month of each.
fn last_months(months: &[Addition]) -> Vec<Addition> {
    let mut whole: Vec<Addition> = Vec::new();
    for (key, amounts) in months {
        match whole.last_mut() {
            Some((last, sums)) if last.account == key.account && last.currency == key.currency => {
                last.bucket = key.bucket;
                add_up(sums, amounts);
            }
            _ => whole.push((*key, *amounts)),
        }
    }
    whole
}

fn add_up(sums: &mut [i64; 2], amounts: &[i64; 2]) {
    for (sum, amount) in sums.iter_mut().zip(amounts) {
        *sum = sum.saturating_add(*amount);
    }
}
