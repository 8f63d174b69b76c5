//! Walks through the entries day by day and books the transactions.

use super::super::model::{DeclaredAccount, Name, Place, Posting, Transaction};
use super::check::Balances;
use super::lots::Lots;
use super::{Booking, Draft, Entry, Opened, Problem, Reader, What};

impl Reader<'_> {
    pub(super) fn book_all(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_by_key(|entry| (entry.date, entry.what.rank()));
        let mut lots = Lots::default();
        let mut balances = Balances::default();
        let mut at_end = Vec::new();
        for entry in entries {
            let place = entry.place.clone();
            if let Err(Problem(reason)) = self.step(entry, &mut lots, &mut balances, &mut at_end) {
                self.journal.fault(place, reason);
            }
        }
        self.check_balances(balances);
    }

    fn step(
        &mut self,
        entry: Entry,
        lots: &mut Lots,
        balances: &mut Balances,
        closed: &mut Vec<Name>,
    ) -> Result<(), Problem> {
        let Entry { date, place, what } = entry;
        match what {
            What::Open {
                account,
                commodities,
                booking,
            } => {
                if self.accounts.contains_key(&account) {
                    return Err(Problem(format!(
                        "The account {account} was opened before; remove one of the two lines."
                    )));
                }
                let booking = booking.unwrap_or(self.options.booking);
                self.opened(account.clone(), commodities, booking, place);
                if let Some(opened) = self.journal.accounts.last_mut() {
                    opened.opened = Some(date);
                }
            }
            What::Close { account } => {
                let Some(opened) = self.accounts.get_mut(&account).filter(|opened| opened.open)
                else {
                    return Err(Problem(format!(
                        "The account {account} is closed but not open; open it before or remove the line."
                    )));
                };
                opened.open = false;
                let index = opened.index;
                if let Some(declared) = self.journal.accounts.get_mut(index) {
                    declared.closed = Some(date);
                }
                closed.push(account);
            }
            What::Balance {
                account,
                amount,
                tolerance,
            } => {
                self.known(&account, &place)?;
                balances.assert(account, amount, tolerance, place);
            }
            What::Pad { account, source } => {
                self.known(&account, &place)?;
                self.known(&source, &place)?;
                balances.pad(date, account, source, place);
            }
            What::Transaction(draft) => {
                let transaction = self.book(*draft, lots)?;
                balances.post(&transaction);
                self.journal.transactions.push(transaction);
            }
        }
        Ok(())
    }

    fn opened(&mut self, account: Name, commodities: Vec<Name>, booking: Booking, place: Place) {
        let opened = Opened {
            index: self.journal.accounts.len(),
            commodities,
            booking,
            open: true,
        };
        self.accounts.insert(account.clone(), opened);
        self.journal.accounts.push(DeclaredAccount {
            kind: self.kind(&account),
            name: account,
            opened: None,
            closed: None,
            place,
        });
    }

    /// Fails for an account that was never opened, unless a plugin opens those itself.
    fn known(&mut self, account: &Name, place: &Place) -> Result<(), Problem> {
        if self.accounts.contains_key(account) {
            return Ok(());
        }
        if self.options.auto_accounts {
            let booking = self.options.booking;
            self.opened(account.clone(), Vec::new(), booking, place.clone());
            return Ok(());
        }
        Err(Problem(format!(
            "The account {account} is not open; add an open directive on or before this day."
        )))
    }

    fn book(&mut self, draft: Draft, lots: &mut Lots) -> Result<Transaction, Problem> {
        for posting in &draft.postings {
            self.known(&posting.account, &posting.place)?;
            let opened = self.accounts.get(&posting.account);
            if opened.is_some_and(|opened| !opened.open) {
                return Err(Problem(format!(
                    "The account {} was closed before this day; post to another or close it later.",
                    posting.account
                )));
            }
        }
        let transaction = self.interpolate(draft, lots)?;
        for posting in &transaction.postings {
            self.allowed(posting)?;
        }
        Ok(transaction)
    }

    fn allowed(&self, posting: &Posting) -> Result<(), Problem> {
        let commodity = &posting.amount.commodity;
        match self.accounts.get(&posting.account) {
            Some(opened)
                if !opened.commodities.is_empty() && !opened.commodities.contains(commodity) =>
            {
                Err(Problem(format!(
                    "{} was opened for other commodities than {commodity}; add it to the open directive.",
                    posting.account
                )))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn booking_of(&self, account: &Name) -> Booking {
        self.accounts
            .get(account)
            .map_or(self.options.booking, |opened| opened.booking)
    }
}
