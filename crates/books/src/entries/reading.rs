//! Entries read back from the store.

use daybook_kernel::{Error, Param, Read, Row};

use crate::dates;

const ENTRY: &str = "SELECT number, date, description, reference, note, posted_at_ms, reverses, \
       import, (SELECT r.number FROM entries r WHERE r.reverses = e.number), journal \
     FROM entries e WHERE number = $1";

const LINES: &str = "SELECT line, account, amount, currency, base, rate, note FROM lines \
     WHERE entry = $1 ORDER BY line";

const TAGS: &str = "SELECT tag FROM entry_tags WHERE entry = $1";

const OF_IMPORT: &str = "SELECT number FROM entries WHERE import = $1 ORDER BY number";

/// An entry as it is kept.
#[derive(Debug)]
pub(crate) struct KeptEntry {
    pub number: i64,
    pub date: i64,
    pub journal: i64,
    pub description: String,
    pub reference: String,
    pub note: String,
    pub posted_at_ms: i64,
    pub reverses: Option<i64>,
    pub import: Option<i64>,
    pub reversed_by: Option<i64>,
    pub lines: Vec<KeptLine>,
    pub tags: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct KeptLine {
    pub account: i64,
    pub amount: i64,
    pub currency: String,
    pub base: i64,
    pub rate: Option<String>,
    pub note: String,
}

/// The entry of that number with its lines and tags.
pub(crate) fn entry(tx: &mut Read<'_>, number: i64) -> Result<Option<KeptEntry>, Error> {
    let Some(mut entry) = tx.first(ENTRY, &[number.into()], head)? else {
        return Ok(None);
    };
    entry.lines = lines(tx, number)?;
    entry.tags = tx.all(TAGS, &[number.into()], |row| {
        row.sealed(0, "entry_tags.tag")
    })?;
    entry.tags.sort();
    Ok(Some(entry))
}

pub(crate) fn lines(tx: &mut Read<'_>, number: i64) -> Result<Vec<KeptLine>, Error> {
    tx.all(LINES, &[number.into()], |row| {
        Ok(KeptLine {
            account: row.int(1)?,
            amount: row.int(2)?,
            currency: row.text(3)?.to_owned(),
            base: row.int(4)?,
            rate: row.maybe_text(5)?.map(str::to_owned),
            note: row.sealed(6, "lines.note")?,
        })
    })
}

/// The numbers of the entries that an import posted.
pub(crate) fn of_import(tx: &mut Read<'_>, import: i64) -> Result<Vec<i64>, Error> {
    tx.all(OF_IMPORT, &[import.into()], |row| row.int(0))
}

fn head(row: &dyn Row) -> Result<KeptEntry, Error> {
    Ok(KeptEntry {
        number: row.int(0)?,
        date: row.int(1)?,
        description: row.sealed(2, "entries.description")?,
        reference: row.sealed(3, "entries.reference")?,
        note: row.sealed(4, "entries.note")?,
        posted_at_ms: row.int(5)?,
        reverses: row.maybe_int(6)?,
        import: row.maybe_int(7)?,
        reversed_by: row.maybe_int(8)?,
        journal: row.int(9)?,
        lines: Vec::new(),
        tags: Vec::new(),
    })
}

/// A place in a list that is ordered by date, number and line: `20260131-12-1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub date: i64,
    pub entry: i64,
    pub line: i64,
}

impl Cursor {
    /// Before everything.
    pub const START: Self = Self {
        date: 0,
        entry: 0,
        line: 0,
    };
    /// After everything.
    pub const END: Self = Self {
        date: dates::DAY_LAST + 1,
        entry: 0,
        line: 0,
    };

    pub fn read(text: Option<&str>, otherwise: Self) -> Result<Self, Error> {
        let Some(text) = text else {
            return Ok(otherwise);
        };
        let mut parts = text.split('-').map(str::parse::<i64>);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(date)), Some(Ok(entry)), Some(Ok(line)), None) => {
                Ok(Self { date, entry, line })
            }
            _ => Err(Error::fault(
                "cursor",
                "This is not a place in the list. Begin at its start.",
            )),
        }
    }

    pub fn params(&self) -> [Param<'static>; 3] {
        [self.date.into(), self.entry.into(), self.line.into()]
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.date, self.entry, self.line)
    }
}
