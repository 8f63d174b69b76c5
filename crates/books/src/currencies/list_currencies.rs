//! The currencies and commodities of the books, the base currency first.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql::{self, Scales};

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListCurrencies {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CurrencyList {
    pub base: Option<String>,
    pub currencies: Vec<ListedCurrency>,
}

impl Query for ListCurrencies {
    const SPEC: Spec = Spec {
        name: "books.list_currencies",
        summary: "Lists the currencies and commodities of the books.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = CurrencyList;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<CurrencyList, Error> {
        let scales = Scales::load(tx)?;
        let base = sql::base(tx)?.map(|base| base.code().to_owned());
        let mut codes = sql::used(tx)?;
        codes.extend(scales.settled().map(str::to_owned));
        codes.extend(base.clone());
        codes.sort_by_key(|code| (base.as_ref() != Some(code), code.clone()));
        codes.dedup();
        let currencies = codes.into_iter().filter_map(|code| {
            let decimals = scales.currency(&code)?.scale();
            Some(ListedCurrency { code, decimals })
        });
        Ok(CurrencyList {
            base,
            currencies: currencies.collect(),
        })
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ListedCurrency {
    pub code: String,
    pub decimals: u8,
}
