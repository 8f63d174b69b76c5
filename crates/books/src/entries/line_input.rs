//! The lines of an entry as they are typed, and how they become lines of the books.

use daybook_kernel::money::decimal;
use daybook_kernel::{Currency, Error, Faults, Money, Read};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Balance, NOTE_LENGTH_MAX, NewLine, Valued, Weighed, at_rate, read_rate, weigh};
use crate::accounts::open_account::unknown;
use crate::accounts::sql::{self as accounts, Found};
use crate::currencies::sql as currencies;

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LineInput {
    /// Code or full name: 1200, or Assets:Bank.
    pub account: String,
    /// Signed, debit positive: 12.50 or -12.50. In its place, `debit` or `credit`.
    #[schemars(extend("format" = "decimal"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The amount, if it is a debit.
    #[schemars(extend("format" = "decimal"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debit: Option<String>,
    /// The amount, if it is a credit.
    #[schemars(extend("format" = "decimal"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// The code of its currency; left out, that of the entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Units of the base currency for one unit of this one: 0.92.
    #[schemars(extend("format" = "decimal"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// What the amount is in the base currency, in place of a rate.
    #[schemars(extend("format" = "decimal"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A line with its account found, for the entry and for the record of it.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub lines: Vec<NewLine>,
    pub codes: Vec<String>,
    /// What rates left over, in the base currency.
    pub rounding: i64,
}

impl LineInput {
    /// A row of the grid that nobody filled in.
    pub fn is_blank(&self) -> bool {
        self.account.trim().is_empty()
            && filled(self.amount.as_deref()).is_none()
            && filled(self.debit.as_deref()).is_none()
            && filled(self.credit.as_deref()).is_none()
            && filled(self.note.as_deref()).is_none()
    }
}

/// A text that says something.
pub(crate) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// What the input of the lines shows by itself.
pub(crate) fn check(faults: &mut Faults, lines: &[LineInput]) {
    for (at, line) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.is_blank())
    {
        if line.account.trim().is_empty() {
            faults.add(
                field(at, "account"),
                "Name the account by its code or full name.",
            );
        }
        let amounts = [&line.amount, &line.debit, &line.credit];
        match amounts
            .iter()
            .filter(|text| filled(text.as_deref()).is_some())
            .count()
        {
            1 => {}
            0 => faults.add(
                field(at, "amount"),
                "Give an amount, or a debit, or a credit.",
            ),
            _ => faults.add(
                field(at, "amount"),
                "Give one of amount, debit and credit only.",
            ),
        }
        if filled(line.rate.as_deref()).is_some() && filled(line.base_amount.as_deref()).is_some() {
            faults.add(
                field(at, "rate"),
                "Give a rate or a base amount, one of the two.",
            );
        }
        if let Some(note) = &line.note {
            faults.length(&field(at, "note"), note, NOTE_LENGTH_MAX);
        }
    }
}

pub(crate) fn field(at: usize, name: &str) -> String {
    format!("lines[{at}].{name}")
}

/// Lines whose accounts and amounts are read, before they are weighed against each other.
pub(crate) struct ReadLines {
    pub lines: Vec<NewLine>,
    codes: Vec<String>,
    weighed: Vec<Weighed>,
    /// Where each stood in the input.
    places: Vec<usize>,
}

/// Finds accounts and currencies, reads amounts, and weighs the lines against each other. Every
/// fault is told, not the first alone.
pub(crate) fn resolve(
    tx: &mut Read<'_>,
    inputs: &[LineInput],
    currency: Option<&str>,
    base: Currency,
) -> Result<Resolved, Error> {
    let read = read(tx, inputs, currency, base)?;
    if read.lines.len() < 2 {
        return Err(Error::fault(
            "lines",
            "An entry has at least two lines. Add the other side.",
        ));
    }
    let rounding = balance(&read.weighed, &read.places, base)?;
    Ok(Resolved {
        lines: read.lines,
        codes: read.codes,
        rounding,
    })
}

pub(crate) fn read(
    tx: &mut Read<'_>,
    inputs: &[LineInput],
    currency: Option<&str>,
    base: Currency,
) -> Result<ReadLines, Error> {
    let mut faults = Faults::default();
    let mut read = ReadLines {
        lines: Vec::with_capacity(inputs.len() + 1),
        codes: Vec::with_capacity(inputs.len()),
        weighed: Vec::with_capacity(inputs.len()),
        places: Vec::with_capacity(inputs.len()),
    };
    let filled_in = || {
        let lines = inputs.iter().enumerate();
        lines.filter(|(_, input)| !input.is_blank())
    };
    let accounts: Vec<&str> = filled_in().map(|(_, line)| line.account.as_str()).collect();
    let accounts = accounts::find_each(tx, &accounts)?;
    for ((at, input), found) in filled_in().zip(accounts) {
        let account = account(tx, &mut faults, at, input, found)?;
        let amounts = amounts(tx, &mut faults, at, input, currency, base)?;
        let (Some((account, code)), Some(amounts)) = (account, amounts) else {
            continue;
        };
        read.lines.push(NewLine {
            account,
            amount: amounts.amount,
            currency: amounts.currency,
            base: amounts.valued.base(amounts.amount),
            rate: filled(input.rate.as_deref()).map(str::to_owned),
            note: filled(input.note.as_deref()).unwrap_or_default().to_owned(),
        });
        read.codes.push(code);
        read.weighed.push(amounts);
        read.places.push(at);
    }
    faults.into_result()?;
    Ok(read)
}

impl ReadLines {
    /// For lines that need not balance, and so cannot be valued by each other.
    pub fn refuse_unvalued(&self, base: Currency) -> Result<(), Error> {
        let unvalued = self.weighed.iter().zip(&self.places);
        let unvalued = unvalued.filter(|(line, _)| line.valued == Valued::Not);
        let mut faults = Faults::default();
        for (line, place) in unvalued {
            faults.add(field(*place, "rate"), needs_rate(line.currency, base));
        }
        faults.into_result()
    }
}

fn needs_rate(currency: Currency, base: Currency) -> String {
    let (code, base) = (currency.code(), base.code());
    format!("{code} is not the base currency {base}. Give a rate or a base amount.")
}

/// What rates left over, or the fault that the lines do not balance.
fn balance(weighed: &[Weighed], places: &[usize], base: Currency) -> Result<i64, Error> {
    match weigh(weighed) {
        Balance::Balanced => Ok(0),
        Balance::Rounding(left_over) => Ok(left_over),
        Balance::Unvalued(lines) => {
            let mut faults = Faults::default();
            for at in lines {
                let message = needs_rate(weighed[at].currency, base);
                faults.add(field(places[at], "rate"), message);
            }
            Err(faults.into())
        }
        Balance::Differs(difference) => {
            Err(Error::fault("lines", differs(weighed, difference, base)))
        }
        Balance::TooLarge => Err(Error::fault(
            "lines",
            "These amounts are too large to be kept. Split the entry.",
        )),
    }
}

fn differs(weighed: &[Weighed], difference: i64, base: Currency) -> String {
    let bases = || weighed.iter().map(|line| line.valued.base(line.amount));
    let debit: i64 = bases().filter(|base| *base > 0).sum();
    let credit: i64 = bases().filter(|base| *base < 0).sum();
    let show = |minor: i64| decimal(minor.saturating_abs(), base.scale());
    format!(
        "Debits are {} and credits {}: they differ by {} {}. Correct an amount, or add a line.",
        show(debit),
        show(credit),
        show(difference),
        base.code()
    )
}

fn account(
    tx: &mut Read<'_>,
    faults: &mut Faults,
    at: usize,
    input: &LineInput,
    found: Option<Found>,
) -> Result<Option<(i64, String)>, Error> {
    match found {
        Some(found) if found.closed => {
            let message = format!(
                "The account {} is closed. Reopen it, or choose another.",
                found.code
            );
            faults.add(field(at, "account"), message);
            Ok(None)
        }
        Some(found) => Ok(Some((found.id, found.code))),
        None => {
            let chart = accounts::chart(tx)?;
            faults.add(field(at, "account"), unknown(&chart, input.account.trim()));
            Ok(None)
        }
    }
}

fn amounts(
    tx: &mut Read<'_>,
    faults: &mut Faults,
    at: usize,
    input: &LineInput,
    currency: Option<&str>,
    base: Currency,
) -> Result<Option<Weighed>, Error> {
    let code = filled(input.currency.as_deref())
        .or(currency)
        .unwrap_or(base.code());
    let currency = if code == base.code() {
        Some(base)
    } else {
        currencies::currency(tx, code)?
    };
    let Some(currency) = currency else {
        let message = format!(
            "“{code}” is no currency of ISO 4217 and no commodity of this workspace. Check its code."
        );
        faults.add(field(at, "currency"), message);
        return Ok(None);
    };
    let Some(amount) = signed_amount(faults, at, input, currency) else {
        return Ok(None);
    };
    let valued = valued(faults, at, input, amount, base);
    Ok(valued.map(|valued| Weighed {
        amount: amount.minor,
        currency,
        valued,
    }))
}

fn signed_amount(
    faults: &mut Faults,
    at: usize,
    input: &LineInput,
    currency: Currency,
) -> Option<Money> {
    let sides = [
        ("amount", &input.amount, 1),
        ("debit", &input.debit, 1),
        ("credit", &input.credit, -1),
    ];
    let (name, text, sign) = sides
        .into_iter()
        .find_map(|(name, text, sign)| Some((name, filled(text.as_deref())?, sign)))?;
    match Money::parse(text, currency) {
        Ok(money) if money.minor == 0 => {
            faults.add(
                field(at, name),
                "A line of zero says nothing. Give an amount, or leave the line out.",
            );
            None
        }
        Ok(money) => Some(Money::new(money.minor * sign, currency)),
        Err(why) => {
            faults.add(field(at, name), why.to_string());
            None
        }
    }
}

/// How the line is valued in the base currency; `None` after a fault.
fn valued(
    faults: &mut Faults,
    at: usize,
    input: &LineInput,
    amount: Money,
    base: Currency,
) -> Option<Valued> {
    let (rate, given) = (
        filled(input.rate.as_deref()),
        filled(input.base_amount.as_deref()),
    );
    if amount.currency == base {
        if rate.is_some() || given.is_some() {
            let name = if rate.is_some() {
                "rate"
            } else {
                "base_amount"
            };
            let message = format!(
                "This line is in the base currency {} itself. Leave this out.",
                base.code()
            );
            faults.add(field(at, name), message);
            return None;
        }
        return Some(Valued::Itself);
    }
    if let Some(text) = given {
        return match Money::parse(text, base) {
            Ok(money) if money.minor.signum() * amount.minor.signum() >= 0 => {
                Some(Valued::Given(money.minor))
            }
            Ok(_) => {
                faults.add(
                    field(at, "base_amount"),
                    "The base amount has the other sign than the amount. Give both the same.",
                );
                None
            }
            Err(why) => {
                faults.add(field(at, "base_amount"), why.to_string());
                None
            }
        };
    }
    let Some(text) = rate else {
        return Some(Valued::Not);
    };
    let Some(rate) = read_rate(text) else {
        faults.add(
            field(at, "rate"),
            "This is not a rate. Write it as 0.9235, above zero.",
        );
        return None;
    };
    match at_rate(amount, rate, base) {
        Ok(minor) => Some(Valued::ByRate(minor)),
        Err(why) => {
            faults.add(field(at, "rate"), why.to_string());
            None
        }
    }
}
