//! Entries, the latest first, narrowed by date, account, tag, amount or words.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Money, Param, Permit, Query, Rate, Read, Row, Scope, Spec,
    StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::line_input::filled;
use super::reading::Cursor;
use super::show_entry::BaseShown;
use super::sql::tag_index;
use crate::accounts::open_account::unknown;
use crate::accounts::sql as accounts;
use crate::currencies::sql as currencies;
use crate::dates;
use crate::journals::model::{GENERAL, Journals};
use crate::journals::sql as journals;

/// Entries of one page.
const PAGE: usize = 50;
/// Entries looked at for one page when words are searched: texts are sealed, so they are read
/// one by one. The next page goes on from there.
const SCAN_MAX: usize = 20_000;
const CHUNK: i64 = 500;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ListEntries {
    /// The first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Entries with a line to this account, by code or full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Words in the description, the reference or the note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Entries of the journal of this code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<String>,
    /// Entries with a line of this amount in the base currency, debit or credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EntryList {
    pub entries: Vec<ListedEntry>,
    /// The cursor of the next page, if there may be more.
    pub next: Option<String>,
    pub base_currency: String,
    /// Whether it holds only what is assigned to you, and not all the books.
    pub assigned_only: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ListedEntry {
    pub number: i64,
    pub date: String,
    /// The code of its journal.
    pub journal: String,
    pub description: String,
    pub reference: String,
    /// The sum of its debits in the base currency; of what you see of it, the larger side.
    pub total: String,
    pub reverses: Option<i64>,
    pub reversed_by: Option<i64>,
}

const PAGE_SQL: &str = "SELECT e.number, e.date, e.description, e.reference, e.note, e.reverses, \
       (SELECT r.number FROM entries r WHERE r.reverses = e.number), \
       (SELECT CAST(sum(l.base) AS BIGINT) FROM lines l WHERE l.entry = e.number AND l.base > 0), e.journal \
     FROM entries e \
     WHERE e.date >= $1 AND e.date <= $2 AND (e.date, e.number) < ($3, $4) \
       AND (CAST($6 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM lines l \
         WHERE l.entry = e.number AND (l.base = $6 OR l.base = -CAST($6 AS BIGINT)))) \
       AND (CAST($7 AS BYTEA) IS NULL OR EXISTS (SELECT 1 FROM entry_tags t \
         WHERE t.entry = e.number AND t.tag_index = $7)) \
       AND CAST($8 AS BIGINT) IS NULL AND (CAST($9 AS BIGINT) IS NULL OR e.journal = $9) \
     ORDER BY e.date DESC, e.number DESC LIMIT $5";

/// The index by journal leaves the general one out; naming that here is what makes it used.
const PAGE_OF_JOURNAL_SQL: &str = "SELECT e.number, e.date, e.description, e.reference, e.note, e.reverses, \
       (SELECT r.number FROM entries r WHERE r.reverses = e.number), \
       (SELECT CAST(sum(l.base) AS BIGINT) FROM lines l WHERE l.entry = e.number AND l.base > 0), e.journal \
     FROM entries e \
     WHERE e.date >= $1 AND e.date <= $2 AND (e.date, e.number) < ($3, $4) \
       AND (CAST($6 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM lines l \
         WHERE l.entry = e.number AND (l.base = $6 OR l.base = -CAST($6 AS BIGINT)))) \
       AND (CAST($7 AS BYTEA) IS NULL OR EXISTS (SELECT 1 FROM entry_tags t \
         WHERE t.entry = e.number AND t.tag_index = $7)) \
       AND CAST($8 AS BIGINT) IS NULL AND e.journal = $9 AND e.journal <> 1 \
     ORDER BY e.date DESC, e.number DESC LIMIT $5";

const PAGE_OF_ACCOUNT_SQL: &str = "SELECT e.number, e.date, e.description, e.reference, e.note, \
       e.reverses, (SELECT r.number FROM entries r WHERE r.reverses = e.number), \
       (SELECT CAST(sum(l.base) AS BIGINT) FROM lines l WHERE l.entry = e.number AND l.base > 0), e.journal \
     FROM (SELECT DISTINCT date, entry FROM lines \
       WHERE account = $8 AND date >= $1 AND date <= $2 AND (date, entry) < ($3, $4) \
         AND (CAST($6 AS BIGINT) IS NULL OR base = $6 OR base = -CAST($6 AS BIGINT)) \
         AND (CAST($7 AS BYTEA) IS NULL OR EXISTS (SELECT 1 FROM entry_tags t \
           WHERE t.entry = lines.entry AND t.tag_index = $7)) \
         AND (CAST($9 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM entries j \
           WHERE j.number = lines.entry AND j.journal = $9)) \
       ORDER BY date DESC, entry DESC LIMIT $5) hit \
     JOIN entries e ON e.number = hit.entry ORDER BY e.date DESC, e.number DESC";

const SIDES_SQL: &str = "SELECT CAST(sum(CASE WHEN base > 0 THEN base ELSE 0 END) AS BIGINT), \
       CAST(sum(CASE WHEN base < 0 THEN -base ELSE 0 END) AS BIGINT) FROM lines WHERE entry = $1";

impl Query for ListEntries {
    const SPEC: Spec = Spec {
        name: "books.list_entries",
        summary: "Lists entries, the latest first.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = EntryList;

    fn example() -> Self {
        Self {
            from: Some("2026-01-01".into()),
            ..Self::default()
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check_optional(faults, "from", self.from.as_deref());
        dates::check_optional(faults, "to", self.to.as_deref());
        faults.length("text", self.text.as_deref().unwrap_or(""), 200);
    }

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<EntryList, Error> {
        let from = dates::read_or("from", self.from.as_deref(), dates::DAY_FIRST)?;
        let to = dates::read_or("to", self.to.as_deref(), dates::DAY_LAST)?;
        let mut place = Cursor::read(self.cursor.as_deref(), Cursor::END)?;
        let account = account(tx, self.account.as_deref())?;
        let amount = amount(tx, self.amount.as_deref())?;
        let tag = filled(self.tag.as_deref()).map(|tag| tag_index(tx, tag));
        let base = BaseShown::load(tx)?;
        let words = filled(self.text.as_deref()).map(str::to_lowercase);
        let journals = journals::all(tx)?;
        let journal = match filled(self.journal.as_deref()) {
            Some(code) => Some(journals.named(code)?.id),
            None => None,
        };
        let sql = page_sql(account, journal);
        let mut list = EntryList {
            entries: Vec::new(),
            next: None,
            base_currency: base.code.clone(),
            assigned_only: !tx.sees_all(),
        };
        let (mut scanned, chunk) = (
            0,
            if words.is_some() {
                CHUNK
            } else {
                i64::try_from(PAGE).map_err(Error::ours)?
            },
        );
        'pages: loop {
            let params = [
                from.into(),
                to.into(),
                place.date.into(),
                place.entry.into(),
                chunk.into(),
                amount.into(),
                tag.as_ref().map_or(Param::Null, |tag| Param::Bytes(tag)),
                account.into(),
                journal.into(),
            ];
            let found = tx.all(sql, &params, |row| found(row, &base, &journals))?;
            let exhausted = found.len() < usize::try_from(chunk).unwrap_or(PAGE);
            scanned += found.len();
            for (at, entry, text) in found {
                if list.entries.len() == PAGE {
                    list.next = Some(place.to_string());
                    break 'pages;
                }
                place = at;
                if words
                    .as_ref()
                    .is_none_or(|words| text.contains(words.as_str()))
                {
                    list.entries.push(entry);
                }
            }
            if exhausted {
                break;
            }
            if list.entries.len() == PAGE || scanned >= SCAN_MAX {
                list.next = Some(place.to_string());
                break;
            }
        }
        if list.assigned_only {
            larger_sides(tx, &base, &mut list.entries)?;
        }
        Ok(list)
    }

    fn table(output: &EntryList) -> Option<Table> {
        let mut table = Table::new(&[
            ("number", true),
            ("date", false),
            ("description", false),
            ("reference", false),
            ("total", true),
            ("journal", false),
        ]);
        table
            .rows
            .extend(output.entries.iter().cloned().map(|entry| {
                vec![
                    entry.number.to_string(),
                    entry.date,
                    entry.description,
                    entry.reference,
                    entry.total,
                    entry.journal,
                ]
            }));
        Some(table)
    }
}

/// Of an entry that is seen in part the debits may be hidden, or the credits.
fn larger_sides(
    tx: &mut Read<'_>,
    base: &BaseShown,
    entries: &mut [ListedEntry],
) -> Result<(), Error> {
    let numbers: Vec<Vec<Param<'_>>> = entries.iter().map(|it| vec![it.number.into()]).collect();
    let sides = tx.first_of_each(SIDES_SQL, &numbers, |_, row| {
        Ok((row.maybe_int(0)?, row.maybe_int(1)?))
    })?;
    for (entry, sides) in entries.iter_mut().zip(sides) {
        let (debits, credits) = sides.unwrap_or_default();
        entry.total = base.decimal(debits.max(credits).unwrap_or_default());
    }
    Ok(())
}

const fn page_sql(account: Option<i64>, journal: Option<i64>) -> &'static str {
    match (account, journal) {
        (Some(_), _) => PAGE_OF_ACCOUNT_SQL,
        (None, None | Some(GENERAL)) => PAGE_SQL,
        (None, Some(_)) => PAGE_OF_JOURNAL_SQL,
    }
}

fn found(
    row: &dyn Row,
    base: &BaseShown,
    journals: &Journals,
) -> Result<(Cursor, ListedEntry, String), Error> {
    let (number, date) = (row.int(0)?, row.int(1)?);
    let description = row.sealed(2, "entries.description")?;
    let reference = row.sealed(3, "entries.reference")?;
    let note = row.sealed(4, "entries.note")?;
    let text = format!("{description}\n{reference}\n{note}").to_lowercase();
    let entry = ListedEntry {
        number,
        date: dates::iso(date),
        journal: journals.code(row.int(8)?),
        description,
        reference,
        total: base.decimal(row.maybe_int(7)?.unwrap_or(0)),
        reverses: row.maybe_int(5)?,
        reversed_by: row.maybe_int(6)?,
    };
    Ok((
        Cursor {
            date,
            entry: number,
            line: 0,
        },
        entry,
        text,
    ))
}

fn account(tx: &mut Read<'_>, text: Option<&str>) -> Result<Option<i64>, Error> {
    let Some(text) = filled(text) else {
        return Ok(None);
    };
    match accounts::find(tx, text)? {
        Some(found) => Ok(Some(found.id)),
        None => Err(Error::fault(
            "account",
            unknown(&accounts::chart(tx)?, text),
        )),
    }
}

fn amount(tx: &mut Read<'_>, text: Option<&str>) -> Result<Option<i64>, Error> {
    let (Some(text), Some(base)) = (filled(text), currencies::base(tx)?) else {
        return Ok(None);
    };
    let money = Money::parse(text, base).map_err(|why| Error::fault("amount", why.to_string()))?;
    Ok(Some(money.minor.abs()))
}
