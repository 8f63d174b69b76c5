//! What the lines of a journal's transaction are worth in the base currency. A line in the base
//! currency is worth its amount; one with a cost in it is worth that cost; what weighs in a third
//! currency shares what the base lines of its group leave. The sum is zero exactly.

use daybook_kernel::Currency;

use super::commodities::{Commodities, minor};
use crate::journal_file::{Cost, CostWritten, Posting, Transaction};

/// A line with its amounts in minor units.
#[derive(Debug, Clone)]
pub(crate) struct ValuedLine {
    pub currency: Currency,
    pub amount: i64,
    pub base: i64,
    pub rate: Option<String>,
}

struct Weight {
    currency: Option<Currency>,
    minor: i64,
}

/// Values each posting, or says why it cannot be kept.
pub(crate) fn value(
    transaction: &Transaction,
    commodities: &Commodities,
) -> Result<Vec<ValuedLine>, &'static str> {
    const TOO_LARGE: &str = "An amount is too large to be kept. Split it.";
    let base = commodities.base;
    let mut lines = Vec::with_capacity(transaction.postings.len());
    let mut others: Vec<(usize, Weight)> = Vec::new();
    for (at, posting) in transaction.postings.iter().enumerate() {
        let currency = commodities
            .get(&posting.amount.commodity)
            .ok_or("Its commodity is not usable here.")?;
        let amount = minor(posting.amount.quantity, currency.scale())
            .filter(|minor| minor.unsigned_abs() <= daybook_kernel::money::MINOR_MAX.unsigned_abs())
            .ok_or(TOO_LARGE)?;
        let weight = weight(posting, commodities, currency, amount).ok_or(TOO_LARGE)?;
        let value = if currency == base {
            amount
        } else if weight.currency == Some(base) {
            weight.minor
        } else {
            0
        };
        if weight.currency != Some(base) {
            others.push((at, weight));
        }
        let rate = rate(posting, commodities).filter(|_| currency != base);
        lines.push(ValuedLine {
            currency,
            amount,
            base: value,
            rate,
        });
    }
    share(&mut lines, &others, base);
    settle_rest(transaction, &mut lines, base)?;
    Ok(lines)
}

fn weight(
    posting: &Posting,
    commodities: &Commodities,
    currency: Currency,
    amount: i64,
) -> Option<Weight> {
    let Some(cost) = &posting.cost else {
        return Some(Weight {
            currency: Some(currency),
            minor: amount,
        });
    };
    match commodities.get(&cost.weight.commodity) {
        Some(of) => Some(Weight {
            currency: Some(of),
            minor: minor(cost.weight.quantity, of.scale())?,
        }),
        // A price in a commodity that no line is in: it weighs, but is not kept.
        None => Some(Weight {
            currency: None,
            minor: minor(cost.weight.quantity, 6)?,
        }),
    }
}

/// The rate as it is written, where it is in the base currency.
fn rate(posting: &Posting, commodities: &Commodities) -> Option<String> {
    let Cost {
        written: CostWritten::Unit(price) | CostWritten::LotUnit(price),
        ..
    } = posting.cost.as_ref()?
    else {
        return None;
    };
    (commodities.get(&price.commodity)? == commodities.base).then(|| price.quantity.to_string())
}

/// Lines that weigh in another currency share, by weight, what the base lines of that currency's
/// group leave over.
fn share(lines: &mut [ValuedLine], others: &[(usize, Weight)], base: Currency) {
    let mut done: Vec<Option<Currency>> = Vec::new();
    for (_, Weight { currency, .. }) in others {
        if done.contains(currency) {
            continue;
        }
        done.push(*currency);
        let group = || {
            others
                .iter()
                .filter(|(_, weight)| weight.currency == *currency)
        };
        let of_base: i128 = group()
            .filter(|(at, _)| lines[*at].currency == base)
            .map(|(at, _)| i128::from(lines[*at].amount))
            .sum();
        let foreign: Vec<(usize, i128)> = group()
            .filter(|(at, _)| lines[*at].currency != base)
            .map(|(at, weight)| (*at, i128::from(weight.minor)))
            .collect();
        let whole: i128 = foreign.iter().map(|(_, minor)| minor).sum();
        if of_base == 0 || whole == 0 {
            continue;
        }
        for (at, weight) in foreign {
            lines[at].base = i64::try_from(-of_base * weight / whole).unwrap_or(0);
        }
    }
}

/// What rounding and the file's own tolerance leave over goes to the largest line, one in
/// another currency if there is one.
fn settle_rest(
    transaction: &Transaction,
    lines: &mut [ValuedLine],
    base: Currency,
) -> Result<(), &'static str> {
    let rest: i128 = lines.iter().map(|line| i128::from(line.base)).sum();
    if rest == 0 {
        return Ok(());
    }
    let tolerated: i128 = transaction
        .residual
        .iter()
        .filter_map(|left| minor(left.quantity.absolute(), base.scale()))
        .map(i128::from)
        .sum();
    if rest.unsigned_abs() > (tolerated + lines.len() as i128).unsigned_abs() {
        return Err(
            "It does not balance in the base currency. Give its foreign lines a price in it.",
        );
    }
    let largest = lines
        .iter_mut()
        .max_by_key(|line| (line.currency != base, line.base.unsigned_abs()));
    if let Some(line) = largest {
        line.base = i64::try_from(i128::from(line.base) - rest)
            .map_err(|_| "An amount is too large to be kept.")?;
    }
    Ok(())
}
