//! The general ledger: every account that moved in a span, with all its lines.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::profit_and_loss::span;
use crate::dates;
use crate::entries::account_register::{Register, Span, page};
use crate::entries::reading::Cursor;
use crate::entries::show_entry::LineShower;

/// More lines than this are no report but an export.
const LINES_MAX: usize = 20_000;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GeneralLedger {
    /// The first day; left out, the first of the year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day; left out, the last of the year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GeneralLedgerReport {
    pub from: String,
    pub to: String,
    /// Ordered by code; those with a line in the span.
    pub accounts: Vec<Register>,
}

impl Query for GeneralLedger {
    const SPEC: Spec = Spec {
        name: "books.general_ledger",
        summary: "Shows every account that moved in a span, with its lines.",
        scope: Scope::Workspace,
        rate: Rate::Heavy,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = GeneralLedgerReport;

    fn example() -> Self {
        Self {
            from: Some("2026-01-01".into()),
            to: Some("2026-01-31".into()),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check_optional(faults, "from", self.from.as_deref());
        dates::check_optional(faults, "to", self.to.as_deref());
    }

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<GeneralLedgerReport, Error> {
        let (from, to) = span(tx, self.from.as_deref(), self.to.as_deref())?;
        let shower = LineShower::load(tx)?;
        let mut report = GeneralLedgerReport {
            from: dates::iso(from),
            to: dates::iso(to),
            accounts: Vec::new(),
        };
        let mut left = LINES_MAX;
        for account in &shower.chart.accounts {
            // One more than is left, so that too many are noticed.
            let limit = i64::try_from(left + 1).map_err(Error::ours)?;
            let span = Span {
                from,
                to,
                start: Cursor::START,
                limit,
            };
            let register = page(tx, &shower, account, &span)?;
            left = left.checked_sub(register.lines.len()).ok_or_else(|| {
                let message = format!("This span has more than {LINES_MAX} lines. Shorten it.");
                Error::fault("to", message)
            })?;
            if !register.lines.is_empty() {
                report.accounts.push(register);
            }
        }
        Ok(report)
    }

    fn table(output: &GeneralLedgerReport) -> Option<Table> {
        let mut table = Table::new(&[
            ("account", false),
            ("name", false),
            ("date", false),
            ("entry", true),
            ("description", false),
            ("amount", true),
            ("currency", false),
            ("balance", true),
        ]);
        for account in &output.accounts {
            table.rows.extend(account.lines.iter().cloned().map(|line| {
                vec![
                    account.account.clone(),
                    account.name.clone(),
                    line.date,
                    line.entry.to_string(),
                    line.description,
                    line.amount,
                    line.currency,
                    line.balance,
                ]
            }));
        }
        Some(table)
    }
}
