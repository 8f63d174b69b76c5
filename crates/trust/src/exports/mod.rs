//! A workspace that leaves whole, and one that comes in whole. The command line
//! writes and reads the files; here is what the log must say of it, and where the
//! log that came along is kept: line for line, sealed as all else is, so that it
//! verifies for as long as it is kept.

mod export_workspace;
mod import_workspace;
mod list_carried_logs;

use daybook_kernel::standing::OpenWhile;
use daybook_kernel::{
    Error, Feature, Guard, GuardEvent, Migration, Operation, Param, Scope, Write,
};

pub(crate) const LINE: &str = "carried_log_lines.text";

pub const FEATURE: Feature = Feature {
    name: "trust_exports",
    scope: Scope::Workspace,
    operations: &[
        // It changes nothing, and is what a freeze is there for.
        Operation::command::<export_workspace::ExportWorkspace>().open_while(OpenWhile::Frozen),
        Operation::command::<import_workspace::ImportWorkspace>(),
        Operation::query::<list_carried_logs::ListCarriedLogs>(),
    ],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_exports.sql"),
    }],
    guards: &[
        never("carried_line_is_not_changed", GuardEvent::Update),
        never("carried_line_is_not_removed", GuardEvent::Delete),
    ],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};

const fn never(name: &'static str, on: GuardEvent) -> Guard {
    Guard {
        name,
        table: "carried_log_lines",
        on,
        refuse_if: "1 = 1",
    }
}

/// Keeps the log that came along with the import at hand, line for line.
pub fn keep_log(tx: &mut Write<'_>, lines: &str) -> Result<(), Error> {
    let last = tx.first("SELECT max(id) FROM carried_logs", &[], |row| row.int(0))?;
    let log = last.ok_or_else(|| Error::ours("no log is being carried"))?;
    for (line, number) in lines.lines().zip(1_i64..) {
        let text = Param::Sealed {
            column: LINE,
            text: line,
        };
        tx.run(
            "INSERT INTO carried_log_lines (log, line, text) VALUES ($1, $2, $3)",
            &[log.into(), number.into(), text],
        )?;
    }
    Ok(())
}
