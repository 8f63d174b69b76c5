//! Closes an account: it keeps its lines and takes no new ones.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::open_account::unknown;
use super::sql;
use crate::{balances, dates};

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseAccount {
    /// Code or full name of the account.
    pub account: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AccountState {
    pub code: String,
    pub closed: bool,
}

impl Command for CloseAccount {
    const SPEC: Spec = Spec {
        name: "books.close_account",
        summary: "Closes an account with no balance, so that nothing more is posted to it.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = AccountState;

    fn example() -> Self {
        Self {
            account: "1200".into(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("account", &self.account, 1_000);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<AccountState>, Error> {
        let chart = sql::chart(tx)?;
        let account = chart
            .find(&self.account)
            .ok_or_else(|| Error::fault("account", unknown(&chart, &self.account)))?;
        if account.closed {
            let message = format!("The account {} is closed already.", account.code);
            return Err(Error::fault("account", message));
        }
        if let Some(left) = balances::at(tx, dates::DAY_LAST, Some(account.id))?
            .iter()
            .find(|standing| standing.amount != 0)
        {
            let message = format!(
                "The account {} still has a balance in {}. Bring it to zero first.",
                account.code, left.currency
            );
            return Err(Error::fault("account", message));
        }
        sql::close(tx, account.id)?;
        let state = |closed| AccountState {
            code: account.code.clone(),
            closed,
        };
        let after = state(true);
        let change = Change::updated("Account", &account.code, &state(false), &after);
        Ok(Done::new(after, change))
    }
}
