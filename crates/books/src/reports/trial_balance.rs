//! The trial balance: what stands on each account at the end of a day.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::accounts::model::Kind;
use crate::accounts::sql as accounts;
use crate::currencies::sql::{self as currencies, Scales};
use crate::{balances, dates};

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrialBalance {
    /// At the end of this day; left out, of all days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TrialBalanceReport {
    pub on: String,
    /// Ordered by code.
    pub rows: Vec<TrialBalanceRow>,
    pub base_currency: Option<String>,
    /// Debits and credits of all rows in the base currency: the same figure, unless this holds only
    /// what is assigned to you.
    pub total_debit: String,
    pub total_credit: String,
    /// Whether it holds only what is assigned to you, and not all the books.
    pub assigned_only: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TrialBalanceRow {
    /// The account's code.
    pub account: String,
    /// The account's full name.
    pub name: String,
    pub kind: Kind,
    pub currency: String,
    /// Signed, debit positive.
    pub balance: String,
    /// The same in the base currency, as it was posted.
    pub base: String,
}

impl Query for TrialBalance {
    const SPEC: Spec = Spec {
        name: "books.trial_balance",
        summary: "Shows the balance of each account at the end of a day.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = TrialBalanceReport;

    fn example() -> Self {
        Self {
            on: Some("2026-01-31".into()),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check_optional(faults, "on", self.on.as_deref());
    }

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<TrialBalanceReport, Error> {
        let day = dates::read_or("on", self.on.as_deref(), dates::DAY_LAST)?;
        let chart = accounts::chart(tx)?;
        let scales = Scales::load(tx)?;
        let base = currencies::base(tx)?;
        let base_decimal =
            |minor: i64| daybook_kernel::money::decimal(minor, base.map_or(2, |base| base.scale()));
        let mut standings = Vec::new();
        let (mut debit, mut credit) = (0_i64, 0_i64);
        for standing in balances::at(tx, day, None)? {
            let side = if standing.base > 0 {
                &mut debit
            } else {
                &mut credit
            };
            *side = side
                .checked_add(standing.base)
                .ok_or_else(|| Error::ours("the trial balance is out of range"))?;
            let account = chart
                .get(standing.account)
                .ok_or_else(|| Error::ours("a balance without an account"))?;
            standings.push((account, standing));
        }
        standings.sort_by(|(a, left), (b, right)| {
            (&a.code, &left.currency).cmp(&(&b.code, &right.currency))
        });
        let rows = standings
            .into_iter()
            .map(|(account, standing)| TrialBalanceRow {
                account: account.code.clone(),
                name: account.full_name.clone(),
                kind: account.kind,
                balance: scales.decimal(&standing.currency, standing.amount),
                base: base_decimal(standing.base),
                currency: standing.currency,
            });
        Ok(TrialBalanceReport {
            on: dates::iso(day),
            rows: rows.collect(),
            base_currency: base.map(|base| base.code().to_owned()),
            total_debit: base_decimal(debit),
            total_credit: base_decimal(credit.saturating_neg()),
            assigned_only: !tx.sees_all(),
        })
    }

    fn table(output: &TrialBalanceReport) -> Option<Table> {
        let mut table = Table::new(&[
            ("account", false),
            ("name", false),
            ("currency", false),
            ("balance", true),
        ]);
        table.rows.extend(output.rows.iter().map(|row| {
            vec![
                row.account.clone(),
                row.name.clone(),
                row.currency.clone(),
                row.balance.clone(),
            ]
        }));
        Some(table)
    }
}
