//! Undoes an import: every entry of it is reversed at once, and it may be imported again.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql;
use crate::balances::Moved;
use crate::currencies::sql::Scales;
use crate::dates;
use crate::entries::post_entry::refuse_locked;
use crate::entries::reverse_entry::{refuse_closed_journal, reversal};
use crate::entries::{reading, sql as entries};

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UndoImport {
    /// The number of the import.
    pub import: i64,
    /// Why; kept as the note of each reversal.
    pub reason: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UndoneImport {
    pub import: i64,
    /// Entries reversed now; those that were reversed before are left as they are.
    pub reversed: i64,
    pub first_number: Option<i64>,
    pub last_number: Option<i64>,
}

impl Command for UndoImport {
    const SPEC: Spec = Spec {
        name: "books.undo_import",
        summary: "Undoes an import by reversing all its entries at once.",
        scope: Scope::Workspace,
        rate: Rate::Heavy,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = UndoneImport;

    fn example() -> Self {
        Self {
            import: 1,
            reason: "The wrong company's journal".into(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("reason", &self.reason, 500);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<UndoneImport>, Error> {
        if !sql::undo(tx, self.import)? {
            let message = format!("There is no import {} that could be undone.", self.import);
            return Err(Error::fault("import", message));
        }
        let mut numbers = Vec::new();
        for number in reading::of_import(tx, self.import)? {
            if entries::reversal_of(tx, number)?.is_none() {
                numbers.push(number);
            }
        }
        let count = i64::try_from(numbers.len()).map_err(Error::ours)?;
        let reserved = entries::reserve(tx, count)?;
        let (scales, today) = (Scales::load(tx)?, dates::today(tx));
        let mut moved = Moved::default();
        for (number, reversal_number) in numbers.iter().zip(reserved.number..) {
            let entry = reading::entry(tx, *number)?
                .ok_or_else(|| Error::ours("an import names an entry that is not there"))?;
            refuse_closed_journal(tx, &entry)?;
            let open = entry.date > reserved.locked_through;
            let date = if open {
                entry.date
            } else {
                today.max(entry.date)
            };
            refuse_locked(date, reserved.locked_through, "The reversal")?;
            let reversal = reversal(&entry, date, &self.reason, &scales)?;
            for line in &reversal.lines {
                moved.add(line.account, line.currency, date, [line.amount, line.base])?;
            }
            entries::keep_rows(tx, reversal_number, &reversal)?;
            if reversal_number % 1_000 == 0 {
                let done = u64::try_from(reversal_number - reserved.number).unwrap_or(0);
                tx.report_progress(done, numbers.len() as u64);
            }
        }
        moved.tally(tx);
        let undone = UndoneImport {
            import: self.import,
            reversed: count,
            first_number: (count > 0).then_some(reserved.number),
            last_number: (count > 0).then_some(reserved.number + count - 1),
        };
        let change = Change::removed("Import", self.import, &(&undone, &self.reason));
        Ok(Done::new(undone, change))
    }
}
