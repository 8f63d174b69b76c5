//! Brings each program's order into resolving: ledger works as it reads, hledger by date.

use std::collections::HashMap;

use super::super::model::{Name, Place, Transaction};
use super::assertion::Running;
use super::{Assertion, Draft, DraftPosting, Problem, Reader};

/// An assertion with the line it stands on, by which its posting is found again.
type Claims = HashMap<Place, (Name, Assertion)>;

impl std::hash::Hash for Place {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.line.hash(state);
        self.file.hash(state);
    }
}

impl Reader<'_> {
    /// Takes a transaction that has been read.
    pub(super) fn finish(&mut self, mut draft: Draft) {
        if draft.broken {
            return;
        }
        if self.hledger() {
            return self.drafts.push(draft);
        }
        self.add_bucket(&mut draft);
        let place = draft.transaction.source.clone();
        if let Err(Problem(reason)) = self.finish_ledger(draft) {
            self.journal.fault(place, reason);
        }
    }

    /// ledger balances, assigns and asserts in the order of the file.
    fn finish_ledger(&mut self, mut draft: Draft) -> Result<(), Problem> {
        let mut claims = Claims::new();
        let mut running = std::mem::take(&mut self.running);
        let assigned = self.assign(&running, &mut draft);
        collect(&draft.postings, &mut claims);
        let balanced = assigned.and_then(|()| self.balance(draft));
        let transaction = match balanced {
            Ok(transaction) => transaction,
            Err(problem) => {
                self.running = running;
                return Err(problem);
            }
        };
        self.walk(&mut running, &transaction, &claims);
        self.running = running;
        self.journal.transactions.push(transaction);
        Ok(())
    }

    /// A single posting is balanced by the account that `bucket` named.
    fn add_bucket(&mut self, draft: &mut Draft) {
        let (Some(bucket), [only]) = (&self.scope.bucket, &draft.postings[..]) else {
            return;
        };
        if only.amount.is_none() {
            return;
        }
        let balancing = DraftPosting {
            account: bucket.clone(),
            amount: None,
            cost: None,
            lot: None,
            assertion: None,
            bracketed: only.bracketed,
            status: only.status,
            date: None,
            note: String::new(),
            tags: Vec::new(),
            place: only.place.clone(),
        };
        draft.postings.push(balancing);
    }

    /// Enters postings one by one, checking the assertion of each.
    fn walk(&mut self, running: &mut Running, transaction: &Transaction, claims: &Claims) {
        let mut rest = transaction.postings.iter().peekable();
        while let Some(posting) = rest.next() {
            let entered = running.post(posting).map_err(Problem::from);
            // One line may make several postings; it is true after the last of them.
            let more = rest.peek().is_some_and(|next| next.place == posting.place);
            let checked = entered.and_then(|()| match claims.get(&posting.place) {
                Some((account, assertion)) if !more => self.verify(running, account, assertion),
                _ => Ok(()),
            });
            if let Err(Problem(reason)) = checked {
                self.journal.fault(posting.place.clone(), reason);
            }
        }
    }

    /// hledger balances with the precision of the whole journal, then asserts by date.
    pub(super) fn resolve_rest(&mut self) {
        let drafts = std::mem::take(&mut self.drafts);
        self.journal.transactions.reserve(drafts.len());
        let postings = || drafts.iter().flat_map(|draft| &draft.postings);
        let asserts = postings().any(|posting| posting.assertion.is_some());
        let assigns =
            postings().any(|posting| posting.amount.is_none() && posting.assertion.is_some());
        let mut claims = Claims::new();
        if asserts {
            for draft in &drafts {
                collect(&draft.postings, &mut claims);
            }
        }
        if assigns {
            self.resolve_by_date(drafts);
        } else {
            for draft in drafts {
                let place = draft.transaction.source.clone();
                match self.balance(draft) {
                    Ok(transaction) => self.journal.transactions.push(transaction),
                    Err(Problem(reason)) => self.journal.fault(place, reason),
                }
            }
        }
        if asserts && self.journal.faults.is_empty() {
            self.assert_by_date(&claims);
        }
    }

    /// Assignments depend on what came before them, so the transactions go by date.
    fn resolve_by_date(&mut self, drafts: Vec<Draft>) {
        let mut order: Vec<(usize, Draft)> = drafts.into_iter().enumerate().collect();
        order.sort_by_key(|(_, draft)| draft.transaction.date);
        let mut running = Running::default();
        let mut done = Vec::with_capacity(order.len());
        for (index, mut draft) in order {
            let place = draft.transaction.source.clone();
            let balanced = self
                .assign(&running, &mut draft)
                .and_then(|()| self.balance(draft));
            let entered = balanced.and_then(|transaction| {
                for posting in &transaction.postings {
                    running.post(posting)?;
                }
                Ok(transaction)
            });
            match entered {
                Ok(transaction) => done.push((index, transaction)),
                Err(Problem(reason)) => self.journal.fault(place, reason),
            }
        }
        done.sort_by_key(|(index, _)| *index);
        let transactions = done.into_iter().map(|(_, transaction)| transaction);
        self.journal.transactions = transactions.collect();
    }

    fn assert_by_date(&mut self, claims: &Claims) {
        let transactions = std::mem::take(&mut self.journal.transactions);
        let mut order = Vec::new();
        for transaction in &transactions {
            for posting in &transaction.postings {
                order.push((posting.date.unwrap_or(transaction.date), posting));
            }
        }
        order.sort_by_key(|(date, _)| *date);
        let mut running = Running::default();
        let mut rest = order.into_iter().peekable();
        while let Some((_, posting)) = rest.next() {
            let entered = running.post(posting).map_err(Problem::from);
            let more = rest
                .peek()
                .is_some_and(|(_, next)| next.place == posting.place);
            let checked = entered.and_then(|()| match claims.get(&posting.place) {
                Some((account, assertion)) if !more => self.verify(&running, account, assertion),
                _ => Ok(()),
            });
            if let Err(Problem(reason)) = checked {
                self.journal.fault(posting.place.clone(), reason);
            }
        }
        self.journal.transactions = transactions;
    }
}

fn collect(postings: &[DraftPosting], claims: &mut Claims) {
    for posting in postings {
        if let Some(assertion) = &posting.assertion {
            let claim = (posting.account.clone(), assertion.clone());
            claims.insert(posting.place.clone(), claim);
        }
    }
}
