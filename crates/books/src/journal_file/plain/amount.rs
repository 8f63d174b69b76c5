//! Amounts: a number with its commodity before or after it.

use super::super::cursor::Cursor;
use super::super::model::{Amount, Name};
use super::super::names::COMMODITIES_MAX;
use super::super::quantity::{OutOfRange, Quantity};
use super::number::{self, Marks};
use super::{Problem, Reader, Style};

/// Whether an amount shows how exactly its commodity is counted; prices do not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Posting,
    Price,
}

impl Reader<'_> {
    /// Takes an amount, or in ledger's syntax a calculation in parentheses.
    pub(super) fn amount(
        &mut self,
        cursor: &mut Cursor<'_>,
        role: Role,
    ) -> Result<Amount, Problem> {
        cursor.skip_blanks();
        let minus_group = cursor.peek() == Some(b'-') && cursor.peek_after(1) == Some(b'(');
        if !self.hledger() && (cursor.peek() == Some(b'(') || minus_group) {
            return self.calculation(cursor);
        }
        self.plain_amount(cursor, role)
    }

    pub(super) fn plain_amount(
        &mut self,
        cursor: &mut Cursor<'_>,
        role: Role,
    ) -> Result<Amount, Problem> {
        let start = cursor.position();
        let mut negative = sign(cursor);
        let mut symbol = self.symbol(cursor)?;
        if symbol.is_some() {
            cursor.skip_blanks();
            negative ^= sign(cursor);
        }
        let digits = number::scan(cursor, self.hledger());
        if digits.is_empty() {
            return Err(Problem(format!(
                "\"{}\" is not an amount; write it like 10.00 EUR or $10.00.",
                cursor.since(start).trim().to_owned() + cursor.rest()
            )));
        }
        let exponent = if self.hledger() {
            number::exponent(cursor)
        } else {
            None
        };
        if symbol.is_none() {
            let mut ahead = cursor.clone();
            ahead.skip_blanks();
            symbol = self.symbol(&mut ahead)?;
            if symbol.is_some() {
                *cursor = ahead;
            }
        }
        let commodity = self.commodity(symbol);
        let mut quantity = self.quantity(digits, &commodity, role)?;
        if let Some(exponent) = exponent {
            quantity = number::shifted(quantity, exponent)?;
        }
        Ok(Amount::new(
            if negative {
                quantity.negated()
            } else {
                quantity
            },
            commodity,
        ))
    }

    fn quantity(
        &mut self,
        digits: &str,
        commodity: &Name,
        role: Role,
    ) -> Result<Quantity, Problem> {
        let hledger = self.hledger();
        let crowded = self.styles.len() >= COMMODITIES_MAX;
        let known = self.styles.get_mut(commodity);
        let marks = Marks {
            strict_decimal: self.scope.decimal_mark,
            decimal: known
                .as_ref()
                .and_then(|style| style.decimal.filter(|_| style.declared || !hledger)),
            // Only a directive tells hledger how to read a number that has one mark.
            group: known
                .as_ref()
                .and_then(|style| style.group.filter(|_| style.declared || !hledger)),
        };
        let written = if hledger {
            number::hledger(digits, marks)?
        } else {
            number::ledger(digits, marks)?
        };
        if role == Role::Price {
            return Ok(written.quantity);
        }
        let scale = written.quantity.scale();
        match known {
            Some(style) if style.declared => {}
            Some(style) => {
                style.precision = style.precision.max(scale);
                style.decimal = style.decimal.or(written.decimal);
            }
            None if crowded => {
                return Err(Problem(format!(
                    "The journal has more than {COMMODITIES_MAX} commodities; import it in parts."
                )));
            }
            None => {
                let style = Style {
                    precision: scale,
                    declared: false,
                    decimal: written.decimal,
                    group: written.group,
                };
                self.styles.insert(commodity.clone(), style);
            }
        }
        Ok(written.quantity)
    }

    /// Takes a commodity symbol, quoted or bare; `None` where there is none.
    pub(super) fn symbol<'t>(&self, cursor: &mut Cursor<'t>) -> Result<Option<&'t str>, Problem> {
        if cursor.eat("\"") {
            return match cursor.take_until("\"") {
                Some(symbol) => Ok(Some(symbol)),
                None => Err("A quoted commodity has no closing quotation mark; add it.".into()),
            };
        }
        let hledger = self.hledger();
        let start = cursor.position();
        while let Some(byte) = cursor.peek() {
            let no_break = (byte == 0xC2 && cursor.peek_after(1) == Some(0xA0))
                || (byte == 0xE2 && cursor.rest().starts_with('\u{202f}'));
            if no_break || !in_symbol(byte, hledger) {
                break;
            }
            cursor.skip(1);
        }
        let symbol = cursor.since(start);
        Ok((!symbol.is_empty()).then_some(symbol))
    }

    fn commodity(&mut self, symbol: Option<&str>) -> Name {
        match symbol {
            None | Some("") => match &self.scope.default_commodity {
                Some(default) if self.hledger() => default.clone(),
                _ => self.bare.clone(),
            },
            Some(symbol) => match self.commodity_aliases.get(symbol) {
                Some(name) => name.clone(),
                None => self.names.get(symbol),
            },
        }
    }

    /// Decimals that decide whether amounts of the commodity balance.
    pub(super) fn precision(&self, commodity: &Name) -> Option<u8> {
        self.styles.get(commodity).map(|style| style.precision)
    }

    /// Sets how a commodity is written from a sample amount such as `1.000,00 EUR`.
    pub(super) fn set_style(&mut self, sample: &str) -> Result<Amount, Problem> {
        let mut cursor = Cursor::new(sample);
        cursor.skip_blanks();
        sign(&mut cursor);
        let mut symbol = self.symbol(&mut cursor)?;
        cursor.skip_blanks();
        sign(&mut cursor);
        let digits = number::scan(&mut cursor, self.hledger());
        if symbol.is_none() {
            cursor.skip_blanks();
            symbol = self.symbol(&mut cursor)?;
        }
        cursor.skip_blanks();
        if !cursor.at_end() && cursor.peek() != Some(b';') {
            return Err(Problem(format!(
                "\"{sample}\" is not a sample amount; write it like 1,000.00 EUR."
            )));
        }
        let marks = Marks {
            strict_decimal: self.scope.decimal_mark,
            ..Marks::default()
        };
        let written = if digits.is_empty() {
            return Err("The sample amount has no number; write it like 1,000.00 EUR.".into());
        } else if self.hledger() {
            number::hledger(digits, marks)?
        } else {
            number::ledger(digits, marks)?
        };
        let commodity = match symbol {
            Some(symbol) => self.names.get(symbol),
            None => self.bare.clone(),
        };
        let style = Style {
            precision: written.quantity.scale(),
            declared: true,
            decimal: written.decimal,
            group: written.group,
        };
        self.styles.insert(commodity.clone(), style);
        Ok(Amount::new(written.quantity, commodity))
    }
}

/// Takes any signs with the blanks after them; whether they make the number negative.
fn sign(cursor: &mut Cursor<'_>) -> bool {
    match cursor.peek() {
        Some(b'-') => {
            cursor.skip(1);
            cursor.skip_blanks();
            true
        }
        Some(b'+') => {
            cursor.skip(1);
            cursor.skip_blanks();
            false
        }
        _ => false,
    }
}

fn in_symbol(byte: u8, hledger: bool) -> bool {
    match byte {
        b'0'..=b'9'
        | b'-'
        | b'+'
        | b'.'
        | b'@'
        | b'*'
        | b';'
        | b'\t'
        | b' '
        | b'"'
        | b'{'
        | b'}'
        | b'=' => false,
        b',' | b':' | b'?' | b'!' | b'/' | b'^' | b'&' | b'|' | b'<' | b'>' | b'[' | b']'
        | b'(' | b')' => hledger && !matches!(byte, b',' | b'(' | b')' | b'[' | b']'),
        _ => true,
    }
}

/// Adds to what is held of each commodity; the list stays short, so it is searched.
pub(super) fn add(totals: &mut Vec<Amount>, amount: &Amount) -> Result<(), OutOfRange> {
    for total in totals.iter_mut() {
        if total.commodity == amount.commodity {
            total.quantity = total.quantity.plus(amount.quantity)?;
            return Ok(());
        }
    }
    totals.push(amount.clone());
    Ok(())
}
