//! Works out what a transaction leaves unsaid, and whether it balances.

use super::super::model::{Amount, Cost, CostWritten, Name, Posting, Transaction};
use super::super::quantity::{OutOfRange, Quantity};
use super::amount::add;
use super::{Draft, DraftCost, DraftPosting, Problem, Reader};

/// Decimals kept of a rate that follows from two totals, beyond those of the totals.
const RATE_DECIMALS: u8 = 12;

impl Reader<'_> {
    /// Turns a draft whose assignments are computed into a balanced transaction.
    pub(super) fn balance(&self, draft: Draft) -> Result<Transaction, Problem> {
        let Draft {
            mut transaction,
            postings: drafts,
            ..
        } = draft;
        let mut postings = Vec::with_capacity(drafts.len());
        let mut elided = Vec::new();
        for draft in drafts {
            if draft.amount.is_none() {
                elided.push((postings.len(), draft));
            } else {
                postings.push(self.weighed(draft)?);
            }
        }
        let both = postings.iter().any(|posting| posting.bracketed)
            || elided.iter().any(|(_, draft)| draft.bracketed);
        for bracketed in [false, true] {
            if bracketed && !both {
                break;
            }
            let mut group = Group {
                reader: self,
                postings: &mut postings,
                bracketed,
            };
            let missing: Vec<usize> = (0..elided.len())
                .filter(|&at| elided[at].1.bracketed == bracketed)
                .collect();
            match missing[..] {
                [] => {
                    let residual = group.closed()?;
                    transaction.residual.extend(residual);
                }
                [only] => {
                    let (at, draft) = elided.remove(only);
                    let filled = group.filled(draft)?;
                    let count = filled.len();
                    postings.splice(at..at, filled);
                    // Those left out further down have moved.
                    for (later, _) in elided.iter_mut().filter(|(later, _)| *later >= at) {
                        *later += count;
                    }
                }
                _ => {
                    return Err("More than one posting has no amount, so neither can be worked out; write all amounts but one.".into());
                }
            }
        }
        transaction.postings = postings;
        Ok(transaction)
    }

    fn weighed(&self, draft: DraftPosting) -> Result<Posting, Problem> {
        let amount = match &draft.amount {
            Some(amount) => amount.clone(),
            None => Amount::new(Quantity::ZERO, self.bare.clone()),
        };
        let mut price = None;
        let cost = match &draft.cost {
            None => None,
            Some(written) => {
                let weight = weight(&amount, written)?;
                let basis = self.lot_basis(&draft, &amount, &weight)?;
                Some(match (basis, written) {
                    (Some(basis), written) => {
                        if let DraftCost::Unit(unit) = written {
                            price = Some(unit.clone());
                        }
                        basis
                    }
                    (None, DraftCost::Unit(unit)) => Cost {
                        written: CostWritten::Unit(unit.clone()),
                        weight,
                    },
                    (None, DraftCost::Total(total)) => Cost {
                        written: CostWritten::Total(total.clone()),
                        weight,
                    },
                })
            }
        };
        Ok(posting(draft, amount, cost, price))
    }

    /// ledger weighs a lot that has a cost as well by what the lot cost when it was bought.
    fn lot_basis(
        &self,
        draft: &DraftPosting,
        amount: &Amount,
        weight: &Amount,
    ) -> Result<Option<Cost>, OutOfRange> {
        let Some(lot) = draft.lot.as_ref().filter(|_| !self.hledger()) else {
            return Ok(None);
        };
        let basis = match (&lot.unit_cost, &lot.total_cost) {
            (Some(unit), _) => Cost {
                written: CostWritten::LotUnit(unit.clone()),
                weight: unit.times(amount.quantity)?,
            },
            (None, Some(total)) => Cost {
                written: CostWritten::LotTotal(total.clone()),
                weight: self::weight(amount, &DraftCost::Total(total.clone()))?,
            },
            (None, None) => return Ok(None),
        };
        Ok(Some(basis).filter(|basis| basis.weight.commodity == weight.commodity))
    }

    /// Whether what is left over is too small to show.
    fn negligible(&self, left: &Amount) -> bool {
        let scale = match self.precision(&left.commodity) {
            Some(precision) => precision,
            // hledger counts as exactly as the sum was written, ledger in whole units.
            None if self.hledger() => left.quantity.scale(),
            None => 0,
        };
        left.quantity.looks_zero(scale)
    }
}

/// The postings of one kind, real or bracketed, which balance among themselves.
struct Group<'g, 's> {
    reader: &'g Reader<'s>,
    postings: &'g mut Vec<Posting>,
    bracketed: bool,
}

impl Group<'_, '_> {
    /// Checks postings that all have amounts; what they leave over, where it is negligible.
    fn closed(&mut self) -> Result<Vec<Amount>, Problem> {
        let mut sums = self.sums()?;
        sums.retain(|sum| !self.reader.negligible(sum));
        if sums.is_empty() {
            let mut left = self.sums()?;
            left.retain(|sum| !sum.quantity.is_zero());
            return Ok(left);
        }
        if let [a, b] = &sums[..]
            && self.convert(a, b)?
        {
            return Ok(Vec::new());
        }
        let list: Vec<String> = sums.iter().map(ToString::to_string).collect();
        Err(Problem(format!(
            "The transaction does not balance: {} is left over; correct an amount or add a posting.",
            list.join(" and ")
        )))
    }

    fn sums(&self) -> Result<Vec<Amount>, OutOfRange> {
        let mut sums = Vec::with_capacity(2);
        for posting in self.postings.iter() {
            if posting.bracketed == self.bracketed {
                add(&mut sums, posting.weight())?;
            }
        }
        Ok(sums)
    }

    /// Two commodities of opposite sign pay for each other; the first posted gets the cost.
    fn convert(&mut self, a: &Amount, b: &Amount) -> Result<bool, Problem> {
        let hledger = self.reader.hledger();
        let priced = |posting: &Posting| {
            posting.cost.is_some()
                && [&a.commodity, &b.commodity].contains(&&posting.weight().commodity)
        };
        if a.quantity.is_negative() == b.quantity.is_negative()
            || (hledger && self.postings.iter().any(priced))
        {
            return Ok(false);
        }
        let wanted = |name: &Name| *name == a.commodity || *name == b.commodity;
        let first = self.postings.iter().find(|posting| {
            posting.bracketed == self.bracketed && wanted(&posting.amount.commodity)
        });
        let Some(first) = first.map(|posting| posting.amount.commodity.clone()) else {
            return Ok(false);
        };
        let (from, to) = if a.commodity == first { (a, b) } else { (b, a) };
        let shared: Vec<usize> = (0..self.postings.len())
            .filter(|&at| {
                let posting = &self.postings[at];
                posting.bracketed == self.bracketed
                    && posting.cost.is_none()
                    && posting.amount.commodity == from.commodity
            })
            .collect();
        let scale = from.quantity.scale() + to.quantity.scale() + RATE_DECIMALS;
        let scale = scale.min(super::super::SCALE_MAX / 2);
        let mut left = to.negated().quantity;
        for (count, &at) in shared.iter().enumerate() {
            let posting = &mut self.postings[at];
            let share = if count + 1 == shared.len() {
                left
            } else {
                let total = posting.amount.quantity.times(to.negated().quantity)?;
                total.divided_by(from.quantity, scale)?.normalised()
            };
            // The last takes what rounding left, so that the whole is exact.
            left = left.minus(share)?;
            posting.cost = Some(Cost {
                written: CostWritten::Inferred,
                weight: Amount::new(share, to.commodity.clone()),
            });
        }
        Ok(!shared.is_empty())
    }

    /// The posting without an amount takes what the others leave, one posting a commodity.
    fn filled(&mut self, draft: DraftPosting) -> Result<Vec<Posting>, Problem> {
        let sums = self.sums()?;
        let mut left: Vec<Amount> = sums
            .iter()
            .filter(|sum| !sum.quantity.is_zero())
            .map(Amount::negated)
            .collect();
        if left.is_empty() {
            let commodity = sums.first().map(|sum| &sum.commodity);
            let commodity = commodity.unwrap_or(&self.reader.bare).clone();
            left.push(Amount::new(Quantity::ZERO, commodity));
        }
        let mut template = posting(draft, left[0].clone(), None, None);
        template.inferred = true;
        let filled = left.into_iter().map(|amount| Posting {
            amount,
            ..template.clone()
        });
        Ok(filled.collect())
    }
}

fn weight(amount: &Amount, cost: &DraftCost) -> Result<Amount, OutOfRange> {
    match cost {
        DraftCost::Unit(unit) => unit.times(amount.quantity),
        // A total is written without a sign and takes that of the amount.
        DraftCost::Total(total) if amount.quantity.is_negative() => Ok(total.negated()),
        DraftCost::Total(total) => Ok(total.clone()),
    }
}

fn posting(
    draft: DraftPosting,
    amount: Amount,
    cost: Option<Cost>,
    price: Option<Amount>,
) -> Posting {
    Posting {
        account: draft.account,
        amount,
        cost,
        lot: draft.lot,
        price,
        date: draft.date,
        status: draft.status,
        bracketed: draft.bracketed,
        inferred: false,
        note: draft.note,
        tags: draft.tags,
        place: draft.place,
    }
}
