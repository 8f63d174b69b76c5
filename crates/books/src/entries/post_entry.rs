//! Posts an entry: its lines balance, it takes the next number, and it is never changed again.

use daybook_kernel::{
    Change, Command, Currency, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::line_input::{self, LineInput, filled};
use super::model::{
    DESCRIPTION_LENGTH_MAX, LINES_MAX, NOTE_LENGTH_MAX, NewEntry, NewLine, REFERENCE_LENGTH_MAX,
    TAG_LENGTH_MAX, TAGS_MAX,
};
use super::sql;
use crate::accounts::model::Kind;
use crate::accounts::sql::{self as accounts, NewAccount};
use crate::currencies::sql as currencies;
use crate::dates;
use crate::journals::sql as journals;

/// The base currency of books that begin without having chosen one.
const BASE_DEFAULT: &str = "EUR";
/// Where rounding goes; opened when it is first needed.
const ROUNDING_CODE: &str = "rounding";
const ROUNDING_NAME: &str = "Rounding differences";

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PostEntry {
    /// The day that it belongs to: 2026-01-31.
    pub date: String,
    /// What happened, in a few words.
    pub description: String,
    /// What it is found by elsewhere, such as the number of an invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The code of its journal, such as SAL; left out, GEN, the general one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<String>,
    /// The currency of the lines that name none; left out, the base currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// At least two. Their amounts sum to zero in the base currency.
    pub lines: Vec<LineInput>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PostedEntry {
    pub number: i64,
    pub date: String,
}

/// What the audit log keeps of an entry.
#[derive(Serialize)]
struct EntryRecord<'a> {
    date: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    journal: Option<&'a str>,
    description: &'a str,
    lines: Vec<(&'a str, String, &'a str)>,
}

impl Command for PostEntry {
    const SPEC: Spec = Spec {
        name: "books.post_entry",
        summary: "Posts an entry of two or more lines that balance.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = PostedEntry;

    fn example() -> Self {
        let line = |account: &str, amount: &str| LineInput {
            account: account.into(),
            amount: Some(amount.into()),
            ..LineInput::default()
        };
        Self {
            date: "2026-01-31".into(),
            description: "Coffee beans".into(),
            lines: vec![line("1000", "12.50"), line("4000", "-12.50")],
            ..Self::default()
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check(faults, "date", &self.date);
        faults.length("description", &self.description, DESCRIPTION_LENGTH_MAX);
        faults.length(
            "reference",
            self.reference.as_deref().unwrap_or(""),
            REFERENCE_LENGTH_MAX,
        );
        faults.length("note", self.note.as_deref().unwrap_or(""), NOTE_LENGTH_MAX);
        check_tags(faults, &self.tags);
        if self.lines.len() > LINES_MAX {
            let message =
                format!("An entry has at most {LINES_MAX} lines. Split it, or import a file.");
            faults.add("lines", message);
            return;
        }
        line_input::check(faults, &self.lines);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<PostedEntry>, Error> {
        let date = dates::read("date", &self.date)?;
        let reserved = sql::reserve(tx, 1)?;
        refuse_locked(date, reserved.locked_through, "The entry")?;
        let journal = journals::open(tx, self.journal.as_deref())?;
        let currency = filled(self.currency.as_deref());
        let base = base_or_first(tx, reserved.base, currency, &self.lines)?;
        let resolved = line_input::resolve(tx, &self.lines, currency, base)?;
        let record = EntryRecord {
            date: &self.date,
            journal: filled(self.journal.as_deref()),
            description: &self.description,
            lines: recorded_lines(&resolved),
        };
        let change = Change::created("Entry", reserved.number, &record);
        let mut lines = resolved.lines;
        if resolved.rounding != 0 {
            lines.push(rounding_line(tx, -resolved.rounding, base)?);
        }
        let entry = NewEntry {
            date,
            journal,
            description: self.description.trim().to_owned(),
            reference: self.reference.unwrap_or_default(),
            note: self.note.unwrap_or_default(),
            tags: self.tags,
            lines,
            ..NewEntry::default()
        };
        sql::keep(tx, reserved.number, &entry)?;
        Ok(Done::new(
            PostedEntry {
                number: reserved.number,
                date: dates::iso(date),
            },
            change,
        ))
    }
}

fn recorded_lines(resolved: &line_input::Resolved) -> Vec<(&str, String, &str)> {
    let lines = resolved.lines.iter().zip(&resolved.codes);
    lines
        .map(|(line, code)| {
            let amount = daybook_kernel::money::decimal(line.amount, line.currency.scale());
            (code.as_str(), amount, line.currency.code())
        })
        .collect()
}

pub(crate) fn check_tags(faults: &mut Faults, tags: &[String]) {
    if tags.len() > TAGS_MAX {
        faults.add(
            "tags",
            format!("An entry has at most {TAGS_MAX} tags. Leave some out."),
        );
    }
    for (at, tag) in tags.iter().take(TAGS_MAX).enumerate() {
        faults.text(&format!("tags[{at}]"), tag, TAG_LENGTH_MAX);
    }
}

/// The fault of a date that is on or before the lock.
pub(crate) fn refuse_locked(date: i64, locked_through: i64, what: &str) -> Result<(), Error> {
    if date > locked_through {
        return Ok(());
    }
    let message = format!(
        "{what} is dated in {}, which is locked through {}. Post it in {}, or ask an Admin to unlock.",
        dates::month_name(date),
        dates::iso(locked_through),
        dates::month_name(dates::next(locked_through)),
    );
    Err(Error::fault("date", message))
}

/// The base currency; the first entry settles it if nobody chose one.
pub(crate) fn base_or_first(
    tx: &mut Write<'_>,
    base: Option<Currency>,
    currency: Option<&str>,
    lines: &[LineInput],
) -> Result<Currency, Error> {
    if let Some(base) = base {
        return Ok(base);
    }
    let named = currency.or_else(|| {
        lines
            .iter()
            .find_map(|line| filled(line.currency.as_deref()))
    });
    let code = named.unwrap_or(BASE_DEFAULT);
    let base = currencies::currency(tx, code)?.ok_or_else(|| {
        let message = format!("“{code}” is no currency of ISO 4217. Write it as EUR or USD.");
        Error::fault("currency", message)
    })?;
    currencies::set_base(tx, base)?;
    Ok(base)
}

/// What rates left over is a line of its own, so that the entry sums to zero exactly.
pub(crate) fn rounding_line(
    tx: &mut Write<'_>,
    base: i64,
    currency: Currency,
) -> Result<NewLine, Error> {
    // Daybook itself posts this line: whoever posted the others need not see where it goes.
    let account = match tx.seeing_all(|tx| accounts::find(tx, ROUNDING_NAME))? {
        Some(found) => found.id,
        None => accounts::insert(
            tx,
            &NewAccount {
                code: ROUNDING_CODE,
                name: ROUNDING_NAME,
                full_name: ROUNDING_NAME,
                kind: Kind::Expense,
                parent: None,
            },
        )?,
    };
    Ok(NewLine {
        account,
        amount: base,
        currency,
        base,
        rate: None,
        note: String::new(),
    })
}
