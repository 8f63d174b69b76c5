//! Reopens a closed journal, so that entries can be posted in it again.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::check_code;
use super::open_journal::JournalState;
use super::sql;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReopenJournal {
    /// The code of the journal.
    pub journal: String,
}

impl Command for ReopenJournal {
    const SPEC: Spec = Spec {
        name: "books.reopen_journal",
        summary: "Reopens a closed journal.",
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
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_code(faults, "journal", &self.journal);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<JournalState>, Error> {
        let there = sql::all(tx)?;
        let journal = there.named(&self.journal)?;
        if !journal.closed {
            let message = format!("The journal {} is open already.", journal.code);
            return Err(Error::fault("journal", message));
        }
        let (before, after) = (
            JournalState::of(journal, true),
            JournalState::of(journal, false),
        );
        sql::reopen(tx, journal.id)?;
        let change = Change::updated("Journal", &journal.code, &before, &after);
        Ok(Done::new(after, change))
    }
}
