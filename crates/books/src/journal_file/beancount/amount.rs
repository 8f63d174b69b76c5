//! Numbers, which may be calculations, and the words beside them.

use super::super::cursor::Cursor;
use super::super::model::{Amount, Name};
use super::super::names::COMMODITIES_MAX;
use super::super::quantity::Quantity;
use super::{Problem, Reader};

/// Significant digits of a quotient: fewer than the 28 of beancount's decimals, so that a
/// product with a quantity of a dozen digits is still exact.
pub(super) const QUOTIENT_DIGITS: u8 = 24;

const DEPTH_MAX: usize = 32;

/// Whether a number or calculation begins here.
pub(super) fn begins(cursor: &Cursor<'_>) -> bool {
    matches!(cursor.peek(), Some(b'0'..=b'9' | b'.' | b'-' | b'+' | b'('))
}

pub(super) fn number(cursor: &mut Cursor<'_>) -> Result<Quantity, Problem> {
    sum(cursor, 0)
}

fn sum(cursor: &mut Cursor<'_>, depth: usize) -> Result<Quantity, Problem> {
    let mut total = product(cursor, depth)?;
    loop {
        cursor.skip_blanks();
        match cursor.peek() {
            Some(b'+') => {
                cursor.skip(1);
                total = total.plus(product(cursor, depth)?)?;
            }
            Some(b'-') => {
                cursor.skip(1);
                total = total.minus(product(cursor, depth)?)?;
            }
            _ => return Ok(total),
        }
    }
}

fn product(cursor: &mut Cursor<'_>, depth: usize) -> Result<Quantity, Problem> {
    let mut total = factor(cursor, depth)?;
    loop {
        cursor.skip_blanks();
        match cursor.peek() {
            Some(b'*') => {
                cursor.skip(1);
                total = total.times(factor(cursor, depth)?)?;
            }
            Some(b'/') => {
                cursor.skip(1);
                let divisor = factor(cursor, depth)?;
                if divisor.is_zero() {
                    return Err("This calculation divides by zero; correct it.".into());
                }
                total = total.divided_to_digits(divisor, QUOTIENT_DIGITS)?;
            }
            _ => return Ok(total),
        }
    }
}

fn factor(cursor: &mut Cursor<'_>, depth: usize) -> Result<Quantity, Problem> {
    if depth > DEPTH_MAX {
        return Err("This calculation nests too deeply; write its result instead.".into());
    }
    cursor.skip_blanks();
    match cursor.peek() {
        Some(b'-') => {
            cursor.skip(1);
            Ok(factor(cursor, depth + 1)?.negated())
        }
        Some(b'+') => {
            cursor.skip(1);
            factor(cursor, depth + 1)
        }
        Some(b'(') => {
            cursor.skip(1);
            let value = sum(cursor, depth + 1)?;
            cursor.skip_blanks();
            if cursor.eat(")") {
                Ok(value)
            } else {
                Err("A calculation has no closing parenthesis; add it.".into())
            }
        }
        _ => digits(cursor),
    }
}

fn digits(cursor: &mut Cursor<'_>) -> Result<Quantity, Problem> {
    let text = cursor.take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let grouped = whole.bytes().filter(|byte| *byte != b',');
    if text.is_empty() || fraction.contains(['.', ',']) {
        return Err(Problem(format!(
            "\"{text}{}\" is not a number; write it like 1,000.00.",
            cursor.rest()
        )));
    }
    let scale = u8::try_from(fraction.len()).unwrap_or(u8::MAX);
    Ok(Quantity::from_digits(
        grouped.chain(fraction.bytes()),
        scale,
    )?)
}

/// Takes a string in quotation marks, with its escapes undone.
pub(super) fn string(cursor: &mut Cursor<'_>) -> Option<String> {
    let rest = cursor.rest().strip_prefix('"')?;
    let mut text = String::new();
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                cursor.skip(at + 2);
                return Some(text);
            }
            '\\' => match letters.next()?.1 {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    None
}

impl Reader<'_> {
    /// Takes a currency: capitals, digits and a few marks.
    pub(super) fn currency(&mut self, cursor: &mut Cursor<'_>) -> Option<Name> {
        cursor.skip_blanks();
        let first = cursor.peek()?;
        let slash = first == b'/' && cursor.peek_after(1).is_some_and(|b| b.is_ascii_uppercase());
        if !first.is_ascii_uppercase() && !slash {
            return None;
        }
        let text = cursor.take_while(|byte| {
            byte.is_ascii_uppercase()
                || byte.is_ascii_digit()
                || matches!(byte, b'\'' | b'.' | b'_' | b'-' | b'/')
        });
        self.commodities.get_within(text, COMMODITIES_MAX)
    }

    pub(super) fn amount(&mut self, cursor: &mut Cursor<'_>) -> Result<Amount, Problem> {
        let quantity = number(cursor)?;
        match self.currency(cursor) {
            Some(commodity) => Ok(Amount::new(quantity, commodity)),
            None => Err("An amount has no currency; write it like 10.00 EUR.".into()),
        }
    }
}

/// Fails unless only a comment is left.
pub(super) fn ended(cursor: &mut Cursor<'_>) -> Result<(), Problem> {
    cursor.skip_blanks();
    match cursor.peek() {
        None | Some(b';') => Ok(()),
        Some(_) => Err(Problem(format!(
            "\"{}\" at the end of the line is not understood; remove it or put a semicolon before it.",
            cursor.rest()
        ))),
    }
}
