//! One transaction: its first line and the postings below it.

use super::super::cursor::{Cursor, Lines};
use super::super::model::{Status, Transaction};
use super::posting::append;
use super::{Draft, Problem, Reader, comment, date};

/// Postings in one transaction at most: more than any payroll run, and it bounds the work.
const POSTINGS_MAX: usize = 10_000;

impl Reader<'_> {
    pub(super) fn transaction(&mut self, line: &str, lines: &mut Lines<'_>) {
        let place = self.place(lines.number());
        let transaction = match self.header(line, lines.number()) {
            Ok(transaction) => transaction,
            Err(Problem(reason)) => {
                self.journal.fault(place, reason);
                while lines.take_indented().is_some() {}
                return;
            }
        };
        let mut draft = Draft {
            transaction,
            postings: Vec::with_capacity(2),
            broken: false,
        };
        while let Some(line) = lines.take_indented() {
            if let Err(Problem(reason)) = self.body_line(line, lines.number(), &mut draft) {
                draft.broken = true;
                let place = self.place(lines.number());
                self.journal.fault(place, reason);
            }
        }
        if !self.hledger() {
            Self::ledger_payee(&mut draft);
        }
        self.finish(draft);
    }

    fn header(&mut self, line: &str, number: u32) -> Result<Transaction, Problem> {
        let mut cursor = Cursor::new(line);
        let day = date::take(&mut cursor, self.scope.year)?;
        self.entry_year = Some(day.year());
        let secondary_date = if cursor.eat("=") {
            let year = Some(self.scope.year.unwrap_or(day.year()));
            Some(date::take(&mut cursor, year)?)
        } else {
            None
        };
        if !matches!(cursor.peek(), None | Some(b' ' | b'\t' | b';')) {
            return Err(Problem(format!(
                "\"{}\" after the date is not understood; put a blank after the date.",
                cursor.rest()
            )));
        }
        cursor.skip_blanks();
        let status = match cursor.peek() {
            Some(b'*') => Status::Cleared,
            Some(b'!') => Status::Pending,
            _ => Status::Unmarked,
        };
        if status != Status::Unmarked {
            cursor.skip(1);
            cursor.skip_blanks();
        }
        let code = Self::code(&mut cursor);
        cursor.skip_blanks();
        let (description, comment) = self.description(cursor.rest());
        let mut transaction = Transaction {
            date: day,
            secondary_date,
            status,
            code,
            payee: String::new(),
            description: description.to_owned(),
            note: String::new(),
            tags: self.scope.tags.clone(),
            links: Vec::new(),
            postings: Vec::new(),
            residual: Vec::new(),
            source: self.place(number),
        };
        if let Some((payee, _)) = description.split_once('|').filter(|_| self.hledger()) {
            payee.trim().clone_into(&mut transaction.payee);
        }
        if let Some(comment) = comment {
            self.header_comment(&mut transaction, comment)?;
        }
        Ok(transaction)
    }

    fn code(cursor: &mut Cursor<'_>) -> String {
        if cursor.peek() != Some(b'(') {
            return String::new();
        }
        let mut ahead = cursor.clone();
        ahead.skip(1);
        // A parenthesis that never closes belongs to the description.
        let Some(code) = ahead.take_until(")") else {
            return String::new();
        };
        *cursor = ahead;
        code.trim().to_owned()
    }

    /// Splits off the comment: in hledger at any semicolon, in ledger after two blanks.
    fn description<'t>(&self, text: &'t str) -> (&'t str, Option<&'t str>) {
        let bytes = text.as_bytes();
        let start = (0..bytes.len()).find(|&at| {
            bytes[at] == b';'
                && (self.hledger()
                    || at == 0
                    || bytes[at - 1] == b'\t'
                    || (at > 1 && bytes[at - 1] == b' ' && bytes[at - 2] == b' '))
        });
        match start {
            Some(at) => (text[..at].trim(), Some(text[at + 1..].trim())),
            None => (text.trim(), None),
        }
    }

    fn body_line(&mut self, line: &str, number: u32, draft: &mut Draft) -> Result<(), Problem> {
        let text = line.trim_ascii();
        if let Some(comment) = text.strip_prefix(';') {
            return match draft.postings.last_mut() {
                Some(posting) => self.posting_comment(posting, comment),
                None => self.header_comment(&mut draft.transaction, comment.trim()),
            };
        }
        let first_word = text.split_ascii_whitespace().next().unwrap_or_default();
        if !self.hledger() && matches!(first_word, "assert" | "check" | "expr" | "eval") {
            let place = self.place(number);
            self.journal.ignore(
                place,
                first_word,
                "a value expression checks or prints and moves no amount; it was not evaluated",
            );
            return Ok(());
        }
        if draft.postings.len() >= POSTINGS_MAX {
            return Err(Problem(format!(
                "The transaction has more than {POSTINGS_MAX} postings; split it."
            )));
        }
        let posting = self.posting(line, self.place(number))?;
        draft.postings.push(posting);
        Ok(())
    }

    fn header_comment(
        &mut self,
        transaction: &mut Transaction,
        comment: &str,
    ) -> Result<(), Problem> {
        append(&mut transaction.note, comment);
        let year = Some(self.scope.year.unwrap_or(transaction.date.year()));
        let said = comment::read(comment, self.syntax, year)?;
        transaction.tags.extend(said.tags);
        transaction.secondary_date = said.secondary_date.or(transaction.secondary_date);
        if let Some(date) = said.date {
            transaction.date = date;
        }
        Ok(())
    }

    /// A tag `Payee:` takes the place of the description in ledger's reports.
    fn ledger_payee(draft: &mut Draft) {
        let tags = &draft.transaction.tags;
        let named = tags
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("payee"));
        if let Some((_, payee)) = named {
            draft.transaction.payee.clone_from(payee);
        }
    }
}
