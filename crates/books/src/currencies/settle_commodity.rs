//! Settles how many decimals amounts of a commodity have: shares, hours, or a currency that ISO 4217 does not know.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use daybook_kernel::Currency;

use super::sql;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettleCommodity {
    /// One word: AAPL.
    pub code: String,
    /// Decimals of its amounts, 0 to 12.
    pub decimals: u8,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SettledCommodity {
    pub code: String,
    pub decimals: u8,
}

impl Command for SettleCommodity {
    const SPEC: Spec = Spec {
        name: "books.settle_commodity",
        summary: "Settles a commodity and how many decimals its amounts have.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = SettledCommodity;

    fn example() -> Self {
        Self {
            code: "AAPL".into(),
            decimals: 4,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        if Currency::new(&self.code, self.decimals).is_none() {
            faults.add(
                "code",
                "A commodity is one word of at most 24 letters, with 0 to 12 decimals.",
            );
        }
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<SettledCommodity>, Error> {
        let commodity = Currency::new(&self.code, self.decimals).ok_or_else(|| {
            Error::fault("code", "A commodity is one word with 0 to 12 decimals.")
        })?;
        if sql::currency(tx, &self.code)?.is_some() {
            let message = format!("{} has its decimals settled already.", self.code);
            return Err(Error::fault("code", message));
        }
        sql::settle(tx, commodity)?;
        let settled = SettledCommodity {
            code: self.code,
            decimals: self.decimals,
        };
        let change = Change::created("Commodity", &settled.code, &settled);
        Ok(Done::new(settled, change))
    }
}
