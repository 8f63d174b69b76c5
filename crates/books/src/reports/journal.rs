//! The journal: entries in order of date, each with its lines.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::profit_and_loss::span;
use crate::dates;
use crate::entries::line_input::filled;
use crate::entries::reading::{self, Cursor};
use crate::entries::show_entry::{LineShower, ShownLine};
use crate::journals::model::GENERAL;
use crate::journals::sql as journals;

/// Entries of one page.
const PAGE: i64 = 60;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journal {
    /// The first day; left out, the first of the year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day; left out, the last of the year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The code of a journal; left out, the entries of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<String>,
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct JournalReport {
    pub from: String,
    pub to: String,
    pub entries: Vec<JournalEntry>,
    pub next: Option<String>,
    /// Whether it holds only what is assigned to you, and not all the books.
    pub assigned_only: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct JournalEntry {
    pub number: i64,
    pub date: String,
    /// The code of its journal.
    pub journal: String,
    pub description: String,
    pub reference: String,
    pub lines: Vec<ShownLine>,
}

const ENTRIES: &str = "SELECT number, date, description, reference, journal FROM entries \
     WHERE date >= $1 AND date <= $2 AND (date, number) > ($3, $4) \
       AND (CAST($6 AS BIGINT) IS NULL OR journal = $6) ORDER BY date, number LIMIT $5";

/// The index by journal leaves the general one out; naming that here is what makes it used.
const ENTRIES_OF_JOURNAL: &str = "SELECT number, date, description, reference, journal \
     FROM entries WHERE date >= $1 AND date <= $2 AND (date, number) > ($3, $4) \
       AND journal = $6 AND journal <> 1 ORDER BY date, number LIMIT $5";

impl Query for Journal {
    const SPEC: Spec = Spec {
        name: "books.journal",
        summary: "Shows the entries of a span in order of date, with their lines.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = JournalReport;

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
    }

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<JournalReport, Error> {
        let (from, to) = span(tx, self.from.as_deref(), self.to.as_deref())?;
        let start = Cursor::read(self.cursor.as_deref(), Cursor::START)?;
        let shower = LineShower::load(tx)?;
        let journals = journals::all(tx)?;
        let journal = match filled(self.journal.as_deref()) {
            Some(code) => Some(journals.named(code)?.id),
            None => None,
        };
        let sql = match journal {
            None | Some(GENERAL) => ENTRIES,
            Some(_) => ENTRIES_OF_JOURNAL,
        };
        // SQLite seeks by the plain comparison only, so the place bounds the days as well.
        let params = [
            from.max(start.date).into(),
            to.into(),
            start.date.into(),
            start.entry.into(),
            PAGE.into(),
            journal.into(),
        ];
        let mut last = None;
        let mut entries = tx.all(sql, &params, |row| {
            let (number, date) = (row.int(0)?, row.int(1)?);
            last = Some(Cursor {
                date,
                entry: number,
                line: 0,
            });
            Ok(JournalEntry {
                number,
                date: dates::iso(date),
                journal: journals.code(row.int(4)?),
                description: row.sealed(2, "entries.description")?,
                reference: row.sealed(3, "entries.reference")?,
                lines: Vec::new(),
            })
        })?;
        for entry in &mut entries {
            let lines = reading::lines(tx, entry.number)?;
            entry.lines = lines.iter().map(|line| shower.line(line)).collect();
        }
        let full = i64::try_from(entries.len()).is_ok_and(|count| count == PAGE);
        Ok(JournalReport {
            from: dates::iso(from),
            to: dates::iso(to),
            entries,
            next: last.filter(|_| full).map(|cursor| cursor.to_string()),
            assigned_only: !tx.sees_all(),
        })
    }

    fn table(output: &JournalReport) -> Option<Table> {
        let mut table = Table::new(&[
            ("entry", true),
            ("date", false),
            ("description", false),
            ("account", false),
            ("name", false),
            ("amount", true),
            ("currency", false),
            ("journal", false),
        ]);
        for entry in &output.entries {
            table.rows.extend(entry.lines.iter().cloned().map(|line| {
                vec![
                    entry.number.to_string(),
                    entry.date.clone(),
                    entry.description.clone(),
                    line.account,
                    line.name,
                    line.amount,
                    line.currency,
                    entry.journal.clone(),
                ]
            }));
        }
        Some(table)
    }
}
