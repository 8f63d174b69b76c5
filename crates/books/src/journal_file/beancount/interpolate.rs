//! Matches lots and works out the numbers that a transaction leaves unsaid.

use jiff::civil::Date;

use super::super::model::{Amount, Name, Transaction};
use super::super::quantity::{OutOfRange, Quantity};
use super::amount::QUOTIENT_DIGITS;
use super::lots::Lots;
use super::working::{Missing, Working, bought};
use super::{Booking, Draft, DraftPosting, Problem, Reader};

/// Quotients are cut after two dozen digits; less than this is what that leaves over.
const QUOTIENT_REST_DECIMALS: u8 = 12;

impl Reader<'_> {
    pub(super) fn interpolate(
        &self,
        draft: Draft,
        lots: &mut Lots,
    ) -> Result<Transaction, Problem> {
        let mut transaction = draft.transaction;
        let mut working = Vec::with_capacity(draft.postings.len());
        for posting in draft.postings {
            self.expand(posting, transaction.date, lots, &mut working)?;
        }
        let tolerances = self.tolerances(&working)?;
        for kind in [Missing::Number, Missing::Price, Missing::Cost] {
            while let Some(at) = working.iter().position(|posting| posting.missing() == kind) {
                fill_one(&mut working, at, kind, &tolerances)?;
            }
        }
        fill_rest(&mut working, &tolerances)?;
        for left in residual(&working)? {
            let tolerance = tolerances.of(&left.commodity);
            let size = left.quantity.absolute();
            if size > tolerance && !size.looks_zero(QUOTIENT_REST_DECIMALS) {
                return Err(Problem(format!(
                    "The transaction does not balance: {left} is left over; correct an amount or add a posting."
                )));
            }
            if !left.quantity.is_zero() {
                transaction.residual.push(left);
            }
        }
        for posting in working {
            posting.keep(lots)?;
            transaction.postings.push(posting.posting()?);
        }
        Ok(transaction)
    }

    /// One posting becomes as many as the lots it takes from.
    fn expand(
        &self,
        draft: DraftPosting,
        day: Date,
        lots: &mut Lots,
        working: &mut Vec<Working>,
    ) -> Result<(), Problem> {
        let spec = draft.cost.clone().unwrap_or_default();
        let blank = Working {
            unit_cost: None,
            exact_weight: None,
            date: spec.date.unwrap_or(day),
            label: spec.label.clone().unwrap_or_default(),
            taken: false,
            inferred: false,
            draft,
        };
        let (Some(number), Some(commodity), true) = (
            blank.draft.number,
            blank.draft.commodity.clone(),
            blank.draft.cost.is_some(),
        ) else {
            working.push(blank);
            return Ok(());
        };
        let account = blank.draft.account.clone();
        let booking = self.booking_of(&account);
        if booking != Booking::None && lots.reduces(&account, &commodity, number) {
            for lot in lots.reduce(&account, &commodity, number, &spec, booking)? {
                let mut draft = blank.draft.clone();
                draft.number = Some(lot.quantity);
                working.push(Working {
                    draft,
                    unit_cost: Some(lot.unit_cost),
                    exact_weight: None,
                    date: lot.date,
                    label: lot.label,
                    taken: true,
                    inferred: false,
                });
            }
            return Ok(());
        }
        working.push(bought(blank, number)?);
        Ok(())
    }

    /// By how much each currency may be off: half of the last digit written, unless set.
    fn tolerances(&self, working: &[Working]) -> Result<Tolerances, Problem> {
        let multiplier = self.options.tolerance_multiplier;
        let mut found: Vec<Amount> = Vec::new();
        let mut from_cost: Vec<Amount> = Vec::new();
        for posting in working {
            let (Some(number), Some(commodity)) = (posting.draft.number, &posting.draft.commodity)
            else {
                continue;
            };
            if number.scale() == 0 {
                continue;
            }
            let tolerance = Quantity::new(1, number.scale())?.times(multiplier)?;
            raise(&mut found, Amount::new(tolerance, commodity.clone()));
            if let Some(rate) = posting.rate()?.filter(|_| self.options.tolerance_from_cost) {
                add(&mut from_cost, &rate.times(tolerance)?)?;
            }
        }
        for tolerance in from_cost {
            raise(&mut found, tolerance);
        }
        for (currency, tolerance) in &self.options.tolerance_default {
            if currency != "*" && !found.iter().any(|known| *known.commodity == **currency) {
                found.push(Amount::new(*tolerance, Name::from(currency.as_str())));
            }
        }
        let all = self.options.tolerance_default.get("*");
        Ok(Tolerances {
            found,
            others: all.copied().unwrap_or_default(),
        })
    }
}

struct Tolerances {
    found: Vec<Amount>,
    others: Quantity,
}

impl Tolerances {
    fn of(&self, commodity: &Name) -> Quantity {
        let known = self
            .found
            .iter()
            .find(|known| known.commodity == *commodity);
        known.map_or(self.others, |known| known.quantity)
    }

    /// Rounds what was worked out to the last digit that the tolerance stands for.
    fn rounded(&self, number: Quantity, commodity: &Name) -> Result<Quantity, OutOfRange> {
        let tolerance = self.of(commodity);
        if tolerance.is_zero() {
            return Ok(number);
        }
        let quantum = tolerance.times(Quantity::whole(2))?.normalised();
        let short = quantum.mantissa() < 100_000;
        Ok(if short {
            number.rounded(quantum.scale())
        } else {
            number
        })
    }
}

fn residual(working: &[Working]) -> Result<Vec<Amount>, Problem> {
    let mut sums = Vec::new();
    for posting in working {
        if let Some(weight) = posting.weight()? {
            add(&mut sums, &weight)?;
        }
    }
    Ok(sums)
}

/// Works out one number that must make its currency balance.
fn fill_one(
    working: &mut [Working],
    at: usize,
    kind: Missing,
    tolerances: &Tolerances,
) -> Result<(), Problem> {
    let sums = residual(working)?;
    let draft = &working[at].draft;
    let cost_currency = draft.cost.as_ref().and_then(|cost| cost.commodity.clone());
    let price_currency = draft
        .price
        .as_ref()
        .and_then(|price| price.commodity.clone());
    let own = (kind == Missing::Number)
        .then(|| draft.commodity.clone())
        .flatten();
    let mut unbalanced = sums.iter().filter(|sum| !sum.quantity.is_zero());
    let only = match (unbalanced.next(), unbalanced.next()) {
        (Some(only), None) => Some(only.commodity.clone()),
        _ => None,
    };
    let Some(currency) = cost_currency.or(price_currency).or(own).or(only) else {
        return Err("The currency of a number that was left out is not clear; write it.".into());
    };
    let left = sums.iter().find(|sum| sum.commodity == currency);
    let wanted = left.map_or(Quantity::ZERO, |sum| sum.quantity.negated());
    let posting = &mut working[at];
    posting.inferred = true;
    if kind == Missing::Number {
        let Some(commodity) = posting.draft.commodity.clone() else {
            return Err(
                "A posting has a cost or price without a quantity; write the quantity.".into(),
            );
        };
        let unit = match posting.draft.cost.as_ref().and_then(|cost| cost.unit) {
            Some(unit) => Some(Amount::new(unit, currency)),
            None => posting.rate()?,
        };
        let number = match &unit {
            Some(unit) => wanted.divided_to_digits(unit.quantity, QUOTIENT_DIGITS)?,
            None => wanted,
        };
        posting.draft.number = Some(tolerances.rounded(number, &commodity)?);
        if posting.draft.cost.is_some() {
            posting.unit_cost = unit;
        }
        return Ok(());
    }
    let units = posting.draft.number.unwrap_or_default();
    if units.is_zero() {
        return Err("A price was left out beside a quantity of zero; write the price.".into());
    }
    let rate = wanted.divided_to_digits(units, QUOTIENT_DIGITS)?.absolute();
    if kind == Missing::Cost {
        posting.unit_cost = Some(Amount::new(rate, currency));
        posting.exact_weight = Some(wanted);
    } else if let Some(price) = &mut posting.draft.price {
        let known = price.number.filter(|_| price.commodity.is_none());
        price.total |= known.is_none();
        price.number = known.or(Some(wanted.absolute()));
        price.commodity = Some(currency);
    }
    Ok(())
}

/// The posting with neither number nor currency takes all that is left.
fn fill_rest(working: &mut Vec<Working>, tolerances: &Tolerances) -> Result<(), Problem> {
    let blank = |posting: &Working| posting.missing() == Missing::Everything;
    let Some(at) = working.iter().position(blank) else {
        return Ok(());
    };
    if working[at + 1..].iter().any(blank) {
        return Err("More than one posting has no amount, so neither can be worked out; write all amounts but one.".into());
    }
    let template = working.remove(at).draft;
    let sums = residual(working)?;
    let mut filled = Vec::new();
    for sum in &sums {
        let number = tolerances.rounded(sum.quantity.negated(), &sum.commodity)?;
        if !number.is_zero() || (filled.is_empty() && sums.len() == 1) {
            let mut draft = template.clone();
            draft.number = Some(number);
            draft.commodity = Some(sum.commodity.clone());
            filled.push(draft);
        }
    }
    for (offset, draft) in filled.into_iter().enumerate() {
        let date = Date::constant(1, 1, 1);
        working.insert(
            at + offset,
            Working {
                draft,
                unit_cost: None,
                exact_weight: None,
                date,
                label: String::new(),
                taken: false,
                inferred: true,
            },
        );
    }
    Ok(())
}

fn raise(found: &mut Vec<Amount>, tolerance: Amount) {
    match found
        .iter_mut()
        .find(|known| known.commodity == tolerance.commodity)
    {
        Some(known) => known.quantity = known.quantity.max(tolerance.quantity),
        None => found.push(tolerance),
    }
}

pub(super) fn add(totals: &mut Vec<Amount>, amount: &Amount) -> Result<(), OutOfRange> {
    match totals
        .iter_mut()
        .find(|total| total.commodity == amount.commodity)
    {
        Some(total) => total.quantity = total.quantity.plus(amount.quantity)?,
        None => totals.push(amount.clone()),
    }
    Ok(())
}
