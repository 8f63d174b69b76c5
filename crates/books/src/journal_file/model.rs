//! What a journal says, after everything left to be understood has been worked out.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::quantity::{OutOfRange, Quantity};

/// A name that many postings share (an account, a commodity, a file), kept once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

/// Everything one journal and the files it includes say.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Journal {
    /// In the order of the files, except that padding entries stand at the end.
    pub transactions: Vec<Transaction>,
    pub accounts: Vec<DeclaredAccount>,
    pub prices: Vec<Price>,
    /// Where not empty, the books differ from what the writer meant: refuse the import.
    pub faults: Vec<Fault>,
    /// What the reader should look at, though the books are complete without it.
    pub warnings: Vec<Fault>,
    /// What was understood and has no effect on the books.
    pub ignored: Vec<Ignored>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transaction {
    pub date: Date,
    pub secondary_date: Option<Date>,
    pub status: Status,
    pub code: String,
    /// The payee where the syntax tells it apart, else empty.
    pub payee: String,
    /// The whole description (hledger, ledger) or the narration (beancount).
    pub description: String,
    pub note: String,
    pub tags: Vec<(String, String)>,
    pub links: Vec<String>,
    pub postings: Vec<Posting>,
    /// What the weights leave over, which the program's own tolerance lets pass.
    pub residual: Vec<Amount>,
    pub source: Place,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Posting {
    pub account: Name,
    pub amount: Amount,
    pub cost: Option<Cost>,
    /// The lot as written in braces, brackets and parentheses.
    pub lot: Option<Lot>,
    /// The price of one unit written with `@` beside a lot's own cost.
    pub price: Option<Amount>,
    pub date: Option<Date>,
    pub status: Status,
    /// Written in square brackets: balanced among its own kind, kept as a real posting.
    pub bracketed: bool,
    /// The amount was left out in the file and worked out here.
    pub inferred: bool,
    pub note: String,
    pub tags: Vec<(String, String)>,
    pub place: Place,
}

impl Posting {
    /// The amount with which the posting enters the balance of its transaction.
    pub fn weight(&self) -> &Amount {
        self.cost.as_ref().map_or(&self.amount, |cost| &cost.weight)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Amount {
    pub quantity: Quantity,
    /// Empty where the file writes a bare number.
    pub commodity: Name,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cost {
    pub written: CostWritten,
    /// The total, with the sign it has in the balance.
    pub weight: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum CostWritten {
    /// `@`: the price of one unit.
    Unit(Amount),
    /// `@@`: the price of the whole posting.
    Total(Amount),
    /// `{…}`: what one unit of the lot cost when it was bought.
    LotUnit(Amount),
    /// `{{…}}`: what the whole lot cost when it was bought.
    LotTotal(Amount),
    /// Not written: two commodities balance each other.
    Inferred,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lot {
    pub unit_cost: Option<Amount>,
    pub total_cost: Option<Amount>,
    pub date: Option<Date>,
    pub label: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Price {
    pub date: Date,
    pub commodity: Name,
    pub price: Amount,
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeclaredAccount {
    pub name: Name,
    pub kind: Option<AccountKind>,
    pub opened: Option<Date>,
    pub closed: Option<Date>,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum AccountKind {
    Asset,
    Liability,
    Equity,
    Income,
    Expense,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Status {
    #[default]
    Unmarked,
    /// `!`: to be looked at.
    Pending,
    /// `*`: done.
    Cleared,
}

/// Where something was written; lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    pub file: Name,
    pub line: u32,
}

/// What keeps the journal from being understood: a sentence for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub place: Place,
    pub reason: String,
}

/// Something written that was understood and leaves the books as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ignored {
    pub place: Place,
    pub directive: String,
    pub why: &'static str,
}

impl AccountKind {
    /// Guesses from the first part of a full account name, by hledger's conventions.
    pub fn guess(account: &str) -> Option<Self> {
        let root = account.split(':').next().unwrap_or_default();
        match root.trim().to_lowercase().as_str() {
            "asset" | "assets" => Some(Self::Asset),
            "liability" | "liabilities" | "debt" | "debts" => Some(Self::Liability),
            "equity" => Some(Self::Equity),
            "income" | "revenue" | "revenues" => Some(Self::Income),
            "expense" | "expenses" => Some(Self::Expense),
            _ => None,
        }
    }
}

impl Amount {
    pub fn new(quantity: Quantity, commodity: Name) -> Self {
        Self {
            quantity,
            commodity,
        }
    }

    #[must_use]
    pub fn negated(&self) -> Self {
        Self::new(self.quantity.negated(), self.commodity.clone())
    }

    /// This price for `units` of something.
    pub fn times(&self, units: Quantity) -> Result<Self, OutOfRange> {
        Ok(Self::new(
            self.quantity.times(units)?,
            self.commodity.clone(),
        ))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.quantity)?;
        if !self.commodity.is_empty() {
            write!(f, " {}", self.commodity)?;
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
