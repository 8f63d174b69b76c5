//! Books written as journals that hledger, ledger and beancount read to the same balances.

mod beancount;
mod hledger;
mod unique;

use jiff::civil::Date;

pub use beancount::beancount;
pub use hledger::hledger;

use super::model::{AccountKind, Amount, Journal};

/// The books to be written.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub accounts: Vec<Account>,
    pub entries: Vec<Entry>,
    pub prices: Vec<Price>,
}

/// An account by its full name, whose parts are separated by colons.
#[derive(Clone, Debug)]
pub struct Account {
    pub name: String,
    pub kind: AccountKind,
    pub opened: Option<Date>,
    pub closed: Option<Date>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub date: Date,
    /// The number of the document, or empty.
    pub number: String,
    pub description: String,
    pub note: String,
    /// Names with their values, which may be empty.
    pub tags: Vec<(String, String)>,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub account: String,
    pub amount: Amount,
    /// What the whole line cost in another commodity; its sign is that of the amount.
    pub total_cost: Option<Amount>,
    pub note: String,
}

/// What one unit of a commodity was worth on a day.
#[derive(Clone, Debug)]
pub struct Price {
    pub date: Date,
    pub commodity: String,
    pub price: Amount,
}

impl From<&Journal> for Ledger {
    /// A journal to be written in another syntax. An account of no known kind is an asset.
    fn from(journal: &Journal) -> Self {
        let accounts = journal.accounts.iter().map(|account| Account {
            name: account.name.to_string(),
            kind: account.kind.unwrap_or(AccountKind::Asset),
            opened: account.opened,
            closed: account.closed,
        });
        let prices = journal.prices.iter().map(|price| Price {
            date: price.date,
            commodity: price.commodity.to_string(),
            price: price.price.clone(),
        });
        Self {
            accounts: accounts.collect(),
            entries: journal.transactions.iter().map(entry).collect(),
            prices: prices.collect(),
        }
    }
}

fn entry(transaction: &super::Transaction) -> Entry {
    let words = transaction.description.as_str();
    let known = transaction.payee.is_empty() || words.contains(&transaction.payee);
    let description = match known {
        true => words.to_owned(),
        false if words.is_empty() => transaction.payee.clone(),
        false => format!("{} | {words}", transaction.payee),
    };
    let lines = transaction.postings.iter().map(|posting| Line {
        account: posting.account.to_string(),
        amount: posting.amount.clone(),
        total_cost: posting.cost.as_ref().map(|cost| cost.weight.clone()),
        note: posting.note.clone(),
    });
    Entry {
        date: transaction.date,
        number: transaction.code.clone(),
        description,
        note: transaction.note.clone(),
        tags: transaction.tags.clone(),
        lines: lines.collect(),
    }
}

/// One line of words: line ends and runs of blanks become a single blank.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    line
}
