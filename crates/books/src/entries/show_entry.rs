//! One entry with its lines, its tags, and what it reverses or is reversed by.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reading::{self, KeptEntry, KeptLine};
use crate::accounts::model::Chart;
use crate::accounts::sql as accounts;
use crate::currencies::sql::Scales;
use crate::journals::sql as journals;
use crate::{currencies, dates};

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowEntry {
    pub number: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ShownEntry {
    pub number: i64,
    pub date: String,
    /// The code of its journal.
    pub journal: String,
    pub journal_name: String,
    pub description: String,
    pub reference: String,
    pub note: String,
    pub tags: Vec<String>,
    /// When it was posted, RFC 3339 in UTC.
    pub posted_at: String,
    /// The entry that this one takes back.
    pub reverses: Option<i64>,
    /// The entry that takes this one back.
    pub reversed_by: Option<i64>,
    /// The import that it came with.
    pub import: Option<i64>,
    /// The number of the record of the audit log that tells of its posting. None where the log
    /// of another workspace tells of it, from which this one was brought.
    pub audit_sequence: Option<i64>,
    pub base_currency: String,
    pub lines: Vec<ShownLine>,
    /// Whether lines on accounts that are not assigned to you are left out.
    pub assigned_only: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ShownLine {
    /// The account's code.
    pub account: String,
    /// The account's full name.
    pub name: String,
    /// Signed, debit positive.
    pub amount: String,
    pub currency: String,
    /// The amount in the base currency.
    pub base: String,
    pub rate: Option<String>,
    pub note: String,
}

impl Query for ShowEntry {
    const SPEC: Spec = Spec {
        name: "books.show_entry",
        summary: "Shows an entry with its lines.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = ShownEntry;

    fn example() -> Self {
        Self { number: 1 }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<ShownEntry, Error> {
        let entry = reading::entry(tx, self.number)?.ok_or_else(Error::not_found)?;
        let shown = LineShower::load(tx)?;
        let audit_sequence = recorded(tx, &entry)?;
        let journals = journals::all(tx)?;
        let journal = journals.get(entry.journal);
        let posted = jiff::Timestamp::from_millisecond(entry.posted_at_ms).map_err(Error::ours)?;
        Ok(ShownEntry {
            number: entry.number,
            date: dates::iso(entry.date),
            journal: journals.code(entry.journal),
            journal_name: journal.map(|one| one.name.clone()).unwrap_or_default(),
            description: entry.description,
            reference: entry.reference,
            note: entry.note,
            tags: entry.tags,
            posted_at: posted.to_string(),
            reverses: entry.reverses,
            reversed_by: entry.reversed_by,
            import: entry.import,
            audit_sequence,
            base_currency: shown.base.code.clone(),
            lines: entry.lines.iter().map(|line| shown.line(line)).collect(),
            assigned_only: !tx.sees_all(),
        })
    }

    fn table(output: &ShownEntry) -> Option<Table> {
        let mut table = Table::new(&[
            ("account", false),
            ("name", false),
            ("amount", true),
            ("currency", false),
            ("base", true),
            ("note", false),
        ]);
        table.rows.extend(output.lines.iter().cloned().map(|line| {
            vec![
                line.account,
                line.name,
                line.amount,
                line.currency,
                line.base,
                line.note,
            ]
        }));
        Some(table)
    }
}

/// The record of what posted an entry: of the entry itself, of the import that it came with, or
/// of undoing the import of the entry that it takes back.
fn recorded(tx: &mut Read<'_>, entry: &KeptEntry) -> Result<Option<i64>, Error> {
    let at = entry.posted_at_ms;
    let import = match (entry.import, entry.reverses) {
        (None, Some(reversed)) => reading::entry(tx, reversed)?.and_then(|one| one.import),
        (import, _) => import,
    };
    if entry.import.is_none() {
        let own = tx.audit_sequence(at, "Entry", &entry.number.to_string())?;
        if own.is_some() {
            return Ok(own);
        }
    }
    match import {
        Some(import) => tx.audit_sequence(at, "Import", &import.to_string()),
        None => Ok(None),
    }
}

/// What it takes to show lines: names of accounts, scales of currencies.
pub(crate) struct LineShower {
    pub chart: Chart,
    pub scales: Scales,
    pub base: BaseShown,
}

/// The base currency as reports name it; before it is chosen there is nothing to show in it.
#[derive(Debug, Clone)]
pub(crate) struct BaseShown {
    pub code: String,
    pub scale: u8,
}

impl BaseShown {
    pub fn load(tx: &mut Read<'_>) -> Result<Self, Error> {
        let base = currencies::sql::base(tx)?;
        Ok(base.map_or(
            Self {
                code: "EUR".into(),
                scale: 2,
            },
            |base| Self {
                code: base.code().to_owned(),
                scale: base.scale(),
            },
        ))
    }

    pub fn decimal(&self, minor: i64) -> String {
        daybook_kernel::money::decimal(minor, self.scale)
    }
}

impl LineShower {
    pub fn load(tx: &mut Read<'_>) -> Result<Self, Error> {
        Ok(Self {
            chart: accounts::chart(tx)?,
            scales: Scales::load(tx)?,
            base: BaseShown::load(tx)?,
        })
    }

    pub fn account(&self, id: i64) -> (String, String) {
        self.chart.get(id).map_or_else(
            || (id.to_string(), String::new()),
            |one| (one.code.clone(), one.full_name.clone()),
        )
    }

    pub fn line(&self, line: &KeptLine) -> ShownLine {
        let (account, name) = self.account(line.account);
        ShownLine {
            account,
            name,
            amount: self.scales.decimal(&line.currency, line.amount),
            currency: line.currency.clone(),
            base: self.base.decimal(line.base),
            rate: line.rate.clone(),
            note: line.note.clone(),
        }
    }
}
