//! What may follow an amount: lots, costs and balance assertions.

use super::super::cursor::Cursor;
use super::super::model::Lot;
use super::amount::Role;
use super::{Assertion, DraftCost, Problem, Reader, date};

/// What was written after an amount.
#[derive(Default)]
pub(super) struct Annotations {
    pub lot: Option<Lot>,
    pub cost: Option<DraftCost>,
    pub assertion: Option<Assertion>,
}

impl Reader<'_> {
    /// Takes all annotations up to the end of the line.
    pub(super) fn annotations(&mut self, cursor: &mut Cursor<'_>) -> Result<Annotations, Problem> {
        let mut found = Annotations::default();
        loop {
            cursor.skip_blanks();
            match cursor.peek() {
                None => return Ok(found),
                Some(b'{') => self.lot_cost(cursor, found.lot.get_or_insert_default())?,
                Some(b'[') => self.lot_date(cursor, found.lot.get_or_insert_default())?,
                Some(b'(') if !cursor.rest().starts_with("(@") => {
                    cursor.skip(1);
                    let label = cursor
                        .take_until(")")
                        .ok_or("A lot note has no closing parenthesis; add it.")?;
                    label.clone_into(&mut found.lot.get_or_insert_default().label);
                }
                Some(b'@' | b'(') => found.cost = Some(self.cost(cursor)?),
                Some(b'=') => found.assertion = Some(self.assertion(cursor)?),
                Some(_) => {
                    return Err(Problem(format!(
                        "\"{}\" after the amount is not understood; a posting is written like: account  10.00 EUR.",
                        cursor.rest()
                    )));
                }
            }
        }
    }

    fn lot_cost(&mut self, cursor: &mut Cursor<'_>, lot: &mut Lot) -> Result<(), Problem> {
        let total = cursor.eat("{{");
        if !total {
            cursor.eat("{");
        }
        cursor.skip_blanks();
        // `=` fixes the price for later valuations, which are not the books' business.
        cursor.eat("=");
        cursor.skip_blanks();
        let close = if total { "}}" } else { "}" };
        if self.hledger() && cursor.peek() == Some(b'}') {
            return Err("Empty braces let the program choose a lot, which is not followed; write what the lot cost.".into());
        }
        if cursor.eat(close) {
            return Ok(());
        }
        let price = self.amount(cursor, Role::Price)?;
        cursor.skip_blanks();
        if !cursor.eat(close) {
            return Err("A lot's price is not closed or holds more than one amount; write it like {10.00 EUR}.".into());
        }
        if total {
            lot.total_cost = Some(price);
        } else {
            lot.unit_cost = Some(price);
        }
        Ok(())
    }

    fn lot_date(&mut self, cursor: &mut Cursor<'_>, lot: &mut Lot) -> Result<(), Problem> {
        cursor.eat("[");
        lot.date = Some(date::take(cursor, self.scope.year)?);
        if cursor.eat("]") {
            Ok(())
        } else {
            Err("A lot's date has no closing bracket; write it like [2024-01-31].".into())
        }
    }

    fn cost(&mut self, cursor: &mut Cursor<'_>) -> Result<DraftCost, Problem> {
        let parenthesised = cursor.eat("(");
        cursor.eat("@");
        let total = cursor.eat("@");
        if parenthesised && !cursor.eat(")") {
            return Err("A virtual cost is written (@) or (@@); close its parenthesis.".into());
        }
        cursor.skip_blanks();
        if !self.hledger() && cursor.eat("=") {
            cursor.skip_blanks();
        }
        let price = self.amount(cursor, Role::Price)?;
        Ok(if total {
            DraftCost::Total(price)
        } else {
            DraftCost::Unit(price)
        })
    }

    pub(super) fn assertion(&mut self, cursor: &mut Cursor<'_>) -> Result<Assertion, Problem> {
        cursor.eat("=");
        let sole = self.hledger() && cursor.eat("=");
        let inclusive = self.hledger() && cursor.eat("*");
        // ledger learns no precision from what it compares with, hledger does.
        let role = if self.hledger() {
            Role::Posting
        } else {
            Role::Price
        };
        let amount = self.amount(cursor, role)?;
        // A cost beside an assertion is allowed and never compared.
        cursor.skip_blanks();
        let costed = cursor.peek() == Some(b'@');
        if costed {
            self.cost(cursor)?;
        }
        Ok(Assertion {
            amount,
            costed,
            sole,
            inclusive,
        })
    }
}
