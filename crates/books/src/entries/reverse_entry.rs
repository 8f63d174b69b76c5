//! Reverses an entry: the same lines with the other sign, linked to it. The only correction.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{DESCRIPTION_LENGTH_MAX, NewEntry, NewLine};
use super::post_entry::refuse_locked;
use super::reading::{self, KeptEntry};
use super::sql;
use crate::currencies::sql::Scales;
use crate::dates;
use crate::journals::model::GENERAL;
use crate::journals::sql as journals;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReverseEntry {
    /// The number of the entry.
    pub entry: i64,
    /// The day of the reversal; left out, the day of the entry, or today if that is locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Why; kept as the note of the reversal.
    pub reason: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ReversedEntry {
    /// The number of the reversal.
    pub number: i64,
    pub date: String,
    /// The entry that it reverses.
    pub reverses: i64,
}

impl Command for ReverseEntry {
    const SPEC: Spec = Spec {
        name: "books.reverse_entry",
        summary: "Reverses a posted entry by one with the opposite lines.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = ReversedEntry;

    fn example() -> Self {
        Self {
            entry: 1,
            date: None,
            reason: "Posted twice".into(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check_optional(faults, "date", self.date.as_deref());
        faults.text("reason", &self.reason, DESCRIPTION_LENGTH_MAX);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<ReversedEntry>, Error> {
        let entry = reading::entry(tx, self.entry)?.ok_or_else(|| {
            Error::fault(
                "entry",
                format!("There is no entry {}. Check its number.", self.entry),
            )
        })?;
        if let Some(by) = entry.reversed_by {
            let message = format!("Entry {} is reversed already, by entry {by}.", entry.number);
            return Err(Error::fault("entry", message));
        }
        refuse_closed_journal(tx, &entry)?;
        let reserved = sql::reserve(tx, 1)?;
        let today = dates::today(tx);
        let open = if entry.date > reserved.locked_through {
            entry.date
        } else {
            today.max(entry.date)
        };
        let date = dates::read_or("date", self.date.as_deref(), open)?;
        if date < entry.date {
            let message = format!(
                "Entry {} is dated {}. Reverse it on that day or later.",
                entry.number,
                dates::iso(entry.date)
            );
            return Err(Error::fault("date", message));
        }
        refuse_locked(date, reserved.locked_through, "The reversal")?;
        let scales = Scales::load(tx)?;
        let reversal = reversal(&entry, date, &self.reason, &scales)?;
        sql::keep(tx, reserved.number, &reversal)?;
        let output = ReversedEntry {
            number: reserved.number,
            date: dates::iso(date),
            reverses: entry.number,
        };
        let change = Change::created("Entry", reserved.number, &(&output, &self.reason));
        Ok(Done::new(output, change))
    }
}

/// A reversal stands in the journal of what it takes back, which must be open.
pub(crate) fn refuse_closed_journal(
    tx: &mut daybook_kernel::Read<'_>,
    entry: &KeptEntry,
) -> Result<(), Error> {
    if entry.journal == GENERAL {
        return Ok(());
    }
    let journals = journals::all(tx)?;
    match journals.get(entry.journal).filter(|one| one.closed) {
        None => Ok(()),
        Some(closed) => {
            let message = format!(
                "Entry {} stands in the journal {}, which is closed. Reopen it first.",
                entry.number, closed.code
            );
            Err(Error::fault("entry", message))
        }
    }
}

/// The entry that takes another back.
pub(crate) fn reversal(
    entry: &KeptEntry,
    date: i64,
    reason: &str,
    scales: &Scales,
) -> Result<NewEntry, Error> {
    let line = |line: &super::reading::KeptLine| {
        let currency = scales
            .currency(&line.currency)
            .ok_or_else(|| Error::ours(format!("the currency {} is not known", line.currency)))?;
        Ok(NewLine {
            account: line.account,
            amount: -line.amount,
            currency,
            base: -line.base,
            rate: line.rate.clone(),
            note: line.note.clone(),
        })
    };
    let about = format!("Reversal of {}: {}", entry.number, entry.description);
    Ok(NewEntry {
        date,
        journal: entry.journal,
        description: about.chars().take(DESCRIPTION_LENGTH_MAX).collect(),
        reference: entry.reference.clone(),
        note: reason.to_owned(),
        tags: entry.tags.clone(),
        reverses: Some(entry.number),
        import: None,
        lines: entry.lines.iter().map(line).collect::<Result<_, Error>>()?,
    })
}
