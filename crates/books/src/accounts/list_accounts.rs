//! The chart of accounts with each account's balance of today's books.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Kind;
use super::sql;
use crate::balances;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListAccounts {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AccountList {
    /// Ordered by code.
    pub accounts: Vec<ListedAccount>,
    /// Whether it holds only what is assigned to you, and not all the books.
    pub assigned_only: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ListedAccount {
    pub code: String,
    /// The full name: Assets:Bank.
    pub name: String,
    pub kind: Kind,
    /// The code of the account that it stands under.
    pub parent: Option<String>,
    /// Steps below a root.
    pub depth: u8,
    pub closed: bool,
    /// Signed, debit positive, in each currency that was ever posted here.
    pub balances: Vec<Balance>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Balance {
    pub currency: String,
    pub balance: String,
}

impl Query for ListAccounts {
    const SPEC: Spec = Spec {
        name: "books.list_accounts",
        summary: "Lists the chart of accounts with balances.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = AccountList;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<AccountList, Error> {
        let chart = sql::chart(tx)?;
        let mut balances = balances::current(tx)?;
        let accounts = chart.accounts.iter().map(|one| ListedAccount {
            code: one.code.clone(),
            name: one.full_name.clone(),
            kind: one.kind,
            parent: one.parent.and_then(|id| Some(chart.get(id)?.code.clone())),
            depth: one.depth,
            closed: one.closed,
            balances: balances.remove(&one.id).unwrap_or_default(),
        });
        Ok(AccountList {
            accounts: accounts.collect(),
            assigned_only: !tx.sees_all(),
        })
    }

    fn table(output: &AccountList) -> Option<Table> {
        let mut table = Table::new(&[
            ("code", false),
            ("name", false),
            ("kind", false),
            ("closed", false),
            ("currency", false),
            ("balance", true),
        ]);
        for account in &output.accounts {
            let row = |balance: Option<&Balance>| {
                vec![
                    account.code.clone(),
                    account.name.clone(),
                    account.kind.name().to_owned(),
                    if account.closed { "yes" } else { "no" }.to_owned(),
                    balance.map(|one| one.currency.clone()).unwrap_or_default(),
                    balance.map(|one| one.balance.clone()).unwrap_or_default(),
                ]
            };
            if account.balances.is_empty() {
                table.rows.push(row(None));
            }
            table
                .rows
                .extend(account.balances.iter().map(|one| row(Some(one))));
        }
        Some(table)
    }
}
