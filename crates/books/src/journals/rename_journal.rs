//! Renames a journal. Its code and its entries stay.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{NAME_LENGTH_MAX, check_code};
use super::open_journal::JournalState;
use super::sql;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenameJournal {
    /// The code of the journal.
    pub journal: String,
    /// The new name.
    pub name: String,
}

impl Command for RenameJournal {
    const SPEC: Spec = Spec {
        name: "books.rename_journal",
        summary: "Renames a journal.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = JournalState;

    fn example() -> Self {
        Self {
            journal: "SAL".into(),
            name: "Sales of the shop".into(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_code(faults, "journal", &self.journal);
        faults.text("name", &self.name, NAME_LENGTH_MAX);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<JournalState>, Error> {
        let there = sql::all(tx)?;
        let journal = there.named(&self.journal)?;
        let name = self.name.trim();
        there.refuse_taken(name, Some(journal.id))?;
        sql::rename(tx, journal.id, name)?;
        let state = |name: &str| JournalState {
            code: journal.code.clone(),
            name: name.to_owned(),
            kind: journal.kind,
            closed: journal.closed,
        };
        let after = state(name);
        let change = Change::updated("Journal", &journal.code, &state(&journal.name), &after);
        Ok(Done::new(after, change))
    }
}
