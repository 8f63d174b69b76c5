//! Closes a journal: its entries stay and it takes no new ones. The general journal stays open, as
//! entries that name no journal go there.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{GENERAL, check_code};
use super::open_journal::JournalState;
use super::sql;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseJournal {
    /// The code of the journal.
    pub journal: String,
}

impl Command for CloseJournal {
    const SPEC: Spec = Spec {
        name: "books.close_journal",
        summary: "Closes a journal, so that no entry is posted in it any more.",
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
        if journal.id == GENERAL {
            let message = format!(
                "The journal {} takes the entries that name no other. It stays open.",
                journal.code
            );
            return Err(Error::fault("journal", message));
        }
        if journal.closed {
            let message = format!("The journal {} is closed already.", journal.code);
            return Err(Error::fault("journal", message));
        }
        let (before, after) = (
            JournalState::of(journal, false),
            JournalState::of(journal, true),
        );
        sql::close(tx, journal.id)?;
        let change = Change::updated("Journal", &journal.code, &before, &after);
        Ok(Done::new(after, change))
    }
}
