//! Ready-made charts: short enough to be read, long enough to begin with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Kind::{self, Asset, Equity, Expense, Income, Liability};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Template {
    /// A company that buys, sells and employs.
    SmallBusiness,
    /// One person in Germany who invoices with value added tax.
    FreelancerDe,
    /// A club or charity that lives on fees and gifts.
    Association,
}

/// Code, name, kind and the code of the account above.
type Line = (&'static str, &'static str, Kind, Option<&'static str>);

impl Template {
    pub const ALL: [Self; 3] = [Self::SmallBusiness, Self::FreelancerDe, Self::Association];

    pub const fn name(self) -> &'static str {
        match self {
            Self::SmallBusiness => "small_business",
            Self::FreelancerDe => "freelancer_de",
            Self::Association => "association",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::SmallBusiness => "Small business",
            Self::FreelancerDe => "Freelancer in Germany",
            Self::Association => "Club or charity",
        }
    }

    pub const fn accounts(self) -> &'static [Line] {
        match self {
            Self::SmallBusiness => SMALL_BUSINESS,
            Self::FreelancerDe => FREELANCER_DE,
            Self::Association => ASSOCIATION,
        }
    }
}

const SMALL_BUSINESS: &[Line] = &[
    ("1000", "Assets", Asset, None),
    ("1100", "Cash", Asset, Some("1000")),
    ("1200", "Bank", Asset, Some("1000")),
    ("1250", "Savings", Asset, Some("1000")),
    ("1300", "Receivables", Asset, Some("1000")),
    ("1400", "Stock", Asset, Some("1000")),
    ("1500", "Equipment", Asset, Some("1000")),
    ("1600", "Input tax", Asset, Some("1000")),
    ("2000", "Liabilities", Liability, None),
    ("2100", "Payables", Liability, Some("2000")),
    ("2200", "Credit card", Liability, Some("2000")),
    ("2300", "Output tax", Liability, Some("2000")),
    ("2400", "Wages payable", Liability, Some("2000")),
    ("2500", "Loans", Liability, Some("2000")),
    ("3000", "Equity", Equity, None),
    ("3100", "Capital", Equity, Some("3000")),
    ("3200", "Drawings", Equity, Some("3000")),
    ("3900", "Opening balances", Equity, Some("3000")),
    ("4000", "Income", Income, None),
    ("4100", "Sales", Income, Some("4000")),
    ("4200", "Services", Income, Some("4000")),
    ("4900", "Interest received", Income, Some("4000")),
    ("5000", "Expenses", Expense, None),
    ("5100", "Goods", Expense, Some("5000")),
    ("5200", "Wages", Expense, Some("5000")),
    ("5300", "Rent", Expense, Some("5000")),
    ("5400", "Energy", Expense, Some("5000")),
    ("5500", "Travel", Expense, Some("5000")),
    ("5600", "Software", Expense, Some("5000")),
    ("5700", "Insurance", Expense, Some("5000")),
    ("5800", "Advertising", Expense, Some("5000")),
    ("5900", "Bank charges", Expense, Some("5000")),
    ("5950", "Depreciation", Expense, Some("5000")),
];

const FREELANCER_DE: &[Line] = &[
    ("1200", "Bank", Asset, None),
    ("1000", "Kasse", Asset, None),
    ("1400", "Forderungen", Asset, None),
    ("1576", "Vorsteuer 19 %", Asset, None),
    ("1571", "Vorsteuer 7 %", Asset, None),
    ("0420", "Büroeinrichtung", Asset, None),
    ("1600", "Verbindlichkeiten", Liability, None),
    ("1776", "Umsatzsteuer 19 %", Liability, None),
    ("1771", "Umsatzsteuer 7 %", Liability, None),
    ("1780", "Umsatzsteuer-Vorauszahlungen", Liability, None),
    ("1800", "Privatentnahmen", Equity, None),
    ("1890", "Privateinlagen", Equity, None),
    ("9000", "Saldenvorträge", Equity, None),
    ("8400", "Erlöse 19 %", Income, None),
    ("8300", "Erlöse 7 %", Income, None),
    ("8100", "Steuerfreie Erlöse", Income, None),
    ("4210", "Miete", Expense, None),
    ("4360", "Versicherungen", Expense, None),
    ("4600", "Werbung", Expense, None),
    ("4670", "Reisekosten", Expense, None),
    ("4806", "Software und Wartung", Expense, None),
    ("4830", "Abschreibungen", Expense, None),
    ("4920", "Telefon und Internet", Expense, None),
    ("4930", "Bürobedarf", Expense, None),
    ("4970", "Kontoführung", Expense, None),
];

const ASSOCIATION: &[Line] = &[
    ("1000", "Cash", Asset, None),
    ("1100", "Bank", Asset, None),
    ("1200", "Fees receivable", Asset, None),
    ("2000", "Payables", Liability, None),
    ("2100", "Fees received in advance", Liability, None),
    ("3000", "Funds", Equity, None),
    ("3100", "Restricted funds", Equity, None),
    ("4000", "Membership fees", Income, None),
    ("4100", "Donations", Income, None),
    ("4200", "Grants", Income, None),
    ("4300", "Event takings", Income, None),
    ("5000", "Premises", Expense, None),
    ("5100", "Event costs", Expense, None),
    ("5200", "Grants made", Expense, None),
    ("5300", "Administration", Expense, None),
    ("5400", "Insurance", Expense, None),
];
