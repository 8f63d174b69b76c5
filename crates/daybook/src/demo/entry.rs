//! An entry of the demo before it is posted: amounts in cents, debit positive.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::people::Person;

pub struct Entry {
    pub date: Date,
    pub description: String,
    pub reference: String,
    pub note: &'static str,
    pub tags: &'static [&'static str],
    pub by: Person,
    pub lines: Vec<Line>,
    /// Why it is reversed right after, if it is.
    pub mistake: Option<&'static str>,
}

pub struct Line {
    pub account: &'static str,
    /// In cents of its currency.
    pub amount: i64,
    pub valued: Valued,
}

pub enum Valued {
    /// In euros already.
    Itself,
    /// In US dollars, at ten-thousandths of a euro for each.
    AtRate(i64),
    /// In US dollars that stand for so many cents of a euro.
    As(i64),
}

impl Entry {
    pub fn new(date: Date, by: Person, description: impl Into<String>) -> Self {
        Self {
            date,
            description: description.into(),
            reference: String::new(),
            note: "",
            tags: &[],
            by,
            lines: Vec::new(),
            mistake: None,
        }
    }

    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = reference.into();
        self
    }

    pub fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    pub fn tags(mut self, tags: &'static [&'static str]) -> Self {
        self.tags = tags;
        self
    }

    pub fn taken_back(mut self, why: &'static str) -> Self {
        self.mistake = Some(why);
        self
    }

    /// A line in euros.
    pub fn line(self, account: &'static str, amount: i64) -> Self {
        self.push(account, amount, Valued::Itself)
    }

    /// A line in US dollars at a rate.
    pub fn dollars(self, account: &'static str, amount: i64, rate: i64) -> Self {
        self.push(account, amount, Valued::AtRate(rate))
    }

    /// A line in US dollars that stands for an amount in euros.
    pub fn dollars_as(self, account: &'static str, amount: i64, euros: i64) -> Self {
        self.push(account, amount, Valued::As(euros))
    }

    fn push(mut self, account: &'static str, amount: i64, valued: Valued) -> Self {
        // A rounded share of nothing is left out, as the books refuse zeros.
        if amount != 0 {
            self.lines.push(Line {
                account,
                amount,
                valued,
            });
        }
        self
    }

    /// What the entry does to an account, in cents of a euro.
    pub fn effect(&self, account: &str) -> i64 {
        let lines = self.lines.iter().filter(|line| line.account == account);
        lines.map(Line::euros).sum()
    }

    /// The input of `books.post_entry`.
    pub fn input(&self) -> Value {
        let mut input = json!({
            "date": self.date.to_string(),
            "description": self.description,
            "lines": self.lines.iter().map(Line::input).collect::<Vec<_>>(),
        });
        if !self.reference.is_empty() {
            input["reference"] = json!(self.reference);
        }
        if !self.note.is_empty() {
            input["note"] = json!(self.note);
        }
        if !self.tags.is_empty() {
            input["tags"] = json!(self.tags);
        }
        input
    }
}

impl Line {
    pub fn euros(&self) -> i64 {
        match self.valued {
            Valued::Itself => self.amount,
            Valued::AtRate(rate) => at_rate(self.amount, rate),
            Valued::As(euros) => euros,
        }
    }

    fn input(&self) -> Value {
        let (account, amount) = (self.account, decimal(self.amount));
        match self.valued {
            Valued::Itself => json!({"account": account, "amount": amount}),
            Valued::AtRate(rate) => {
                let rate = format!("{}.{:04}", rate / 10_000, rate % 10_000);
                json!({"account": account, "amount": amount, "currency": "USD", "rate": rate})
            }
            Valued::As(euros) => {
                let euros = decimal(euros);
                json!({"account": account, "amount": amount, "currency": "USD", "base_amount": euros})
            }
        }
    }
}

/// Dollars as euros, to the nearest cent.
pub fn at_rate(dollars: i64, rate: i64) -> i64 {
    let exact = dollars * rate;
    (exact + 5_000 * exact.signum()) / 10_000
}

/// Value added tax of 19 %.
pub const fn tax(net: i64) -> i64 {
    (net * 19 + 50) / 100
}

pub fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}
