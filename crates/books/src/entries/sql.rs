//! Entries in the store.

use daybook_kernel::{Currency, Error, Param, Write};

use super::model::NewEntry;
use crate::balances;
use crate::currencies::sql::base_of;

const RESERVE: &str = "UPDATE books_settings SET next_entry = next_entry + $1 WHERE id = 1 \
     RETURNING next_entry, base_currency, base_scale, \
       (SELECT through FROM period_lock WHERE period_lock.id = 1)";

const INSERT_LINE: &str = "INSERT INTO lines \
     (entry, line, account, date, amount, currency, base, rate, note) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const INSERT_ENTRY: &str = "INSERT INTO entries \
     (number, date, description, reference, note, posted_at_ms, reverses, import, journal) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const INSERT_TAG: &str = "INSERT INTO entry_tags (entry, tag_index, tag) VALUES ($1, $2, $3) \
     ON CONFLICT (entry, tag_index) DO NOTHING";

/// What a command that posts learns with its numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reserved {
    /// The first of the numbers.
    pub number: i64,
    pub base: Option<Currency>,
    /// The day through which the books are locked; 0 is none.
    pub locked_through: i64,
}

/// Takes the next numbers. A command that fails gives them back with its savepoint, so that
/// there is never a gap.
pub(crate) fn reserve(tx: &mut Write<'_>, count: i64) -> Result<Reserved, Error> {
    tx.first(RESERVE, &[count.into()], |row| {
        Ok(Reserved {
            number: row.int(0)? - count,
            base: base_of(row, 1)?,
            locked_through: row.int(3)?,
        })
    })?
    .ok_or_else(|| Error::ours("the books have no settings"))
}

/// Keeps an entry and adds it to the kept balances.
pub(crate) fn keep(tx: &mut Write<'_>, number: i64, entry: &NewEntry) -> Result<(), Error> {
    keep_rows(tx, number, entry)?;
    for line in &entry.lines {
        balances::add(
            tx,
            line.account,
            line.currency,
            entry.date,
            [line.amount, line.base],
        );
    }
    Ok(())
}

/// Keeps an entry without touching the balances, for whoever adds many at once. The entry's row
/// comes last: it seals its lines, and the store refuses one that does not balance.
pub(crate) fn keep_rows(tx: &mut Write<'_>, number: i64, entry: &NewEntry) -> Result<(), Error> {
    let lines = entry.lines.iter().zip(1_i64..).map(|(line, at)| {
        vec![
            number.into(),
            at.into(),
            line.account.into(),
            entry.date.into(),
            line.amount.into(),
            line.currency.code().into(),
            line.base.into(),
            line.rate.as_ref().into(),
            sealed("lines.note", &line.note),
        ]
    });
    tx.run_each_later(INSERT_LINE, &lines.collect::<Vec<_>>())?;
    let now = tx.now().as_millisecond();
    let params = [
        number.into(),
        entry.date.into(),
        sealed("entries.description", &entry.description),
        sealed("entries.reference", &entry.reference),
        sealed("entries.note", &entry.note),
        now.into(),
        entry.reverses.into(),
        entry.import.into(),
        entry.journal.into(),
    ];
    tx.run_later(INSERT_ENTRY, &params)?;
    for tag in &entry.tags {
        let index = tag_index(tx, tag);
        let params = [
            number.into(),
            Param::Bytes(&index),
            sealed("entry_tags.tag", tag),
        ];
        tx.run_later(INSERT_TAG, &params)?;
    }
    Ok(())
}

/// Tags are found by their keyed hash, in lower case.
pub(crate) fn tag_index(tx: &daybook_kernel::Read<'_>, tag: &str) -> [u8; 32] {
    tx.vault()
        .keyed_hash("entry_tags.tag", tag.to_lowercase().as_bytes())
}

fn sealed<'a>(column: &'static str, text: &'a str) -> Param<'a> {
    if text.is_empty() {
        Param::Null
    } else {
        Param::Sealed { column, text }
    }
}

const REVERSAL_OF: &str = "SELECT number FROM entries WHERE reverses = $1";

/// The entry that takes this one back, if there is one.
pub(crate) fn reversal_of(
    tx: &mut daybook_kernel::Read<'_>,
    number: i64,
) -> Result<Option<i64>, Error> {
    tx.first(REVERSAL_OF, &[number.into()], |row| row.int(0))
}
