//! Money: an integer count of a currency's smallest unit, with the currency
//! beside it. There is no floating point and no silent overflow.
//!
//! ISO 4217 currencies have the minor units of the standard (EUR 2, JPY 0,
//! BHD 3). Other commodities (shares, hours, kilowatt hours) have the number of
//! decimals that the workspace settled for them.

use std::fmt;

/// The longest code: hledger and beancount commodities fit.
pub const CODE_LENGTH_MAX: usize = 24;
/// Decimals beyond this leave no room for the integer part of an `i64`.
pub const SCALE_MAX: u8 = 12;
/// The largest amount of one line, in minor units: a million such lines still
/// add up within an `i64`.
pub const MINOR_MAX: i64 = 9_000_000_000_000;

/// A currency or another commodity, and how many decimals its amounts have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: [u8; CODE_LENGTH_MAX],
    length: u8,
    scale: u8,
}

/// An amount in minor units of its currency: EUR 12.50 is 1250.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// Why a text is not an amount of a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotMoney {
    NotANumber,
    /// More decimals than the currency has.
    TooPrecise {
        scale: u8,
    },
    TooLarge,
}

impl Currency {
    /// A commodity of a workspace. `None` when the code is empty, too long, or
    /// holds white space or control characters, or the scale is too large.
    pub fn new(code: &str, scale: u8) -> Option<Self> {
        let usable = !code.is_empty()
            && code.len() <= CODE_LENGTH_MAX
            && !code
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || c == '"');
        if !usable || scale > SCALE_MAX {
            return None;
        }
        let mut bytes = [0; CODE_LENGTH_MAX];
        bytes[..code.len()].copy_from_slice(code.as_bytes());
        Some(Self {
            code: bytes,
            length: u8::try_from(code.len()).ok()?,
            scale,
        })
    }

    /// A currency of ISO 4217, with the minor units of the standard.
    pub fn iso(code: &str) -> Option<Self> {
        let currency = iso_currency::Currency::from_code(code)?;
        let scale = u8::try_from(currency.exponent().unwrap_or(0)).ok()?;
        Self::new(code, scale)
    }

    pub fn code(&self) -> &str {
        // The bytes came from a `&str` of this length.
        str::from_utf8(&self.code[..usize::from(self.length)]).unwrap_or_default()
    }

    /// Decimals: 2 for EUR.
    pub const fn scale(&self) -> u8 {
        self.scale
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.code(), self.scale)
    }
}

impl Money {
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads `12.50`, `-3`, `+0.5`, `.5`: digits with one decimal point.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, NotMoney> {
        let minor = parse_minor(text.trim(), currency.scale)?;
        if minor.checked_abs().is_none_or(|size| size > MINOR_MAX) {
            return Err(NotMoney::TooLarge);
        }
        Ok(Self { minor, currency })
    }

    /// The amount without its currency: `-12.50`.
    pub fn decimal(&self) -> String {
        decimal(self.minor, self.currency.scale)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency.code())
    }
}

impl fmt::Display for NotMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber => {
                f.write_str("This is not an amount. Write it as 1250.00 or -1250.00.")
            }
            Self::TooPrecise { scale: 0 } => f.write_str(
                "This has decimals, and the currency has none. Round it to a whole number.",
            ),
            Self::TooPrecise { scale } => {
                write!(
                    f,
                    "This has more than the {scale} decimals of the currency. Round it."
                )
            }
            Self::TooLarge => f.write_str("This amount is too large to be kept. Split it."),
        }
    }
}

/// Minor units as a decimal text: 1250 at scale 2 is `12.50`.
pub fn decimal(minor: i64, scale: u8) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let size = minor.unsigned_abs();
    if scale == 0 {
        return format!("{sign}{size}");
    }
    let unit = 10_u64.pow(u32::from(scale));
    format!(
        "{sign}{}.{:0width$}",
        size / unit,
        size % unit,
        width = usize::from(scale)
    )
}

fn parse_minor(text: &str, scale: u8) -> Result<i64, NotMoney> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return Err(NotMoney::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > usize::from(scale) {
        return Err(NotMoney::TooPrecise { scale });
    }
    let padding = std::iter::repeat_n(b'0', usize::from(scale) - fraction.len());
    let mut minor: i64 = 0;
    for digit in whole.bytes().chain(fraction.bytes()).chain(padding) {
        minor = minor
            .checked_mul(10)
            .and_then(|shifted| shifted.checked_add(i64::from(digit - b'0')))
            .ok_or(NotMoney::TooLarge)?;
    }
    Ok(if negative { -minor } else { minor })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn amounts_read_and_print() {
        let eur = Currency::iso("EUR").unwrap();
        let jpy = Currency::iso("JPY").unwrap();
        for (text, currency, expected) in [
            ("12.50", eur, Ok("12.50")),
            ("-12.5", eur, Ok("-12.50")),
            (".5", eur, Ok("0.50")),
            ("5.", eur, Ok("5.00")),
            ("+7", eur, Ok("7.00")),
            ("1.500", eur, Ok("1.50")),
            ("1.505", eur, Err(NotMoney::TooPrecise { scale: 2 })),
            ("100", jpy, Ok("100")),
            ("0.5", jpy, Err(NotMoney::TooPrecise { scale: 0 })),
            ("", eur, Err(NotMoney::NotANumber)),
            (".", eur, Err(NotMoney::NotANumber)),
            ("-", eur, Err(NotMoney::NotANumber)),
            ("1,50", eur, Err(NotMoney::NotANumber)),
            ("1e5", eur, Err(NotMoney::NotANumber)),
            ("--1", eur, Err(NotMoney::NotANumber)),
            ("90000000000.01", eur, Err(NotMoney::TooLarge)),
            ("99999999999999999999", eur, Err(NotMoney::TooLarge)),
        ] {
            let read = Money::parse(text, currency).map(|money| money.decimal());
            assert_eq!(read, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_code_is_one_word() {
        assert!(Currency::new("AAPL", 4).is_some());
        for bad in ["", "A B", "a\u{7}", "ABCDEFGHIJKLMNOPQRSTUVWXY"] {
            assert!(Currency::new(bad, 2).is_none(), "{bad}");
        }
        assert!(Currency::new("X", 13).is_none());
    }
}
