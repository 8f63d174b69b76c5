//! Chooses the currency that the books are kept in, before the first entry.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetBaseCurrency {
    /// Its code: EUR.
    pub currency: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BaseCurrency {
    pub currency: String,
    /// Decimals of its amounts.
    pub decimals: u8,
}

impl Command for SetBaseCurrency {
    const SPEC: Spec = Spec {
        name: "books.set_base_currency",
        summary: "Chooses the base currency, before the first entry.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = BaseCurrency;

    fn example() -> Self {
        Self {
            currency: "EUR".into(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("currency", &self.currency, 24);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<BaseCurrency>, Error> {
        let code = self.currency.trim();
        let base = sql::currency(tx, code)?.ok_or_else(|| {
            let message = format!("“{code}” is no currency of ISO 4217. Write it as EUR or USD.");
            Error::fault("currency", message)
        })?;
        let before = sql::base(tx)?;
        if sql::has_entries(tx)? && before != Some(base) {
            return Err(Error::conflict(
                "The books have entries already, so their base currency stays. Begin a new workspace for another.",
            ));
        }
        sql::set_base(tx, base)?;
        let after = BaseCurrency {
            currency: code.to_owned(),
            decimals: base.scale(),
        };
        let before = before.map(|base| base.code().to_owned());
        let change = Change::updated("BaseCurrency", code, &before, &after);
        Ok(Done::new(after, change))
    }
}
