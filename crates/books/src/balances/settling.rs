//! What a batch of postings adds to the kept balances, written once before it commits.
//!
//! A row holds a running sum, so an amount raises its own row and those after it in its span:
//! the later days of the month, the later months of the year, the later years. Most keys have
//! their row already: one statement raises it with the later ones, and by touching nothing says
//! that the row is missing. Only then is the row opened, with the sum that stands before it, and
//! raised.

use daybook_kernel::transaction::{Addition, Tally, TallyKey};
use daybook_kernel::{Connection, Currency, Error, Param, Write};

use super::sql::{span_of, wider};

/// By day; months, years and whole balances follow from the days.
static BALANCES: Tally = Tally {
    name: "balances",
    settle,
};

/// Beyond this many keys most are new, as in an import: each is opened without being tried.
const TRIED_MAX: usize = 2_000;

/// The account's whole balance in a currency, and whether a base amount ever differed.
const RAISE_WHOLE: &str = "INSERT INTO account_balances (account, currency, balance, balance_base, base_differs) \
     VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (account, currency) DO UPDATE SET \
       balance = account_balances.balance + excluded.balance, \
       balance_base = account_balances.balance_base + excluded.balance_base, \
       base_differs = CASE WHEN excluded.base_differs = 1 THEN 1 \
         ELSE account_balances.base_differs END";

const RAISE: &str = "UPDATE running_balances \
     SET moved = moved + $5, moved_base = moved_base + $6 \
     WHERE span = $1 AND account = $2 AND currency = $3 AND until >= $4 \
       AND EXISTS (SELECT 1 FROM running_balances own WHERE own.span = $1 \
         AND own.account = $2 AND own.currency = $3 AND own.until = $4)";

const OPEN: &str = "INSERT INTO running_balances (span, account, currency, until, moved, moved_base) \
     VALUES ($1, $2, $3, $4, \
       COALESCE((SELECT moved FROM running_balances WHERE span = $1 AND account = $2 \
         AND currency = $3 AND until < $4 ORDER BY until DESC LIMIT 1), 0), \
       COALESCE((SELECT moved_base FROM running_balances WHERE span = $1 AND account = $2 \
         AND currency = $3 AND until < $4 ORDER BY until DESC LIMIT 1), 0)) \
     ON CONFLICT (span, account, currency, until) DO NOTHING";

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
    let months = merged(days);
    let mut additions = merged(&months);
    additions.extend(months);
    additions.extend_from_slice(days);
    // The rows of a span lie together, and so they are written.
    additions.sort_unstable_by_key(|(key, _)| (span_of(key.bucket), *key));
    raise(store, &additions)?;
    for (key, [amount, base], differs) in &whole(days) {
        let params = [
            key.account.into(),
            key.currency.code().into(),
            (*amount).into(),
            (*base).into(),
            i64::from(*differs).into(),
        ];
        store.run_later(RAISE_WHOLE, &params)?;
    }
    Ok(())
}

fn raise(store: &mut dyn Connection, additions: &[Addition]) -> Result<(), Error> {
    let rows: Vec<_> = additions.iter().map(row).collect();
    let missing = if rows.len() > TRIED_MAX {
        rows
    } else {
        let touched = store.run_each(RAISE, &rows)?;
        let untouched = rows
            .into_iter()
            .zip(touched)
            .filter(|(_, count)| *count == 0);
        untouched.map(|(row, _)| row).collect()
    };
    if missing.is_empty() {
        return Ok(());
    }
    let keys: Vec<_> = missing.iter().map(|row| row[..4].to_vec()).collect();
    store.run_each_later(OPEN, &keys)?;
    store.run_each_later(RAISE, &missing)?;
    Ok(())
}

fn row(addition: &Addition) -> Vec<Param<'_>> {
    let (key, [amount, base]) = addition;
    vec![
        span_of(key.bucket).into(),
        key.account.into(),
        key.currency.code().into(),
        key.bucket.into(),
        (*amount).into(),
        (*base).into(),
    ]
}

/// The additions in the next wider buckets. They come in the order of their keys, so those of
/// one wider bucket stand together. Limits on amounts keep a batch far below the range.
fn merged(additions: &[Addition]) -> Vec<Addition> {
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

/// The additions by account and currency, and whether on any day the base amount is another.
fn whole(days: &[Addition]) -> Vec<(TallyKey, [i64; 2], bool)> {
    let mut whole: Vec<(TallyKey, [i64; 2], bool)> = Vec::new();
    for (key, amounts) in days {
        let differ = amounts[0] != amounts[1];
        match whole.last_mut() {
            Some((last, sums, differs))
                if last.account == key.account && last.currency == key.currency =>
            {
                add_up(sums, amounts);
                *differs |= differ;
            }
            _ => whole.push((*key, *amounts, differ)),
        }
    }
    whole
}

fn add_up(sums: &mut [i64; 2], amounts: &[i64; 2]) {
    for (sum, amount) in sums.iter_mut().zip(amounts) {
        *sum = sum.saturating_add(*amount);
    }
}
