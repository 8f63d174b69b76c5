//! Reopens a closed account, so that lines can be posted to it again.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::close_account::AccountState;
use super::open_account::unknown;
use super::sql;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReopenAccount {
    /// Code or full name of the account.
    pub account: String,
}

impl Command for ReopenAccount {
    const SPEC: Spec = Spec {
        name: "books.reopen_account",
        summary: "Reopens a closed account.",
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
        if !account.closed {
            let message = format!("The account {} is open already.", account.code);
            return Err(Error::fault("account", message));
        }
        sql::reopen(tx, account.id)?;
        let state = |closed| AccountState {
            code: account.code.clone(),
            closed,
        };
        let after = state(false);
        let change = Change::updated("Account", &account.code, &state(true), &after);
        Ok(Done::new(after, change))
    }
}
