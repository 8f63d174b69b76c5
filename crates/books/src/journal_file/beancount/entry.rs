//! Transactions as written: strings, tags, links, metadata and postings.

use jiff::civil::Date;

use super::super::cursor::{Cursor, Lines};
use super::super::model::{Place, Status, Transaction};
use super::amount::{begins, ended, number, string};
use super::directive::{date, unquoted};
use super::{CostSpec, Draft, DraftPosting, Entry, PriceSpec, Problem, Reader, What, body_line};

/// Postings in one transaction at most; it bounds the work of matching lots.
const POSTINGS_MAX: usize = 10_000;

impl Reader<'_> {
    pub(super) fn transaction(
        &mut self,
        date: Date,
        mut cursor: Cursor<'_>,
        lines: &mut Lines<'_>,
        place: &Place,
    ) -> Result<(), Problem> {
        let flag = cursor.take_while(|byte| !matches!(byte, b' ' | b'\t'));
        let mut transaction = Transaction {
            date,
            secondary_date: None,
            status: status(flag),
            code: String::new(),
            payee: String::new(),
            description: String::new(),
            note: String::new(),
            tags: Vec::new(),
            links: Vec::new(),
            postings: Vec::new(),
            residual: Vec::new(),
            source: place.clone(),
        };
        cursor.skip_blanks();
        transaction.description = string(&mut cursor).unwrap_or_default();
        cursor.skip_blanks();
        if cursor.eat("|") {
            cursor.skip_blanks();
        }
        if let Some(narration) = string(&mut cursor) {
            transaction.payee = std::mem::replace(&mut transaction.description, narration);
        }
        tags_and_links(&mut cursor, &mut transaction);
        ended(&mut cursor)?;
        let pushed = self.tags.iter().map(|tag| (tag.clone(), String::new()));
        transaction.tags.extend(pushed);
        transaction.tags.extend(self.metas.iter().cloned());
        let mut draft = Draft {
            transaction,
            postings: Vec::new(),
            broken: false,
        };
        while let Some((number, line)) = body_line(lines) {
            let place = self.place(number);
            if let Err(Problem(reason)) = self.transaction_line(&line, place.clone(), &mut draft) {
                draft.broken = true;
                self.journal.fault(place, reason);
            }
        }
        if !draft.broken {
            self.entries.push(Entry {
                date,
                place: place.clone(),
                what: What::Transaction(Box::new(draft)),
            });
        }
        Ok(())
    }

    fn transaction_line(
        &mut self,
        line: &str,
        place: Place,
        draft: &mut Draft,
    ) -> Result<(), Problem> {
        let text = line.trim();
        let mut cursor = Cursor::new(text);
        match cursor.peek() {
            Some(b'#' | b'^') if !matches!(cursor.peek_after(1), Some(b' ' | b'\t')) => {
                tags_and_links(&mut cursor, &mut draft.transaction);
                return ended(&mut cursor);
            }
            Some(first) if first.is_ascii_lowercase() => {
                let Some((key, value)) = text.split_once(':') else {
                    return Err(Problem(format!(
                        "\"{text}\" is neither a posting nor metadata; write metadata like key: \"value\"."
                    )));
                };
                let meta = (key.trim().to_owned(), unquoted(value));
                match draft.postings.last_mut() {
                    Some(posting) => posting.tags.push(meta),
                    None => draft.transaction.tags.push(meta),
                }
                return Ok(());
            }
            _ => {}
        }
        if draft.postings.len() >= POSTINGS_MAX {
            return Err(Problem(format!(
                "The transaction has more than {POSTINGS_MAX} postings; split it."
            )));
        }
        let posting = self.posting(&mut cursor, place)?;
        draft.postings.push(posting);
        Ok(())
    }

    fn posting(&mut self, cursor: &mut Cursor<'_>, place: Place) -> Result<DraftPosting, Problem> {
        let flagged = matches!(cursor.peek_after(1), Some(b' ' | b'\t'));
        let mut mark = Status::Unmarked;
        if flagged {
            let flag = cursor.take_while(|byte| !matches!(byte, b' ' | b'\t'));
            mark = status(flag);
        }
        let account = self.account_word(cursor)?;
        cursor.skip_blanks();
        let number = if begins(cursor) {
            Some(number(cursor)?)
        } else {
            None
        };
        let commodity = self.currency(cursor);
        cursor.skip_blanks();
        let cost = if cursor.peek() == Some(b'{') {
            Some(self.cost(cursor)?)
        } else {
            None
        };
        cursor.skip_blanks();
        let price = if cursor.eat("@") {
            Some(self.price(cursor)?)
        } else {
            None
        };
        ended(cursor)?;
        if number.is_some() && commodity.is_none() {
            return Err("An amount has no currency; write it like 10.00 EUR.".into());
        }
        Ok(DraftPosting {
            account,
            number,
            commodity,
            cost,
            price,
            status: mark,
            tags: Vec::new(),
            place,
        })
    }

    fn price(&mut self, cursor: &mut Cursor<'_>) -> Result<PriceSpec, Problem> {
        let total = cursor.eat("@");
        cursor.skip_blanks();
        let number = if begins(cursor) {
            Some(number(cursor)?)
        } else {
            None
        };
        if number.is_some_and(super::Quantity::is_negative) {
            return Err("A price is negative; write it without the sign.".into());
        }
        Ok(PriceSpec {
            total,
            number,
            commodity: self.currency(cursor),
        })
    }

    fn cost(&mut self, cursor: &mut Cursor<'_>) -> Result<CostSpec, Problem> {
        let double = cursor.eat("{{");
        if !double {
            cursor.eat("{");
        }
        let close = if double { "}}" } else { "}" };
        let mut cost = CostSpec::default();
        loop {
            cursor.skip_blanks();
            if cursor.eat(close) {
                return Ok(cost);
            }
            match cursor.peek() {
                Some(b'"') => cost.label = string(cursor),
                Some(b',') => cursor.skip(1),
                Some(b'*') => {
                    return Err(
                        "Merging lots at their average cost ({*}) is not followed; name the lot."
                            .into(),
                    );
                }
                Some(b'0'..=b'9') if is_date(cursor.rest()) => cost.date = Some(date(cursor)?),
                Some(b'#') => {
                    cursor.skip(1);
                    cursor.skip_blanks();
                    if begins(cursor) {
                        cost.total = Some(number(cursor)?);
                    }
                }
                Some(first) if first.is_ascii_uppercase() => {
                    cost.commodity = self.currency(cursor);
                }
                _ if begins(cursor) => {
                    let value = number(cursor)?;
                    if double {
                        cost.total = Some(value);
                    } else {
                        cost.unit = Some(value);
                    }
                }
                _ => {
                    return Err("The cost in braces is not understood or not closed; write it like {10.00 EUR, 2024-01-31}.".into());
                }
            }
        }
    }
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && matches!(bytes[4], b'-' | b'/')
        && matches!(bytes[7], b'-' | b'/')
}

fn status(flag: &str) -> Status {
    match flag {
        "!" => Status::Pending,
        "*" | "txn" => Status::Cleared,
        _ => Status::Unmarked,
    }
}

fn tags_and_links(cursor: &mut Cursor<'_>, transaction: &mut Transaction) {
    loop {
        cursor.skip_blanks();
        let mark = cursor.peek();
        if !matches!(mark, Some(b'#' | b'^')) {
            return;
        }
        cursor.skip(1);
        let word = cursor.take_while(|byte| !matches!(byte, b' ' | b'\t' | b';' | b'#' | b'^'));
        if mark == Some(b'#') {
            transaction.tags.push((word.to_owned(), String::new()));
        } else {
            transaction.links.push(word.to_owned());
        }
    }
}
