//! `balance` and `pad`: what accounts should hold at the start of a day.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use jiff::civil::Date;

use super::super::model::{Amount, Name, Place, Posting, Status, Transaction};
use super::super::quantity::{OutOfRange, Quantity};
use super::interpolate::add;
use super::{Problem, Reader};

/// What happened to balances, in order.
#[derive(Default)]
pub(super) struct Balances(Vec<Event>);

enum Event {
    Post(Name, Amount),
    Assert(Assertion),
    Pad(Pad),
}

struct Assertion {
    account: Name,
    amount: Amount,
    tolerance: Option<Quantity>,
    place: Place,
}

struct Pad {
    date: Date,
    account: Name,
    source: Name,
    place: Place,
    /// What the padding turned out to be.
    added: Vec<Amount>,
}

/// A pad that the next balance of each currency uses.
struct Active {
    event: usize,
    seen: Vec<Name>,
}

/// In the order of names, in which the accounts below another stand together.
type Totals = BTreeMap<Name, Vec<Amount>>;

impl Balances {
    pub fn post(&mut self, transaction: &Transaction) {
        for posting in &transaction.postings {
            let event = Event::Post(posting.account.clone(), posting.amount.clone());
            self.0.push(event);
        }
    }

    pub fn assert(
        &mut self,
        account: Name,
        amount: Amount,
        tolerance: Option<Quantity>,
        place: Place,
    ) {
        self.0.push(Event::Assert(Assertion {
            account,
            amount,
            tolerance,
            place,
        }));
    }

    pub fn pad(&mut self, date: Date, account: Name, source: Name, place: Place) {
        self.0.push(Event::Pad(Pad {
            date,
            account,
            source,
            place,
            added: Vec::new(),
        }));
    }
}

impl Reader<'_> {
    pub(super) fn check_balances(&mut self, mut balances: Balances) {
        let pads = balances
            .0
            .iter()
            .any(|event| matches!(event, Event::Pad(_)));
        let outcome = if pads {
            self.work_out_pads(&mut balances.0)
        } else {
            Ok(())
        };
        if let Err(problem) = outcome.and_then(|()| self.check_assertions(&balances.0)) {
            let place = self.place(1);
            let Problem(reason) = problem.into();
            self.journal.fault(place, reason);
        }
        for event in balances.0 {
            if let Event::Pad(pad) = event {
                self.padding(pad);
            }
        }
    }

    /// First every pad is worked out on its own, as if there were no others.
    fn work_out_pads(&self, events: &mut [Event]) -> Result<(), OutOfRange> {
        let mut totals = Totals::new();
        let mut own = Totals::new();
        let mut active: HashMap<Name, Active> = HashMap::new();
        for at in 0..events.len() {
            let mut found = None;
            match &events[at] {
                Event::Post(account, amount) => enter(&mut totals, account, amount)?,
                Event::Pad(pad) => {
                    let fresh = Active {
                        event: at,
                        seen: Vec::new(),
                    };
                    active.insert(pad.account.clone(), fresh);
                }
                Event::Assert(assertion) => {
                    let commodity = &assertion.amount.commodity;
                    let Some(pad) = active.get_mut(&assertion.account) else {
                        continue;
                    };
                    if pad.seen.contains(commodity) {
                        continue;
                    }
                    pad.seen.push(commodity.clone());
                    let mut held = below(&totals, &assertion.account, commodity)?;
                    if let Some(padded) = own.get(&assertion.account) {
                        held = held.plus(of(padded, commodity))?;
                    }
                    let difference = assertion.amount.quantity.minus(held)?;
                    if difference.absolute() > self.tolerance(assertion)? {
                        let amount = Amount::new(difference, commodity.clone());
                        enter(&mut own, &assertion.account, &amount)?;
                        found = Some((pad.event, amount));
                    }
                }
            }
            if let Some((event, amount)) = found
                && let Event::Pad(pad) = &mut events[event]
            {
                pad.added.push(amount);
            }
        }
        Ok(())
    }

    /// Then all balances are compared, with every padding in its place.
    fn check_assertions(&mut self, events: &[Event]) -> Result<(), OutOfRange> {
        let mut totals = Totals::new();
        for event in events {
            match event {
                Event::Post(account, amount) => enter(&mut totals, account, amount)?,
                Event::Pad(pad) => {
                    for amount in &pad.added {
                        enter(&mut totals, &pad.account, amount)?;
                        enter(&mut totals, &pad.source, &amount.negated())?;
                    }
                }
                Event::Assert(assertion) => {
                    let commodity = &assertion.amount.commodity;
                    let held = below(&totals, &assertion.account, commodity)?;
                    let off = held.minus(assertion.amount.quantity)?.absolute();
                    if off > self.tolerance(assertion)? {
                        let actual = Amount::new(held, commodity.clone());
                        let reason = format!(
                            "The balance of {} should be {} here but is {actual}; correct it or the transactions before this day.",
                            assertion.account, assertion.amount
                        );
                        self.journal.fault(assertion.place.clone(), reason);
                    }
                }
            }
        }
        Ok(())
    }

    /// One unit of the last digit written, unless the line says otherwise.
    fn tolerance(&self, assertion: &Assertion) -> Result<Quantity, OutOfRange> {
        let scale = assertion.amount.quantity.scale();
        match assertion.tolerance {
            Some(tolerance) => Ok(tolerance),
            None if scale == 0 => Ok(Quantity::ZERO),
            None => Quantity::new(1, scale)?
                .times(self.options.tolerance_multiplier)?
                .times(Quantity::whole(2)),
        }
    }

    /// The transactions that a pad stands for.
    fn padding(&mut self, pad: Pad) {
        if pad.added.is_empty() {
            self.journal.warn(
                pad.place.clone(),
                "This pad adds nothing; no later balance needs it, so it can be removed.",
            );
        }
        for amount in pad.added {
            let posting = |account: &Name, amount: Amount| Posting {
                account: account.clone(),
                amount,
                cost: None,
                lot: None,
                price: None,
                date: None,
                status: Status::Unmarked,
                bracketed: false,
                inferred: true,
                note: String::new(),
                tags: Vec::new(),
                place: pad.place.clone(),
            };
            let negated = amount.negated();
            self.journal.transactions.push(Transaction {
                date: pad.date,
                secondary_date: None,
                status: Status::Unmarked,
                code: String::new(),
                payee: String::new(),
                description: format!("Padding of {} from {}", pad.account, pad.source),
                note: String::new(),
                tags: Vec::new(),
                links: Vec::new(),
                postings: vec![posting(&pad.account, amount), posting(&pad.source, negated)],
                residual: Vec::new(),
                source: pad.place.clone(),
            });
        }
    }
}

fn enter(totals: &mut Totals, account: &Name, amount: &Amount) -> Result<(), OutOfRange> {
    if let Some(held) = totals.get_mut(account) {
        return add(held, amount);
    }
    totals.insert(account.clone(), vec![amount.clone()]);
    Ok(())
}

fn of(held: &[Amount], commodity: &Name) -> Quantity {
    held.iter()
        .find(|amount| amount.commodity == *commodity)
        .map_or(Quantity::ZERO, |amount| amount.quantity)
}

/// What the account and all below it hold.
fn below(totals: &Totals, account: &Name, commodity: &Name) -> Result<Quantity, OutOfRange> {
    let mut sum = totals
        .get(account)
        .map_or(Quantity::ZERO, |held| of(held, commodity));
    // A semicolon follows the colon in the order of characters.
    let (first, end) = (format!("{account}:"), format!("{account};"));
    for (_, held) in totals.range::<str, _>((Bound::Included(&*first), Bound::Excluded(&*end))) {
        sum = sum.plus(of(held, commodity))?;
    }
    Ok(sum)
}
