//! One posting line: who, how much, at what cost, leaving what.

use super::super::cursor::Cursor;
use super::super::model::{Amount, Lot, Name, Place, Status};
use super::amount::Role;
use super::{DraftCost, DraftPosting, Problem, Reader, comment};

/// The parts of a posting line before they are looked into.
struct Parts<'t> {
    status: Status,
    account: &'t str,
    amount: &'t str,
    comment: Option<&'t str>,
}

impl Reader<'_> {
    pub(super) fn posting(&mut self, line: &str, place: Place) -> Result<DraftPosting, Problem> {
        let parts = split(line);
        let (account, bracketed) = plain_name(parts.account)?;
        let account = self.account(account)?;
        if self.payee_rules && account.ends_with("Unknown") {
            return Err("Rules by payee would choose another account for Unknown and are not followed; write the account.".into());
        }
        let mut posting = DraftPosting {
            account,
            amount: None,
            cost: None,
            lot: None,
            assertion: None,
            bracketed,
            status: parts.status,
            date: None,
            note: String::new(),
            tags: Vec::new(),
            place,
        };
        self.posting_amount(parts.amount, &mut posting)?;
        if let Some(comment) = parts.comment {
            self.posting_comment(&mut posting, comment)?;
        }
        Ok(posting)
    }

    fn posting_amount(&mut self, text: &str, posting: &mut DraftPosting) -> Result<(), Problem> {
        if text.is_empty() {
            return Ok(());
        }
        let mut cursor = Cursor::new(text);
        if cursor.peek() != Some(b'=') {
            posting.amount = Some(self.amount(&mut cursor, Role::Posting)?);
        }
        let found = self.annotations(&mut cursor)?;
        posting.lot = found.lot;
        posting.cost = found.cost;
        posting.assertion = found.assertion;
        if let (None, Some(amount)) = (&posting.lot, &posting.amount) {
            posting.lot = self.fixed_price(amount);
        }
        match (&posting.amount, &posting.cost) {
            (Some(amount), Some(DraftCost::Unit(cost) | DraftCost::Total(cost)))
                if amount.commodity == cost.commodity && !self.hledger() =>
            {
                Err("The cost is in the commodity of the amount itself; write it in another or leave it out.".into())
            }
            (None, Some(_)) => Err("A cost stands without an amount; write the amount.".into()),
            _ => Ok(()),
        }
    }

    /// The price that `apply fixed` notes beside every amount of a commodity.
    fn fixed_price(&self, amount: &Amount) -> Option<Lot> {
        let fixed = &self.scope.fixed;
        let rate = fixed
            .iter()
            .rev()
            .find(|(name, _)| *name == amount.commodity);
        rate.map(|(_, price)| Lot {
            unit_cost: Some(price.clone()),
            ..Lot::default()
        })
    }

    pub(super) fn posting_comment(
        &mut self,
        posting: &mut DraftPosting,
        comment: &str,
    ) -> Result<(), Problem> {
        let comment = comment.trim();
        append(&mut posting.note, comment);
        let said = comment::read(comment, self.syntax, self.scope.year.or(self.entry_year))?;
        posting.tags.extend(said.tags);
        posting.date = said.date.or(posting.date);
        Ok(())
    }

    /// The full name of an account as written: below `apply account`, through the aliases.
    pub(super) fn account(&mut self, written: &str) -> Result<Name, Problem> {
        if written.is_empty() {
            return Err("A posting has no account; write one before the amount.".into());
        }
        let scope = &self.scope;
        let plain =
            scope.parents.is_empty() && scope.aliases.is_empty() && self.account_aliases.is_empty();
        if plain {
            return Ok(self.names.get(written));
        }
        let mut full = scope.parents.join(":");
        if !full.is_empty() {
            full.push(':');
        }
        full.push_str(written);
        if self.hledger() {
            // The alias given last is applied first, and each sees what the one before made.
            for (from, to) in scope.aliases.iter().rev() {
                if let Some(below) = below(&full, from) {
                    full = format!("{to}{below}");
                }
            }
        } else {
            full = self.ledger_alias(full);
        }
        Ok(self.names.get(&full))
    }

    /// ledger replaces the whole name or its first part, once.
    fn ledger_alias(&self, full: String) -> String {
        let all = self.scope.aliases.iter().chain(&self.account_aliases);
        let found = all.rev().find(|(from, _)| {
            full == *from || (!from.contains(':') && below(&full, from).is_some())
        });
        match found {
            Some((from, to)) => format!("{to}{}", &full[from.len()..]),
            None => full,
        }
    }
}

/// What follows `parent` in `name`, if it is that account or below it.
fn below<'n>(name: &'n str, parent: &str) -> Option<&'n str> {
    let rest = name.strip_prefix(parent)?;
    (rest.is_empty() || rest.starts_with(':')).then_some(rest)
}

pub(super) fn append(note: &mut String, line: &str) {
    if !note.is_empty() && !line.is_empty() {
        note.push('\n');
    }
    note.push_str(line);
}

fn split(line: &str) -> Parts<'_> {
    let text = line.trim_ascii();
    let (status, text) = match text.as_bytes().first() {
        Some(b'*') => (Status::Cleared, text[1..].trim_ascii_start()),
        Some(b'!') => (Status::Pending, text[1..].trim_ascii_start()),
        _ => (Status::Unmarked, text),
    };
    let bytes = text.as_bytes();
    let end = (0..bytes.len())
        .find(|&at| match bytes[at] {
            b'\t' => true,
            b' ' => matches!(bytes.get(at + 1), Some(b' ' | b'\t')),
            _ => false,
        })
        .unwrap_or(bytes.len());
    let (account, rest) = text.split_at(end);
    let rest = rest.trim_ascii_start();
    let (amount, comment) = match comment_start(rest) {
        Some(at) => (rest[..at].trim_ascii_end(), Some(&rest[at + 1..])),
        None => (rest, None),
    };
    Parts {
        status,
        account,
        amount,
        comment,
    }
}

/// Where the comment begins: a semicolon outside a quoted commodity.
fn comment_start(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b';' && !quoted
    })
}

/// The account without the brackets of a balanced virtual posting.
fn plain_name(written: &str) -> Result<(&str, bool), Problem> {
    let inside = |open, close| written.strip_prefix(open)?.strip_suffix(close);
    if let Some(name) = inside('[', ']') {
        return Ok((name.trim_ascii(), true));
    }
    if let Some(name) = inside('(', ')') {
        return Err(Problem(format!(
            "The virtual posting ({name}) balances with nothing, which books by double entry cannot hold; balance it in brackets or remove it."
        )));
    }
    if inside('<', '>').is_some() {
        return Err("A deferred posting in angle brackets takes effect later than its entry and is not followed; write it without the brackets, on its day.".into());
    }
    Ok((written, false))
}
