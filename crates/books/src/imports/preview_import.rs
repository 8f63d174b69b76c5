//! What an import would do, without doing it.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::files::JournalFile;
use super::import_journal::{check_files, example_file};
use super::plan::{Plan, plan};
use crate::accounts::model::Kind;
use crate::dates;
use crate::journal_file;

/// Entries shown as a sample, and warnings told.
const SAMPLE: usize = 12;
const NOTES_MAX: usize = 200;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewImport {
    /// The journal and the files that it includes.
    pub files: Vec<JournalFile>,
    /// The name of the one that includes the others; left out, the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImportPreview {
    /// Entries that would be posted.
    pub entries: usize,
    /// Entries that an earlier import posted.
    pub skipped: usize,
    pub without_lines: usize,
    pub from: Option<String>,
    pub to: Option<String>,
    pub base_currency: String,
    pub currencies: Vec<String>,
    pub accounts_to_open: Vec<AccountToOpen>,
    /// The first entries that would be posted.
    pub sample: Vec<SampleEntry>,
    /// What to look at, though nothing is missing.
    pub warnings: Vec<ImportNote>,
    /// What was understood and has no effect on the books.
    pub ignored: Vec<ImportNote>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AccountToOpen {
    pub code: String,
    pub name: String,
    pub kind: Kind,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SampleEntry {
    pub date: String,
    pub description: String,
    pub lines: usize,
    /// File and line.
    pub place: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImportNote {
    /// File and line.
    pub place: String,
    pub message: String,
}

impl Query for PreviewImport {
    const SPEC: Spec = Spec {
        name: "books.preview_import",
        summary: "Shows what importing a journal would do.",
        scope: Scope::Workspace,
        rate: Rate::Heavy,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = ImportPreview;

    fn example() -> Self {
        Self {
            files: vec![example_file()],
            main: None,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_files(faults, &self.files, self.main.as_deref());
    }

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<ImportPreview, Error> {
        let plan = plan(tx, &self.files, self.main.as_deref())?;
        Ok(preview(&plan))
    }
}

fn preview(plan: &Plan) -> ImportPreview {
    let opened = plan.accounts.iter().filter(|one| one.id.is_none());
    let sample = plan.entries.iter().take(SAMPLE).map(|planned| {
        let transaction = &plan.journal.transactions[planned.at];
        SampleEntry {
            date: dates::iso(planned.date),
            description: transaction.description.clone(),
            lines: planned.lines.len(),
            place: transaction.source.to_string(),
        }
    });
    let note = |fault: &journal_file::Fault| ImportNote {
        place: fault.place.to_string(),
        message: fault.reason.clone(),
    };
    let days = || plan.entries.iter().map(|planned| planned.date);
    ImportPreview {
        entries: plan.entries.len(),
        skipped: plan.known,
        without_lines: plan.without_lines,
        from: days().min().map(dates::iso),
        to: days().max().map(dates::iso),
        base_currency: plan.commodities.base.code().to_owned(),
        currencies: plan.commodities.codes(),
        accounts_to_open: opened
            .map(|one| AccountToOpen {
                code: one.code.clone(),
                name: one.name.to_string(),
                kind: one.kind,
            })
            .collect(),
        sample: sample.collect(),
        warnings: plan
            .journal
            .warnings
            .iter()
            .take(NOTES_MAX)
            .map(note)
            .collect(),
        ignored: plan
            .journal
            .ignored
            .iter()
            .take(NOTES_MAX)
            .map(|one| ImportNote {
                place: one.place.to_string(),
                message: format!("{}: {}", one.directive, one.why),
            })
            .collect(),
    }
}
