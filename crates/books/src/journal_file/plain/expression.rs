//! ledger's calculations in place of amounts: `($10.00 * 2 + $5.00)`.

use super::super::cursor::Cursor;
use super::super::model::Amount;
use super::amount::Role;
use super::{Problem, Reader};

/// Parentheses in one another at most.
const DEPTH_MAX: usize = 32;

/// Decimals that ledger adds when it divides.
const DIVISION_DECIMALS: u8 = 6;

impl Reader<'_> {
    /// Takes a calculation in parentheses.
    pub(super) fn calculation(&mut self, cursor: &mut Cursor<'_>) -> Result<Amount, Problem> {
        self.factor(cursor, 0)
    }

    fn sum(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Result<Amount, Problem> {
        let mut total = self.product(cursor, depth)?;
        loop {
            cursor.skip_blanks();
            let minus = match cursor.peek() {
                Some(b'+') => false,
                Some(b'-') => true,
                _ => return Ok(total),
            };
            cursor.skip(1);
            let next = self.product(cursor, depth)?;
            total = added(&total, &if minus { next.negated() } else { next })?;
        }
    }

    fn product(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Result<Amount, Problem> {
        let mut total = self.factor(cursor, depth)?;
        loop {
            cursor.skip_blanks();
            let divides = match cursor.peek() {
                Some(b'*') => false,
                Some(b'/') => true,
                _ => return Ok(total),
            };
            cursor.skip(1);
            let next = self.factor(cursor, depth)?;
            let quantity = if divides {
                if next.quantity.is_zero() {
                    return Err("This calculation divides by zero; correct it.".into());
                }
                let scale = total.quantity.scale() + next.quantity.scale() + DIVISION_DECIMALS;
                total.quantity.divided_by(next.quantity, scale)?
            } else {
                total.quantity.times(next.quantity)?
            };
            let commodity = if total.commodity.is_empty() {
                next.commodity
            } else {
                total.commodity
            };
            total = Amount::new(quantity, commodity);
        }
    }

    fn factor(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Result<Amount, Problem> {
        if depth > DEPTH_MAX {
            return Err("This calculation nests too deeply; write its result instead.".into());
        }
        cursor.skip_blanks();
        if cursor.peek() == Some(b'-') && cursor.peek_after(1) == Some(b'(') {
            cursor.skip(1);
            return Ok(self.factor(cursor, depth + 1)?.negated());
        }
        if cursor.eat("(") {
            let value = self.sum(cursor, depth + 1)?;
            cursor.skip_blanks();
            if !cursor.eat(")") {
                return Err("This calculation uses more than amounts, + - * / and parentheses; write its result instead.".into());
            }
            return Ok(value);
        }
        self.plain_amount(cursor, Role::Posting).map_err(|_| {
            Problem::from("This calculation uses more than amounts, + - * / and parentheses; write its result instead.")
        })
    }
}

fn added(a: &Amount, b: &Amount) -> Result<Amount, Problem> {
    if a.commodity != b.commodity && !a.commodity.is_empty() && !b.commodity.is_empty() {
        return Err("This calculation adds two commodities; give each its own posting.".into());
    }
    let commodity = if a.commodity.is_empty() {
        &b.commodity
    } else {
        &a.commodity
    };
    Ok(Amount::new(a.quantity.plus(b.quantity)?, commodity.clone()))
}
