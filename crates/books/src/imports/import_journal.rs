//! Imports a journal: all of it, or nothing where there is a fault. What an earlier import
//! brought is counted and left as it is.

use std::collections::HashMap;

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::files::JournalFile;
use super::plan::{Plan, PlannedEntry, plan};
use super::sql;
use crate::accounts::sql::{self as accounts, NewAccount};
use crate::balances::Moved;
use crate::currencies::sql as currencies;
use crate::entries::model::{NewEntry, NewLine};
use crate::entries::sql as entries;
use crate::journal_file::{BYTES_MAX, Name, Transaction};
use crate::journals::model::GENERAL;

/// More files than this are a tree to be joined first.
pub(crate) const FILES_MAX: usize = 10_000;
/// Entries between two reports of how far it has come.
const REPORT_EVERY: usize = 1_000;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportJournal {
    /// The journal and the files that it includes.
    pub files: Vec<JournalFile>,
    /// The name of the one that includes the others; left out, the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main: Option<String>,
    /// Keeps nothing: for a page that wants the preview first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preview: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImportedJournal {
    /// The import's own number, by which it can be undone; none if nothing was new.
    pub import: Option<i64>,
    /// Entries posted.
    pub entries: usize,
    /// Entries that an earlier import had posted.
    pub skipped: usize,
    /// Transactions that move nothing, having fewer than two lines.
    pub without_lines: usize,
    pub accounts_opened: usize,
    pub base_currency: String,
    /// The first and the last number given.
    pub first_number: Option<i64>,
    pub last_number: Option<i64>,
}

impl Command for ImportJournal {
    const SPEC: Spec = Spec {
        name: "books.import_journal",
        summary: "Imports an hledger, ledger or beancount journal.",
        scope: Scope::Workspace,
        rate: Rate::Heavy,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = ImportedJournal;

    fn example() -> Self {
        Self {
            files: vec![example_file()],
            ..Self::default()
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_files(faults, &self.files, self.main.as_deref());
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<ImportedJournal>, Error> {
        // How much there is to do is known once the journal is read.
        tx.report_progress(0, 0);
        let plan = plan(tx, &self.files, self.main.as_deref())?;
        if self.preview {
            let message = "This is a preview: nothing is kept yet. Look at it, then import.";
            return Err(Error::fault("preview", message));
        }
        let name = self
            .main
            .as_deref()
            .or(self.files.first().map(|file| file.name.as_str()));
        let imported = keep(tx, &plan, name.unwrap_or_default())?;
        let change = Change::created("Import", imported.import.unwrap_or(0), &imported);
        Ok(Done::new(imported, change))
    }
}

pub(crate) fn example_file() -> JournalFile {
    let text = "2026-01-31 Coffee beans\n    Expenses:Coffee    12.50 EUR\n    Assets:Bank\n";
    JournalFile {
        name: "main.journal".into(),
        text: text.into(),
    }
}

pub(crate) fn check_files(faults: &mut Faults, files: &[JournalFile], main: Option<&str>) {
    if files.is_empty() {
        faults.add("files", "Choose the journal to import.");
    }
    if files.len() > FILES_MAX {
        faults.add(
            "files",
            format!("At most {FILES_MAX} files are read at once. Join some."),
        );
    }
    if files.iter().map(|file| file.text.len()).sum::<usize>() > BYTES_MAX {
        let megabytes = BYTES_MAX / (1024 * 1024);
        faults.add(
            "files",
            format!("The files have more than {megabytes} MiB together. Import them year by year."),
        );
    }
    if let Some(main) = main
        && !files.iter().any(|file| file.name == main)
    {
        faults.add(
            "main",
            format!("There is no file named {main} among those handed over."),
        );
    }
}

fn keep(tx: &mut Write<'_>, plan: &Plan, file: &str) -> Result<ImportedJournal, Error> {
    let opened = plan.accounts.iter().filter(|one| one.id.is_none()).count();
    let mut imported = ImportedJournal {
        import: None,
        entries: plan.entries.len(),
        skipped: plan.known,
        without_lines: plan.without_lines,
        accounts_opened: opened,
        base_currency: plan.commodities.base.code().to_owned(),
        first_number: None,
        last_number: None,
    };
    if plan.entries.is_empty() && opened == 0 {
        return Ok(imported);
    }
    for commodity in &plan.commodities.settled {
        currencies::settle(tx, *commodity)?;
    }
    if plan.commodities.base_is_new {
        currencies::set_base(tx, plan.commodities.base)?;
    }
    let ids = open_accounts(tx, plan)?;
    let count = |size: usize| i64::try_from(size).map_err(Error::ours);
    let entries = count(plan.entries.len())?;
    let import = sql::begin(tx, file, entries, count(plan.known)?, count(opened)?)?;
    imported.import = Some(import);
    if plan.entries.is_empty() {
        return Ok(imported);
    }
    let first = entries::reserve(tx, entries)?.number;
    imported.first_number = Some(first);
    imported.last_number = Some(first + entries - 1);
    let mut moved = Moved::default();
    for (done, (planned, number)) in plan.entries.iter().zip(first..).enumerate() {
        let transaction = &plan.journal.transactions[planned.at];
        let entry = entry(transaction, planned, &ids, import)?;
        for line in &entry.lines {
            moved.add(
                line.account,
                line.currency,
                entry.date,
                [line.amount, line.base],
            )?;
        }
        entries::keep_rows(tx, number, &entry)?;
        sql::remember(tx, &planned.fingerprint, import)?;
        if done % REPORT_EVERY == 0 {
            tx.report_progress(done as u64, plan.entries.len() as u64);
        }
    }
    moved.tally(tx);
    tx.report_progress(plan.entries.len() as u64, plan.entries.len() as u64);
    Ok(imported)
}

fn open_accounts<'p>(tx: &mut Write<'_>, plan: &'p Plan) -> Result<HashMap<&'p Name, i64>, Error> {
    let mut ids = HashMap::with_capacity(plan.accounts.len());
    for planned in &plan.accounts {
        let id = match planned.id {
            Some(id) => id,
            None => accounts::insert(
                tx,
                &NewAccount {
                    code: &planned.code,
                    name: &planned.name,
                    full_name: &planned.name,
                    kind: planned.kind,
                    parent: None,
                },
            )?,
        };
        ids.insert(&planned.name, id);
    }
    Ok(ids)
}

fn entry(
    transaction: &Transaction,
    planned: &PlannedEntry,
    ids: &HashMap<&Name, i64>,
    import: i64,
) -> Result<NewEntry, Error> {
    let lines = transaction
        .postings
        .iter()
        .zip(&planned.lines)
        .map(|(posting, valued)| {
            let account = ids
                .get(&posting.account)
                .ok_or_else(|| Error::ours("an import has a line without a planned account"))?;
            Ok(NewLine {
                account: *account,
                amount: valued.amount,
                currency: valued.currency,
                base: valued.base,
                rate: valued.rate.clone(),
                note: posting.note.clone(),
            })
        });
    let description = match (transaction.payee.as_str(), transaction.description.as_str()) {
        ("", description) => description.to_owned(),
        (payee, "") => payee.to_owned(),
        (payee, description) if description.starts_with(payee) => description.to_owned(),
        (payee, description) => format!("{payee} | {description}"),
    };
    let tags = transaction
        .tags
        .iter()
        .map(|(name, value)| match value.as_str() {
            "" => name.clone(),
            value => format!("{name}:{value}"),
        });
    Ok(NewEntry {
        date: planned.date,
        journal: GENERAL,
        description,
        reference: transaction.code.clone(),
        note: transaction.note.clone(),
        tags: tags
            .chain(transaction.links.iter().map(|link| format!("^{link}")))
            .collect(),
        reverses: None,
        import: Some(import),
        lines: lines.collect::<Result<_, Error>>()?,
    })
}
