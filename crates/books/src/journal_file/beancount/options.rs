//! `option` and `plugin`: what changes how the journal is understood, and what does not.

use std::collections::HashMap;

use super::super::model::Place;
use super::super::quantity::Quantity;
use super::{Booking, Problem, Reader};

pub(super) struct Options {
    /// The first parts of account names: assets, liabilities, equity, income, expenses.
    pub roots: [String; 5],
    /// By how much of the last digit a balance may be off.
    pub tolerance_multiplier: Quantity,
    pub tolerance_from_cost: bool,
    /// By currency, with `*` for all others.
    pub tolerance_default: HashMap<String, Quantity>,
    pub booking: Booking,
    pub auto_accounts: bool,
}

impl Default for Options {
    fn default() -> Self {
        let roots = ["Assets", "Liabilities", "Equity", "Income", "Expenses"];
        Self {
            roots: roots.map(str::to_owned),
            tolerance_multiplier: Quantity::new(5, 1).unwrap_or_default(),
            tolerance_from_cost: false,
            tolerance_default: HashMap::new(),
            booking: Booking::Strict,
            auto_accounts: false,
        }
    }
}

/// Plugins that only check, or only add prices.
const CHECKING: [&str; 15] = [
    "beancount.plugins.check_average_cost",
    "beancount.plugins.check_closing",
    "beancount.plugins.check_commodity",
    "beancount.plugins.check_drained",
    "beancount.plugins.coherent_cost",
    "beancount.plugins.commodity_attr",
    "beancount.plugins.implicit_prices",
    "beancount.plugins.leafonly",
    "beancount.plugins.noduplicates",
    "beancount.plugins.nounused",
    "beancount.plugins.onecommodity",
    "beancount.plugins.pedantic",
    "beancount.plugins.sellgains",
    "beancount.plugins.unique_prices",
    "beancount.ops.documents",
];

impl Reader<'_> {
    pub(super) fn option(&mut self, key: &str, value: &str, place: &Place) -> Result<(), Problem> {
        let roots = [
            "name_assets",
            "name_liabilities",
            "name_equity",
            "name_income",
            "name_expenses",
        ];
        if let Some(at) = roots.iter().position(|name| *name == key) {
            value.clone_into(&mut self.options.roots[at]);
            return Ok(());
        }
        match key {
            "inferred_tolerance_multiplier" | "tolerance_multiplier" => {
                self.options.tolerance_multiplier = Quantity::parse(value)?;
            }
            "infer_tolerance_from_cost" => {
                self.options.tolerance_from_cost = matches!(value, "TRUE" | "True" | "true" | "1");
            }
            "inferred_tolerance_default" | "default_tolerance" => self.default_tolerance(value)?,
            "booking_method" => self.options.booking = booking(value)?,
            "plugin" => {
                let name = value.split(':').next().unwrap_or_default();
                return self.plugin(name, place);
            }
            "allow_deprecated_none_for_tags_and_links"
            | "allow_pipe_separator"
            | "account_current_conversions"
            | "account_current_earnings"
            | "account_previous_balances"
            | "account_previous_conversions"
            | "account_previous_earnings"
            | "account_rounding"
            | "account_unrealized_gains"
            | "commodities"
            | "conversion_currency"
            | "display_precision"
            | "documents"
            | "experiment_explicit_tolerances"
            | "explicit_tolerances"
            | "filename"
            | "include"
            | "insert_pythonpath"
            | "long_string_maxlines"
            | "operating_currency"
            | "plugin_processing_mode"
            | "render_commas"
            | "title"
            | "use_legacy_fixed_tolerances" => {
                self.journal.ignore(
                    place.clone(),
                    "option",
                    "it sets how reports look or where files lie",
                );
            }
            _ => {
                return Err(Problem(format!(
                    "The option \"{key}\" is not known; remove it, or correct its name."
                )));
            }
        }
        Ok(())
    }

    /// `USD:0.003`: what may be missing in this currency.
    fn default_tolerance(&mut self, value: &str) -> Result<(), Problem> {
        let Some((currency, number)) = value.split_once(':') else {
            return Err("This tolerance is written like \"USD:0.003\"; write both parts.".into());
        };
        let number = Quantity::parse(number.trim())?;
        let currency = currency.trim().to_owned();
        self.options.tolerance_default.insert(currency, number);
        Ok(())
    }

    pub(super) fn plugin(&mut self, name: &str, place: &Place) -> Result<(), Problem> {
        if matches!(
            name,
            "beancount.plugins.auto_accounts" | "beancount.plugins.auto"
        ) {
            self.options.auto_accounts = true;
            return Ok(());
        }
        if CHECKING.contains(&name) {
            self.journal.ignore(
                place.clone(),
                "plugin",
                "it only checks the journal or adds prices",
            );
            return Ok(());
        }
        Err(Problem(format!(
            "The plugin {name} may change transactions and is not run; remove it, or print the journal with it applied and import that."
        )))
    }
}

pub(super) fn booking(name: &str) -> Result<Booking, Problem> {
    Ok(match name {
        "STRICT" => Booking::Strict,
        "STRICT_WITH_SIZE" => Booking::StrictWithSize,
        "NONE" => Booking::None,
        "FIFO" => Booking::Fifo,
        "LIFO" => Booking::Lifo,
        "HIFO" => Booking::Hifo,
        _ => {
            return Err(Problem(format!(
                "The booking method {name} is not followed; known are STRICT, STRICT_WITH_SIZE, FIFO, LIFO, HIFO and NONE."
            )));
        }
    })
}
