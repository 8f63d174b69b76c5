//! The balance sheet: what the business has, what it owes, and what is left for its owners,
//! with the earnings that no closing entry has moved to equity yet.

use std::collections::HashMap;

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::profit_and_loss::{Columns, ReportRow, ReportSection};
use crate::accounts::model::Kind;
use crate::accounts::sql as accounts;
use crate::entries::show_entry::BaseShown;
use crate::{balances, dates};

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BalanceSheet {
    /// At the end of this day; left out, today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// Beside this day; left out, a year earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_on: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BalanceSheetReport {
    pub on: String,
    pub compare_on: String,
    pub currency: String,
    pub assets: ReportSection,
    /// Positive as they are owed.
    pub liabilities: ReportSection,
    /// With current earnings as the last row.
    pub equity: ReportSection,
    /// Income less expenses up to the day.
    pub current_earnings: String,
    pub total_assets: String,
    /// Liabilities and equity: the same figure as the assets, unless this holds only what is
    /// assigned to you.
    pub total_liabilities_and_equity: String,
    /// Whether it holds only what is assigned to you, and not all the books.
    pub assigned_only: bool,
}

impl Query for BalanceSheet {
    const SPEC: Spec = Spec {
        name: "books.balance_sheet",
        summary: "Shows assets, liabilities and equity at the end of a day.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = BalanceSheetReport;

    fn example() -> Self {
        Self {
            on: Some("2026-12-31".into()),
            compare_on: None,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check_optional(faults, "on", self.on.as_deref());
        dates::check_optional(faults, "compare_on", self.compare_on.as_deref());
    }

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<BalanceSheetReport, Error> {
        let on = dates::read_or("on", self.on.as_deref(), dates::today(tx))?;
        let year_earlier = dates::year_earlier(on).max(dates::DAY_FIRST);
        let compare_on = dates::read_or("compare_on", self.compare_on.as_deref(), year_earlier)?;
        let chart = accounts::chart(tx)?;
        let base = BaseShown::load(tx)?;
        let moved = [standing(tx, on)?];
        let previous = standing(tx, compare_on)?;
        let columns = Columns {
            chart: &chart,
            base: &base,
            moved: &moved,
            previous: &previous,
        };
        let (assets, _) = columns.section(Kind::Asset, 1);
        let (liabilities, owed) = columns.section(Kind::Liability, -1);
        let (mut equity, mut owned) = columns.section(Kind::Equity, -1);
        let (_, income) = columns.section(Kind::Income, -1);
        let (_, expenses) = columns.section(Kind::Expense, 1);
        let earnings: Vec<i64> = income.iter().zip(&expenses).map(|(a, b)| a - b).collect();
        for (sum, earned) in owned.iter_mut().zip(&earnings) {
            *sum += earned;
        }
        let earned = columns.row("", "Current earnings", &earnings);
        let current_earnings = earned.total.clone();
        equity.rows.push(earned);
        let ReportRow {
            amounts,
            total,
            previous,
            ..
        } = columns.row("", "", &owned);
        (equity.totals, equity.total, equity.previous) = (amounts, total, previous);
        Ok(BalanceSheetReport {
            on: dates::iso(on),
            compare_on: dates::iso(compare_on),
            currency: base.code.clone(),
            total_assets: assets.total.clone(),
            total_liabilities_and_equity: base.decimal(owed[0] + owned[0]),
            assets,
            liabilities,
            equity,
            current_earnings,
            assigned_only: !tx.sees_all(),
        })
    }

    fn table(output: &BalanceSheetReport) -> Option<Table> {
        let mut table = Table::new(&[
            ("section", false),
            ("account", false),
            ("name", false),
            ("balance", true),
            ("compared", true),
        ]);
        for section in [&output.assets, &output.liabilities, &output.equity] {
            table.rows.extend(section.rows.iter().cloned().map(|row| {
                vec![
                    section.heading.clone(),
                    row.account,
                    row.name,
                    row.total,
                    row.previous,
                ]
            }));
        }
        Some(table)
    }
}

/// What stands on each account at the end of a day, in the base currency.
fn standing(tx: &mut Read<'_>, day: i64) -> Result<HashMap<i64, i64>, Error> {
    let mut standing: HashMap<i64, i64> = HashMap::new();
    for one in balances::at(tx, day, None)? {
        *standing.entry(one.account).or_default() += one.base;
    }
    Ok(standing)
}
