//! What a template holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// More templates than this are not found again in a list.
pub(super) const TEMPLATES_MAX: i64 = 500;
pub(super) const NAME_LENGTH_MAX: usize = 100;

/// A line as it is given. What changes from time to time is left out, and typed when it is used.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TemplateLine {
    /// Code or full name: 1200, or Assets:Bank.
    pub account: String,
    /// Signed, debit positive: 12.50 or -12.50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The code of its currency; left out, the base currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A template that is ready to be kept.
#[derive(Debug)]
pub(super) struct NewTemplate {
    pub name: String,
    pub description: String,
    pub journal: i64,
    pub made_by: String,
    pub lines: Vec<NewTemplateLine>,
}

#[derive(Debug)]
pub(super) struct NewTemplateLine {
    pub account: i64,
    /// Minor units of the currency, debit positive.
    pub amount: Option<i64>,
    /// Always there if there is an amount.
    pub currency: Option<String>,
    pub note: String,
}

#[derive(Debug)]
pub(super) struct KeptTemplate {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub journal: i64,
    pub made_by: String,
    pub lines: i64,
}
