//! A posting between what was written and what it comes to.

use jiff::civil::Date;

use super::super::model::{Amount, Cost, CostWritten, Lot, Posting};
use super::super::quantity::Quantity;
use super::amount::QUOTIENT_DIGITS;
use super::lots::{Held, Lots};
use super::{DraftPosting, Problem};

/// A posting on its way to being complete.
pub(super) struct Working {
    pub draft: DraftPosting,
    pub unit_cost: Option<Amount>,
    /// A total as written, which is exact where the cost of one unit is not.
    pub exact_weight: Option<Quantity>,
    pub date: Date,
    pub label: String,
    pub taken: bool,
    pub inferred: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Nothing,
    Everything,
    Number,
    Price,
    Cost,
}

impl Working {
    pub fn missing(&self) -> Missing {
        let draft = &self.draft;
        match (&draft.number, &draft.commodity) {
            (None, None) if draft.cost.is_none() && draft.price.is_none() => Missing::Everything,
            (None, _) => Missing::Number,
            _ if draft.cost.is_some() && self.unit_cost.is_none() => Missing::Cost,
            _ if draft.cost.is_some() => Missing::Nothing,
            _ => match &draft.price {
                Some(price) if price.number.is_none() || price.commodity.is_none() => {
                    Missing::Price
                }
                _ => Missing::Nothing,
            },
        }
    }

    /// The cost or price of one unit, where it is known.
    pub fn rate(&self) -> Result<Option<Amount>, Problem> {
        if let Some(unit) = &self.unit_cost {
            return Ok(Some(unit.clone()));
        }
        let Some(price) = &self.draft.price else {
            return Ok(None);
        };
        let (Some(number), Some(commodity)) = (price.number, &price.commodity) else {
            return Ok(None);
        };
        let units = self.draft.number.unwrap_or_default().absolute();
        let unit = match price.total {
            true if units.is_zero() => Quantity::ZERO,
            true => number.divided_to_digits(units, QUOTIENT_DIGITS)?,
            false => number,
        };
        Ok(Some(Amount::new(unit, commodity.clone())))
    }

    pub fn weight(&self) -> Result<Option<Amount>, Problem> {
        let (Some(number), Some(commodity)) = (self.draft.number, &self.draft.commodity) else {
            return Ok(None);
        };
        if self.missing() != Missing::Nothing {
            return Ok(None);
        }
        if let (Some(exact), Some(unit)) = (self.exact_weight, &self.unit_cost) {
            return Ok(Some(Amount::new(exact, unit.commodity.clone())));
        }
        if let (None, Some(price)) = (&self.unit_cost, &self.draft.price)
            && let (true, Some(total), Some(currency)) =
                (price.total, price.number, &price.commodity)
        {
            let signed = if number.is_negative() {
                total.negated()
            } else {
                total
            };
            return Ok(Some(Amount::new(signed, currency.clone())));
        }
        Ok(Some(match self.rate()? {
            Some(rate) => rate.times(number)?,
            None => Amount::new(number, commodity.clone()),
        }))
    }

    /// Enters what was bought into what the account holds.
    pub fn keep(&self, lots: &mut Lots) -> Result<(), Problem> {
        if let (Some(unit), false, Some(number), Some(commodity)) = (
            &self.unit_cost,
            self.taken,
            self.draft.number,
            &self.draft.commodity,
        ) {
            let held = Held {
                commodity: commodity.clone(),
                quantity: number,
                unit_cost: unit.clone(),
                date: self.date,
                label: self.label.clone(),
            };
            lots.add(&self.draft.account, held)?;
        }
        Ok(())
    }

    pub fn posting(self) -> Result<Posting, Problem> {
        let weight = self.weight()?;
        let rate = self.rate()?;
        let written = self.draft.price.as_ref().and_then(|price| {
            let amount = Amount::new(price.number?, price.commodity.clone()?);
            Some((price.total, amount))
        });
        let (number, commodity) = (self.draft.number, self.draft.commodity);
        let (Some(number), Some(commodity), Some(weight)) = (number, commodity, weight) else {
            return Err("An amount could not be worked out; write it.".into());
        };
        let price = written.as_ref().filter(|_| self.unit_cost.is_some());
        let price = price.map(|(_, amount)| amount.clone());
        let lot = self.unit_cost.as_ref().map(|unit| Lot {
            unit_cost: Some(unit.clone()),
            total_cost: None,
            date: Some(self.date),
            label: self.label,
        });
        let written = match (self.unit_cost, written, rate) {
            (Some(unit), ..) => Some(CostWritten::LotUnit(unit)),
            (None, Some((true, total)), _) => Some(CostWritten::Total(total)),
            (None, Some((false, unit)), _) => Some(CostWritten::Unit(unit)),
            (None, None, _) => None,
        };
        Ok(Posting {
            account: self.draft.account,
            amount: Amount::new(number, commodity),
            cost: written.map(|written| Cost { written, weight }),
            lot,
            price,
            date: None,
            status: self.draft.status,
            bracketed: false,
            inferred: self.inferred,
            note: String::new(),
            tags: self.draft.tags,
            place: self.draft.place,
        })
    }
}

/// An augmentation: its braces say what one unit cost, or leave it to be worked out.
pub(super) fn bought(mut working: Working, number: Quantity) -> Result<Working, Problem> {
    let spec = working.draft.cost.clone().unwrap_or_default();
    let price = working.draft.price.as_ref();
    let currency = spec
        .commodity
        .clone()
        .or_else(|| price.and_then(|price| price.commodity.clone()));
    let Some(currency) = currency else {
        return Ok(working);
    };
    let units = number.absolute();
    let per_unit = |total: Quantity| {
        if units.is_zero() {
            return Err(Problem::from(
                "A total cost stands beside a quantity of zero; write the cost of one unit.",
            ));
        }
        Ok(total.divided_to_digits(units, QUOTIENT_DIGITS)?)
    };
    let unit = match (spec.unit, spec.total) {
        (Some(unit), None) => unit,
        (None, None) => return Ok(working),
        (unit, Some(total)) => {
            let whole = unit.unwrap_or_default().times(units)?.plus(total)?;
            working.exact_weight = Some(if number.is_negative() {
                whole.negated()
            } else {
                whole
            });
            per_unit(whole)?
        }
    };
    if unit.is_negative() {
        return Err("A cost is negative; write it without the sign.".into());
    }
    working.unit_cost = Some(Amount::new(unit, currency));
    Ok(working)
}
