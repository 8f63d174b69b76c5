//! Profit and loss: income less expenses of a span, by its months or as a whole, beside the
//! span before. All in the base currency, as it was posted.

use std::collections::HashMap;

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::periods::{self, By, PERIODS_MAX};
use crate::accounts::model::{Chart, Kind};
use crate::accounts::sql as accounts;
use crate::entries::show_entry::BaseShown;
use crate::{balances, dates};

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfitAndLoss {
    /// The first day; left out, the first of the year of `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day; left out, the last of the year of `from`, or of this year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// month, quarter, year or total.
    #[serde(default)]
    pub by: By,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProfitAndLossReport {
    pub from: String,
    pub to: String,
    pub by: By,
    pub currency: String,
    pub periods: Vec<ReportPeriod>,
    /// The span before, which `previous` is of.
    pub previous: ReportPeriod,
    /// Income is positive as it is earned.
    pub income: ReportSection,
    /// Expenses are positive as they are spent.
    pub expenses: ReportSection,
    /// Income less expenses, in each period.
    pub net: Vec<String>,
    pub net_total: String,
    pub net_previous: String,
    /// Whether it holds only what is assigned to you, and not all the books.
    pub assigned_only: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ReportPeriod {
    pub label: String,
    pub from: String,
    pub to: String,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ReportSection {
    pub heading: String,
    pub rows: Vec<ReportRow>,
    pub totals: Vec<String>,
    pub total: String,
    pub previous: String,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ReportRow {
    /// The account's code.
    pub account: String,
    pub name: String,
    pub amounts: Vec<String>,
    pub total: String,
    /// The same account in the span before.
    pub previous: String,
}

impl Query for ProfitAndLoss {
    const SPEC: Spec = Spec {
        name: "books.profit_and_loss",
        summary: "Shows income and expenses of a span, by month or as a whole.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = ProfitAndLossReport;

    fn example() -> Self {
        Self {
            from: Some("2026-01-01".into()),
            to: Some("2026-12-31".into()),
            by: By::Month,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check_optional(faults, "from", self.from.as_deref());
        dates::check_optional(faults, "to", self.to.as_deref());
    }

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<ProfitAndLossReport, Error> {
        let (from, to) = span(tx, self.from.as_deref(), self.to.as_deref())?;
        let columns = periods::cut(from, to, self.by);
        if columns.len() > PERIODS_MAX {
            let message = format!("This makes more than {PERIODS_MAX} columns. Shorten the span.");
            return Err(Error::fault("by", message));
        }
        let before = periods::before(from, to);
        let chart = accounts::chart(tx)?;
        let base = BaseShown::load(tx)?;
        let mut moved = Vec::with_capacity(columns.len());
        for period in &columns {
            moved.push(movement(tx, period.from, period.to)?);
        }
        let previous = movement(tx, before.0, before.1)?;
        let sums = Columns {
            chart: &chart,
            base: &base,
            moved: &moved,
            previous: &previous,
        };
        let (income, income_sums) = sums.section(Kind::Income, -1);
        let (expenses, expense_sums) = sums.section(Kind::Expense, 1);
        let net: Vec<i64> = income_sums
            .iter()
            .zip(&expense_sums)
            .map(|(a, b)| a - b)
            .collect();
        let (net_previous, net) = net
            .split_last()
            .map_or((0, &net[..]), |(last, all)| (*last, all));
        Ok(ProfitAndLossReport {
            from: dates::iso(from),
            to: dates::iso(to),
            by: self.by,
            currency: base.code.clone(),
            periods: columns
                .iter()
                .map(|one| shown(&one.label, one.from, one.to))
                .collect(),
            previous: shown("Before", before.0, before.1),
            net_total: base.decimal(net.iter().sum()),
            net: net.iter().map(|minor| base.decimal(*minor)).collect(),
            net_previous: base.decimal(net_previous),
            income,
            expenses,
            assigned_only: !tx.sees_all(),
        })
    }

    fn table(output: &ProfitAndLossReport) -> Option<Table> {
        let mut table = Table::new(&[
            ("section", false),
            ("account", false),
            ("name", false),
            ("period", false),
            ("amount", true),
        ]);
        for section in [&output.income, &output.expenses] {
            for row in &section.rows {
                for (period, amount) in output.periods.iter().zip(&row.amounts) {
                    table.rows.push(vec![
                        section.heading.clone(),
                        row.account.clone(),
                        row.name.clone(),
                        period.label.clone(),
                        amount.clone(),
                    ]);
                }
            }
        }
        for (period, amount) in output.periods.iter().zip(&output.net) {
            let net = "Net".to_owned();
            table.rows.push(vec![
                net,
                String::new(),
                String::new(),
                period.label.clone(),
                amount.clone(),
            ]);
        }
        Some(table)
    }
}

/// The days asked for; what is left out is the rest of the year.
pub(crate) fn span(
    tx: &Read<'_>,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<(i64, i64), Error> {
    let today = dates::today(tx);
    let last_of_year = |day: i64| day / 10_000 * 10_000 + 1231;
    let (from, to) = match (from, to) {
        (None, None) => (dates::first_of_year(today), last_of_year(today)),
        (Some(from), None) => {
            let from = dates::read("from", from)?;
            (from, last_of_year(from))
        }
        (None, Some(to)) => {
            let to = dates::read("to", to)?;
            (dates::first_of_year(to), to)
        }
        (Some(from), Some(to)) => (dates::read("from", from)?, dates::read("to", to)?),
    };
    if to < from {
        return Err(Error::fault(
            "to",
            "The last day is before the first. Swap them.",
        ));
    }
    Ok((from, to))
}

/// What moved on each account between two days, in the base currency.
pub(crate) fn movement(tx: &mut Read<'_>, from: i64, to: i64) -> Result<HashMap<i64, i64>, Error> {
    let mut moved: HashMap<i64, i64> = HashMap::new();
    for standing in balances::at(tx, to, None)? {
        *moved.entry(standing.account).or_default() += standing.base;
    }
    for standing in balances::at(tx, dates::previous(from), None)? {
        *moved.entry(standing.account).or_default() -= standing.base;
    }
    Ok(moved)
}

fn shown(label: &str, from: i64, to: i64) -> ReportPeriod {
    ReportPeriod {
        label: label.to_owned(),
        from: dates::iso(from),
        to: dates::iso(to),
    }
}

/// Figures by account, a map for each column, and one for the span before.
pub(crate) struct Columns<'a> {
    pub chart: &'a Chart,
    pub base: &'a BaseShown,
    pub moved: &'a [HashMap<i64, i64>],
    pub previous: &'a HashMap<i64, i64>,
}

impl Columns<'_> {
    /// The accounts of a kind that have a figure anywhere, and the sums of the columns with that
    /// of the span before behind them.
    pub fn section(&self, kind: Kind, sign: i64) -> (ReportSection, Vec<i64>) {
        let maps = || self.moved.iter().chain(std::iter::once(self.previous));
        let mut sums = vec![0_i64; self.moved.len() + 1];
        let mut rows = Vec::new();
        for account in self.chart.accounts.iter().filter(|one| one.kind == kind) {
            let figures: Vec<i64> = maps()
                .map(|map| sign * map.get(&account.id).copied().unwrap_or(0))
                .collect();
            if figures.iter().all(|figure| *figure == 0) {
                continue;
            }
            for (sum, figure) in sums.iter_mut().zip(&figures) {
                *sum += figure;
            }
            rows.push(self.row(&account.code, &account.full_name, &figures));
        }
        let whole = self.row("", "", &sums);
        let section = ReportSection {
            heading: kind.heading().to_owned(),
            rows,
            totals: whole.amounts,
            total: whole.total,
            previous: whole.previous,
        };
        (section, sums)
    }

    pub fn row(&self, account: &str, name: &str, figures: &[i64]) -> ReportRow {
        let (previous, amounts) = figures
            .split_last()
            .map_or((0, figures), |(last, all)| (*last, all));
        ReportRow {
            account: account.to_owned(),
            name: name.to_owned(),
            amounts: amounts
                .iter()
                .map(|minor| self.base.decimal(*minor))
                .collect(),
            total: self.base.decimal(amounts.iter().sum()),
            previous: self.base.decimal(previous),
        }
    }
}
