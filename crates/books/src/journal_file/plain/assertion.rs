//! What accounts hold as the journal goes on, and whether that is what it says.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::super::model::{Amount, Name, Posting};
use super::super::quantity::{OutOfRange, Quantity};
use super::amount::add;
use super::{Assertion, Draft, DraftPosting, Problem, Reader};

/// What each account holds, by commodity; the accounts below another stand together.
#[derive(Default)]
pub(super) struct Running(BTreeMap<Name, Vec<Amount>>);

impl Running {
    pub(super) fn post(&mut self, posting: &Posting) -> Result<(), OutOfRange> {
        self.add(&posting.account, &posting.amount)
    }

    fn add(&mut self, account: &Name, amount: &Amount) -> Result<(), OutOfRange> {
        if let Some(held) = self.0.get_mut(account) {
            return add(held, amount);
        }
        self.0.insert(account.clone(), vec![amount.clone()]);
        Ok(())
    }

    /// What the account, and if wanted those below it, hold of every commodity.
    fn held(&self, account: &Name, inclusive: bool) -> Result<Vec<Amount>, OutOfRange> {
        let mut held = self.0.get(account).cloned().unwrap_or_default();
        if inclusive {
            // A semicolon follows the colon in the order of characters.
            let (first, end) = (format!("{account}:"), format!("{account};"));
            let range = (Bound::Included(&*first), Bound::Excluded(&*end));
            for (_, amounts) in self.0.range::<str, _>(range) {
                for amount in amounts {
                    add(&mut held, amount)?;
                }
            }
        }
        Ok(held)
    }
}

fn of(held: &[Amount], commodity: &Name) -> Quantity {
    held.iter()
        .find(|amount| amount.commodity == *commodity)
        .map_or(Quantity::ZERO, |amount| amount.quantity)
}

impl Reader<'_> {
    /// Computes `account  = X` without an amount from what the account holds before it.
    pub(super) fn assign(&self, running: &Running, draft: &mut Draft) -> Result<(), Problem> {
        let mut before = Vec::with_capacity(draft.postings.len());
        let mut assigned: Vec<DraftPosting> = Vec::with_capacity(draft.postings.len());
        for mut posting in draft.postings.drain(..) {
            if let (None, Some(assertion)) = (&posting.amount, &posting.assertion) {
                if self.hledger() && posting.date.is_some() {
                    return Err("A posting with a date of its own leaves its amount to its balance; write the amount.".into());
                }
                if assertion.costed {
                    return Err("The balance that an amount follows from has a cost; write the amount instead.".into());
                }
                let mut held = running.held(&posting.account, assertion.inclusive)?;
                for (account, amount) in &before {
                    let inside = *account == posting.account;
                    if inside {
                        add(&mut held, amount)?;
                    }
                }
                let all = assertion.sole || self.nothing_at_all(assertion);
                let target = &assertion.amount;
                let difference = target.quantity.minus(of(&held, &target.commodity))?;
                for other in held.iter().filter(|_| all) {
                    if other.commodity != target.commodity && !other.quantity.is_zero() {
                        let cleared = other.negated();
                        before.push((posting.account.clone(), cleared.clone()));
                        assigned.push(extra(&posting, cleared));
                    }
                }
                posting.amount = Some(Amount::new(difference, target.commodity.clone()));
            }
            if let Some(amount) = &posting.amount {
                before.push((posting.account.clone(), amount.clone()));
            }
            assigned.push(posting);
        }
        draft.postings = assigned;
        Ok(())
    }

    /// In ledger a bare `= 0` means that the account is empty.
    fn nothing_at_all(&self, assertion: &Assertion) -> bool {
        !self.hledger()
            && assertion.amount.commodity.is_empty()
            && assertion.amount.quantity.is_zero()
    }

    /// Checks an assertion against what is held now.
    pub(super) fn verify(
        &self,
        running: &Running,
        account: &Name,
        assertion: &Assertion,
    ) -> Result<(), Problem> {
        let held = running.held(account, assertion.inclusive)?;
        let expected = &assertion.amount;
        let others = assertion.sole || self.nothing_at_all(assertion);
        let actual = of(&held, &expected.commodity);
        let difference = actual.minus(expected.quantity)?;
        let equal = if self.hledger() {
            difference.is_zero()
        } else {
            difference.looks_zero(self.precision(&expected.commodity).unwrap_or(0))
        };
        let stray = held
            .iter()
            .find(|amount| amount.commodity != expected.commodity && !amount.quantity.is_zero());
        match stray {
            _ if !equal => Err(Problem(format!(
                "The balance of {account} should be {expected} here but is {}; correct the assertion or the postings before it.",
                Amount::new(actual, expected.commodity.clone())
            ))),
            Some(stray) if others => Err(Problem(format!(
                "The balance of {account} should be {expected} and nothing else here, but it holds {stray} as well; correct the assertion or the postings before it."
            ))),
            _ => Ok(()),
        }
    }
}

/// A further posting of the same line, which empties the account of another commodity.
fn extra(posting: &DraftPosting, amount: Amount) -> DraftPosting {
    DraftPosting {
        account: posting.account.clone(),
        amount: Some(amount),
        cost: None,
        lot: None,
        assertion: None,
        bracketed: posting.bracketed,
        status: posting.status,
        date: posting.date,
        note: String::new(),
        tags: Vec::new(),
        place: posting.place.clone(),
    }
}
