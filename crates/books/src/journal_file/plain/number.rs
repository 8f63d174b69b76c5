//! Numbers as people write them: 1,000.00 and 1.000,00 and 1 000,00.

use super::super::cursor::Cursor;
use super::super::quantity::{OutOfRange, Quantity};
use super::Problem;

/// What is known about the marks before the number is looked at.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks {
    /// `decimal-mark` was given: no other reading is allowed.
    pub strict_decimal: Option<u8>,
    pub decimal: Option<u8>,
    pub group: Option<u8>,
}

/// A number and how it was written.
pub(super) struct Written {
    pub quantity: Quantity,
    pub decimal: Option<u8>,
    pub group: Option<u8>,
}

/// Takes the characters of a number, without deciding what its marks mean.
pub(super) fn scan<'t>(cursor: &mut Cursor<'t>, blanks: bool) -> &'t str {
    let start = cursor.position();
    while let Some(byte) = cursor.peek() {
        let inside = match byte {
            b'0'..=b'9' | b'.' | b',' => true,
            b'\'' => {
                !blanks
                    && cursor
                        .peek_after(1)
                        .is_some_and(|next| next.is_ascii_digit())
            }
            b' ' => {
                blanks
                    && cursor.position() > start
                    && cursor
                        .peek_after(1)
                        .is_some_and(|next| next.is_ascii_digit())
            }
            0xC2 => {
                blanks
                    && cursor.peek_after(1) == Some(0xA0)
                    && cursor
                        .peek_after(2)
                        .is_some_and(|next| next.is_ascii_digit())
            }
            0xE2 => {
                blanks
                    && cursor.rest().starts_with('\u{202f}')
                    && cursor
                        .peek_after(3)
                        .is_some_and(|next| next.is_ascii_digit())
            }
            _ => false,
        };
        if !inside {
            break;
        }
        cursor.skip(match byte {
            0xC2 => 2,
            0xE2 => 3,
            _ => 1,
        });
    }
    cursor.since(start)
}

/// The power of ten of `1.5e3`, where one follows.
pub(super) fn exponent(cursor: &mut Cursor<'_>) -> Option<i32> {
    if !matches!(cursor.peek(), Some(b'e' | b'E')) {
        return None;
    }
    let signed = matches!(cursor.peek_after(1), Some(b'+' | b'-'));
    let first = 1 + usize::from(signed);
    if !cursor
        .peek_after(first)
        .is_some_and(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    cursor.skip(1);
    let start = cursor.position();
    cursor.skip(usize::from(signed));
    cursor.take_while(|byte| byte.is_ascii_digit());
    // A power beyond what fits here is out of range whatever the number is.
    Some(cursor.since(start).parse().unwrap_or(i32::MAX))
}

pub(super) fn shifted(quantity: Quantity, exponent: i32) -> Result<Quantity, OutOfRange> {
    let power = u8::try_from(exponent.unsigned_abs()).map_err(|_| OutOfRange)?;
    let ten = 10i128.checked_pow(power.into()).ok_or(OutOfRange)?;
    if exponent >= 0 {
        let lifted = quantity.times(Quantity::new(ten, 0)?)?;
        // 1.50e1 is 15.0: the power moves the mark, it does not add digits.
        return Ok(lifted.normalised().rounded(quantity.scale()));
    }
    let scale = quantity.scale().checked_add(power).ok_or(OutOfRange)?;
    Quantity::new(quantity.mantissa(), scale)
}

/// Reads a number by hledger's rules.
pub(super) fn hledger(text: &str, marks: Marks) -> Result<Written, Problem> {
    // The bytes after the first of a no-break space are not separators of their own.
    let mut separators = text
        .bytes()
        .enumerate()
        .filter(|(_, byte)| !byte.is_ascii_digit() && !(0x80..0xC0).contains(byte));
    let Some((first_at, first)) = separators.next() else {
        return written(text, None, None);
    };
    let (mut last_at, mut last, mut count) = (first_at, first, 1);
    for (at, byte) in separators {
        // A second kind of mark can only be the decimal mark, so nothing may follow it.
        if last != first {
            return Err(unclear(text));
        }
        (last_at, last) = (at, byte);
        count += 1;
    }
    let mark = |byte: u8| matches!(byte, b'.' | b',');
    if first != last {
        if !mark(last) || marks.strict_decimal.is_some_and(|decimal| decimal != last) {
            return Err(unclear(text));
        }
        return written(text, Some((last_at, last)), Some(first));
    }
    let is_decimal = count == 1
        && mark(first)
        && match (marks.strict_decimal, marks.decimal, marks.group) {
            (Some(decimal), ..) => decimal == first,
            (None, Some(decimal), _) if decimal != first => false,
            // A group mark at the very end or start could only be a decimal mark.
            (None, _, Some(group)) if group == first => first_at == 0 || first_at + 1 == text.len(),
            _ => true,
        };
    if is_decimal {
        written(text, Some((first_at, first)), None)
    } else if marks.strict_decimal == Some(first) {
        Err(unclear(text))
    } else {
        written(text, None, Some(first))
    }
}

/// Reads a number by ledger's rules, which count the digits from the right.
pub(super) fn ledger(text: &str, marks: Marks) -> Result<Written, Problem> {
    let comma_is_decimal = marks.decimal == Some(b',');
    let last_dot = text.rfind('.');
    let last_comma = text.rfind(',');
    let decimal = match (last_dot, last_comma) {
        (Some(dot), Some(comma)) if dot > comma => Some((dot, b'.')),
        (Some(_) | None, Some(comma)) if last_dot.is_some() => Some((comma, b',')),
        (None, Some(comma)) => {
            let several = text[..comma].contains(',');
            let digits = text.len() - comma - 1;
            let decimal =
                !several && (comma_is_decimal || !digits.is_multiple_of(3) || digits == 0);
            decimal.then_some((comma, b','))
        }
        (Some(dot), _) => {
            let several = text[..dot].contains('.');
            let group = several || (comma_is_decimal && (text.len() - dot - 1) == 3);
            (!group).then_some((dot, b'.'))
        }
        (None, None) => None,
    };
    let group = text
        .bytes()
        .find(|byte| !byte.is_ascii_digit() && Some(*byte) != decimal.map(|(_, mark)| mark));
    written(text, decimal, group)
}

fn written(
    text: &str,
    decimal: Option<(usize, u8)>,
    group: Option<u8>,
) -> Result<Written, Problem> {
    let (whole, fraction) = match decimal {
        Some((at, _)) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    // Groups stand between digits: "1,,000" and ",100" are slips of the pen.
    let mut after_digit = false;
    let mut clean = fraction.bytes().all(|byte| byte.is_ascii_digit());
    for byte in whole.bytes().filter(u8::is_ascii) {
        clean &= byte.is_ascii_digit() || after_digit;
        after_digit = byte.is_ascii_digit();
    }
    if !clean || (whole.is_empty() && fraction.is_empty()) {
        return Err(unclear(text));
    }
    let scale = u8::try_from(fraction.len()).map_err(|_| OutOfRange)?;
    let digits = whole
        .bytes()
        .filter(u8::is_ascii_digit)
        .chain(fraction.bytes());
    Ok(Written {
        quantity: Quantity::from_digits(digits, scale)?,
        decimal: decimal.map(|(_, mark)| mark),
        group,
    })
}

fn unclear(text: &str) -> Problem {
    Problem(format!(
        "The number \"{text}\" can be read in more than one way or in none; write it with one decimal mark and one kind of digit group."
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn marks_are_told_apart_by_each_program_s_rules() {
        let cases = [
            ("1000", "1000", "1000"),
            ("1,000.25", "1000.25", "1000.25"),
            ("1.000,25", "1000.25", "1000.25"),
            ("1,000,000", "1000000", "1000000"),
            ("1,000", "1.000", "1000"),
            ("1.000", "1.000", "1.000"),
            ("1,00", "1.00", "1.00"),
            (".5", "0.5", "0.5"),
            ("5.", "5", "5"),
        ];
        for (text, by_hledger, by_ledger) in cases {
            let read = |result: Result<Written, Problem>| match result {
                Ok(written) => written.quantity.to_string(),
                Err(Problem(reason)) => reason,
            };
            assert_eq!(read(hledger(text, Marks::default())), by_hledger, "{text}");
            assert_eq!(read(ledger(text, Marks::default())), by_ledger, "{text}");
        }
        let german = Marks {
            decimal: Some(b','),
            group: Some(b'.'),
            ..Marks::default()
        };
        assert_eq!(
            hledger("1.000", german).ok().unwrap().quantity,
            Quantity::whole(1000)
        );
        assert_eq!(
            ledger("1.000", german).ok().unwrap().quantity,
            Quantity::whole(1000)
        );
        assert!(hledger("1.2.3,4,5", Marks::default()).is_err());
    }
}
