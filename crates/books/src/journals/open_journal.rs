//! Opens a journal: from then on entries may stand in it.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{JOURNALS_MAX, JournalKind, KeptJournal, NAME_LENGTH_MAX, check_code, normal};
use super::sql;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenJournal {
    /// A few letters and digits that entries name it by: BNK2.
    pub code: String,
    pub name: String,
    /// general, sales, purchases, cash, bank or opening.
    pub kind: JournalKind,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct JournalState {
    pub code: String,
    pub name: String,
    pub kind: JournalKind,
    pub closed: bool,
}

impl JournalState {
    /// A kept journal, before or after it is closed.
    pub(super) fn of(journal: &KeptJournal, closed: bool) -> Self {
        Self {
            code: journal.code.clone(),
            name: journal.name.clone(),
            kind: journal.kind,
            closed,
        }
    }
}

impl Command for OpenJournal {
    const SPEC: Spec = Spec {
        name: "books.open_journal",
        summary: "Opens a journal, a book of original entry.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = JournalState;

    fn example() -> Self {
        Self {
            code: "BNK2".into(),
            name: "Savings bank".into(),
            kind: JournalKind::Bank,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_code(faults, "code", &self.code);
        faults.text("name", &self.name, NAME_LENGTH_MAX);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<JournalState>, Error> {
        let there = sql::all(tx)?;
        let opened = JournalState {
            code: normal(&self.code),
            name: self.name.trim().to_owned(),
            kind: self.kind,
            closed: false,
        };
        if there.0.iter().any(|one| one.code == opened.code) {
            let message = format!(
                "There is a journal {} already. Choose another code.",
                opened.code
            );
            return Err(Error::fault("code", message));
        }
        if there.0.len() >= JOURNALS_MAX {
            let message = format!("There are {JOURNALS_MAX} journals already. Use one of them.");
            return Err(Error::fault("code", message));
        }
        there.refuse_taken(&opened.name, None)?;
        sql::insert(tx, &opened.code, &opened.name, opened.kind)?;
        let change = Change::created("Journal", &opened.code, &opened);
        Ok(Done::new(opened, change))
    }
}
