//! Renames an account. Its code, its lines and its place in the tree stay.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::open_account::{NAME_LENGTH_MAX, OpenedAccount, unknown};
use super::sql;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenameAccount {
    /// Code or full name of the account.
    pub account: String,
    /// The new name, below its parent's.
    pub name: String,
}

impl Command for RenameAccount {
    const SPEC: Spec = Spec {
        name: "books.rename_account",
        summary: "Renames an account.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = OpenedAccount;

    fn example() -> Self {
        Self {
            account: "1200".into(),
            name: "House bank".into(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("name", &self.name, NAME_LENGTH_MAX);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<OpenedAccount>, Error> {
        let chart = sql::chart(tx)?;
        let account = chart
            .find(&self.account)
            .ok_or_else(|| Error::fault("account", unknown(&chart, &self.account)))?;
        let (name, old) = (self.name.trim(), account.full_name.as_str());
        let above = old.strip_suffix(account.name.as_str()).unwrap_or_default();
        let new = format!("{above}{name}");
        let renamed: Vec<(i64, String)> = chart
            .accounts
            .iter()
            .filter(|one| one.id == account.id || chart.is_below(one.id, account.id))
            .map(|one| (one.id, one.full_name.replacen(old, &new, 1)))
            .collect();
        let taken = |name: &str| {
            chart
                .accounts
                .iter()
                .any(|one| one.full_name == name && one.id != account.id)
        };
        if let Some((_, name)) = renamed.iter().find(|(_, name)| taken(name)) {
            let message = format!("There is an account named {name} already. Choose another name.");
            return Err(Error::fault("name", message));
        }
        sql::rename(tx, account.id, name, &renamed)?;
        let (code, kind) = (account.code.clone(), account.kind);
        let before = OpenedAccount {
            code: code.clone(),
            name: account.full_name.clone(),
            kind,
        };
        let after = OpenedAccount {
            code,
            name: new,
            kind,
        };
        let change = Change::updated("Account", &after.code, &before, &after);
        Ok(Done::new(after, change))
    }
}
