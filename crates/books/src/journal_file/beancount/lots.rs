//! Lots that accounts hold at cost, and which of them a reduction takes.

use std::collections::HashMap;

use jiff::civil::Date;

use super::super::model::{Amount, Name};
use super::super::quantity::{OutOfRange, Quantity};
use super::{Booking, CostSpec, Problem};

/// Some units bought together.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub commodity: Name,
    pub quantity: Quantity,
    pub unit_cost: Amount,
    pub date: Date,
    pub label: String,
}

/// What every account holds at cost.
#[derive(Default)]
pub(super) struct Lots(HashMap<Name, Vec<Held>>);

impl Lots {
    /// Whether units of this sign take from what the account holds.
    pub fn reduces(&self, account: &Name, commodity: &Name, number: Quantity) -> bool {
        self.0.get(account).is_some_and(|lots| {
            lots.iter().any(|lot| {
                lot.commodity == *commodity
                    && !lot.quantity.is_zero()
                    && lot.quantity.is_negative() != number.is_negative()
            })
        })
    }

    pub fn add(&mut self, account: &Name, held: Held) -> Result<(), OutOfRange> {
        let lots = self.0.entry(account.clone()).or_default();
        let same = lots.iter_mut().find(|lot| {
            lot.commodity == held.commodity
                && lot.unit_cost == held.unit_cost
                && lot.date == held.date
                && lot.label == held.label
        });
        match same {
            Some(lot) => lot.quantity = lot.quantity.plus(held.quantity)?,
            None => lots.push(held),
        }
        lots.retain(|lot| !lot.quantity.is_zero());
        Ok(())
    }

    /// Takes `number` units from the lots that fit; what was taken, lot by lot.
    pub fn reduce(
        &mut self,
        account: &Name,
        commodity: &Name,
        number: Quantity,
        spec: &CostSpec,
        booking: Booking,
    ) -> Result<Vec<Held>, Problem> {
        let lots = self.0.entry(account.clone()).or_default();
        let mut fitting: Vec<usize> = (0..lots.len())
            .filter(|&at| {
                let lot = &lots[at];
                lot.commodity == *commodity
                    && lot.quantity.is_negative() != number.is_negative()
                    && fits(lot, spec, number)
            })
            .collect();
        let mut total = Quantity::ZERO;
        for &at in &fitting {
            total = total.plus(lots[at].quantity)?;
        }
        let wanted = number.absolute();
        if fitting.is_empty() || total.absolute() < wanted {
            return Err(Problem(format!(
                "{account} does not hold {wanted} {commodity} of the lot named here (it holds {}); correct the quantity or what the braces say.",
                total.absolute()
            )));
        }
        if fitting.len() > 1 && total.absolute() != wanted {
            order(&mut fitting, lots, booking, wanted).map_err(|count| {
                Problem(format!(
                    "{count} lots of {commodity} in {account} fit this reduction; name one by its cost, date or label in the braces."
                ))
            })?;
        }
        let mut left = wanted;
        let mut taken = Vec::new();
        for at in fitting {
            if left.is_zero() {
                break;
            }
            let lot = &mut lots[at];
            let part = left.min(lot.quantity.absolute());
            let signed = if number.is_negative() {
                part.negated()
            } else {
                part
            };
            lot.quantity = lot.quantity.plus(signed)?;
            left = left.minus(part)?;
            taken.push(Held {
                quantity: signed,
                ..lot.clone()
            });
        }
        lots.retain(|lot| !lot.quantity.is_zero());
        Ok(taken)
    }
}

fn fits(lot: &Held, spec: &CostSpec, number: Quantity) -> bool {
    let unit = match (spec.unit, spec.total) {
        (Some(unit), _) => Some(unit),
        // A total names the lot whose units together cost that much.
        (None, Some(total)) => {
            let whole = lot.unit_cost.quantity.times(number.absolute());
            return whole == Ok(total.absolute()) && same_rest(lot, spec);
        }
        (None, None) => None,
    };
    unit.is_none_or(|unit| lot.unit_cost.quantity == unit) && same_rest(lot, spec)
}

fn same_rest(lot: &Held, spec: &CostSpec) -> bool {
    let currency = spec.commodity.as_ref();
    currency.is_none_or(|name| lot.unit_cost.commodity == *name)
        && spec.date.is_none_or(|date| lot.date == date)
        && spec.label.as_ref().is_none_or(|label| lot.label == *label)
}

/// Puts the lots into the order in which they are taken; or says how many there are.
fn order(
    fitting: &mut Vec<usize>,
    lots: &[Held],
    booking: Booking,
    wanted: Quantity,
) -> Result<(), usize> {
    match booking {
        Booking::Fifo => fitting.sort_by_key(|&at| lots[at].date),
        Booking::Lifo => fitting.sort_by_key(|&at| std::cmp::Reverse(lots[at].date)),
        Booking::Hifo => {
            fitting.sort_by_key(|&at| std::cmp::Reverse(lots[at].unit_cost.quantity));
        }
        Booking::StrictWithSize => {
            let sized = |at: &usize| lots[*at].quantity.absolute() == wanted;
            let mut exact: Vec<usize> = fitting.iter().copied().filter(sized).collect();
            // Among lots of one size the oldest goes first.
            exact.sort_by_key(|&at| lots[at].date);
            if exact.is_empty() {
                return Err(fitting.len());
            }
            exact.truncate(1);
            *fitting = exact;
        }
        Booking::Strict | Booking::None => return Err(fitting.len()),
    }
    Ok(())
}
