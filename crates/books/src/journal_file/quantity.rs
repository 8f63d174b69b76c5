//! An exact decimal number: what a journal writes is what is kept, digit for digit.
//!
//! A quantity remembers how many digits were written after the decimal mark, because the
//! programs whose files we read decide from that whether a transaction balances.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Digits after the decimal mark at most: with one digit before it, this fills 37 of the
/// 38 digits that an `i128` can hold.
pub const SCALE_MAX: u8 = 36;

/// `mantissa` / 10^`scale`. Equality, order and hash look at the value, so 1.0 equals 1.00.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantity {
    mantissa: i128,
    scale: u8,
}

/// A number left the range that is kept exactly, or was divided by zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange;

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number has more digits than the 37 that are kept exactly")
    }
}

impl std::error::Error for OutOfRange {}

impl Quantity {
    pub const ZERO: Self = Self {
        mantissa: 0,
        scale: 0,
    };

    pub fn new(mantissa: i128, scale: u8) -> Result<Self, OutOfRange> {
        // The lowest value has no opposite; without it negation cannot fail.
        if scale > SCALE_MAX || mantissa == i128::MIN {
            return Err(OutOfRange);
        }
        Ok(Self { mantissa, scale })
    }

    pub const fn whole(value: i64) -> Self {
        Self {
            mantissa: value as i128,
            scale: 0,
        }
    }

    /// Reads `-12.50`: an optional sign, digits, and at most one dot. No digit groups.
    pub fn parse(text: &str) -> Result<Self, OutOfRange> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(OutOfRange);
        }
        let scale = u8::try_from(fraction.len()).map_err(|_| OutOfRange)?;
        let magnitude = Self::from_digits(whole.bytes().chain(fraction.bytes()), scale)?;
        Ok(if text.starts_with('-') {
            magnitude.negated()
        } else {
            magnitude
        })
    }

    /// Builds a number from its ASCII digits, the last `scale` of which are decimals.
    pub fn from_digits(digits: impl Iterator<Item = u8>, scale: u8) -> Result<Self, OutOfRange> {
        let mut mantissa = 0i128;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return Err(OutOfRange);
            }
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|value| value.checked_add(i128::from(digit - b'0')))
                .ok_or(OutOfRange)?;
        }
        Self::new(mantissa, scale)
    }

    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// How many digits stand after the decimal mark.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    #[must_use]
    pub const fn negated(self) -> Self {
        Self {
            mantissa: -self.mantissa,
            scale: self.scale,
        }
    }

    #[must_use]
    pub const fn absolute(self) -> Self {
        Self {
            mantissa: self.mantissa.abs(),
            scale: self.scale,
        }
    }

    /// The same value with no zeros at the end of its decimals.
    #[must_use]
    pub const fn normalised(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    pub fn plus(self, other: Self) -> Result<Self, OutOfRange> {
        if self.scale == other.scale {
            let sum = self.mantissa.checked_add(other.mantissa);
            return Self::new(sum.ok_or(OutOfRange)?, self.scale);
        }
        let (a, b) = match self.aligned(other) {
            Some(pair) => pair,
            None => self
                .normalised()
                .aligned(other.normalised())
                .ok_or(OutOfRange)?,
        };
        let scale = if self.aligned(other).is_some() {
            self.scale.max(other.scale)
        } else {
            self.normalised().scale.max(other.normalised().scale)
        };
        Self::new(a.checked_add(b).ok_or(OutOfRange)?, scale)
    }

    pub fn minus(self, other: Self) -> Result<Self, OutOfRange> {
        self.plus(other.negated())
    }

    pub fn times(self, other: Self) -> Result<Self, OutOfRange> {
        let product = |a: Self, b: Self| {
            let mantissa = a.mantissa.checked_mul(b.mantissa)?;
            let exact = Self {
                mantissa,
                scale: a.scale.checked_add(b.scale)?,
            };
            let kept = if exact.scale > SCALE_MAX {
                exact.normalised()
            } else {
                exact
            };
            Self::new(kept.mantissa, kept.scale).ok()
        };
        product(self, other)
            .or_else(|| product(self.normalised(), other.normalised()))
            .ok_or(OutOfRange)
    }

    /// Divides, keeping `scale` decimals; what is cut off rounds half to even.
    pub fn divided_by(self, divisor: Self, scale: u8) -> Result<Self, OutOfRange> {
        let (top, below) = (self.normalised(), divisor.normalised());
        if below.mantissa == 0 {
            return Err(OutOfRange);
        }
        let shift = i32::from(below.scale) + i32::from(scale) - i32::from(top.scale);
        let power = power_of_ten(shift.unsigned_abs()).ok_or(OutOfRange)?;
        let (numerator, denominator) = if shift >= 0 {
            (top.mantissa.checked_mul(power), Some(below.mantissa))
        } else {
            (Some(top.mantissa), below.mantissa.checked_mul(power))
        };
        let quotient =
            divide_half_even(numerator.ok_or(OutOfRange)?, denominator.ok_or(OutOfRange)?);
        Self::new(quotient, scale)
    }

    /// Divides to as many decimals as leave `digits` significant ones, as calculators with
    /// a fixed number of digits do; an exact result loses its trailing zeros.
    pub fn divided_to_digits(self, divisor: Self, digits: u8) -> Result<Self, OutOfRange> {
        let mut scale = digits.min(SCALE_MAX);
        loop {
            match self.divided_by(divisor, scale) {
                Ok(value) if value.mantissa.unsigned_abs().to_string().len() <= digits.into() => {
                    return Ok(value.normalised());
                }
                _ if scale == 0 || divisor.is_zero() => return Err(OutOfRange),
                _ => scale -= 1,
            }
        }
    }

    /// Rounds half to even; a number with fewer decimals than `scale` stays as it is.
    #[must_use]
    pub fn rounded(self, scale: u8) -> Self {
        if self.scale <= scale {
            return self;
        }
        match power_of_ten(u32::from(self.scale - scale)) {
            Some(power) => Self {
                mantissa: divide_half_even(self.mantissa, power),
                scale,
            },
            None => Self::ZERO,
        }
    }

    /// Whether the number is at most half of the last place that `scale` decimals can show.
    pub fn looks_zero(self, scale: u8) -> bool {
        if self.mantissa == 0 {
            return true;
        }
        if self.scale <= scale {
            return false;
        }
        power_of_ten(u32::from(self.scale - scale - 1))
            .and_then(|power| power.checked_mul(5))
            .is_some_and(|half| self.mantissa.abs() <= half)
    }

    fn aligned(self, other: Self) -> Option<(i128, i128)> {
        let scale = self.scale.max(other.scale);
        let a = power_of_ten(u32::from(scale - self.scale))?;
        let b = power_of_ten(u32::from(scale - other.scale))?;
        Some((
            self.mantissa.checked_mul(a)?,
            other.mantissa.checked_mul(b)?,
        ))
    }

    /// The whole part and the decimals brought to [`SCALE_MAX`], which never overflow.
    fn split(self) -> (i128, i128) {
        let unit = 10i128.pow(u32::from(self.scale));
        let fraction = self.mantissa % unit;
        let lifted = fraction * 10i128.pow(u32::from(SCALE_MAX - self.scale));
        (self.mantissa / unit, lifted)
    }
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

fn divide_half_even(numerator: i128, denominator: i128) -> i128 {
    let quotient = numerator / denominator;
    let rest = (numerator % denominator).unsigned_abs();
    // Comparing with what is left over avoids doubling, which could overflow.
    let missing = denominator.unsigned_abs() - rest;
    let away = rest > missing || (rest == missing && quotient % 2 != 0);
    if !away {
        quotient
    } else if (numerator < 0) == (denominator < 0) {
        quotient + 1
    } else {
        quotient - 1
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            self.mantissa.cmp(&other.mantissa)
        } else {
            self.split().cmp(&other.split())
        }
    }
}

impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let plain = self.normalised();
        plain.mantissa.hash(state);
        plain.scale.hash(state);
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = usize::from(self.scale);
        let digits = self.mantissa.unsigned_abs().to_string();
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let mark = if scale > 0 { "." } else { "" };
        write!(f, "{sign}{whole}{mark}{fraction}")
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    fn q(text: &str) -> Quantity {
        Quantity::parse(text).unwrap()
    }

    #[test]
    fn sums_products_and_quotients_are_exact() {
        let cases = [
            (q("1.10").plus(q("2")), "3.10"),
            (q("1").minus(q("0.001")), "0.999"),
            (q("-1.5").times(q("2.50")), "-3.750"),
            (q("1").divided_by(q("3"), 4), "0.3333"),
            (q("2").divided_by(q("3"), 2), "0.67"),
            (q("-5").divided_by(q("2"), 0), "-2"),
            (q("7").divided_by(q("-2"), 0), "-4"),
            (q("1").divided_to_digits(q("8"), 28), "0.125"),
        ];
        for (value, expected) in cases {
            assert_eq!(value.unwrap().to_string(), expected);
        }
        assert_eq!(q("1").divided_by(q("0"), 2), Err(OutOfRange));
        assert_eq!(q(&"9".repeat(38)).times(q("10")), Err(OutOfRange));
        assert!(Quantity::parse("").is_err() && Quantity::parse("1.2.3").is_err());
    }

    #[test]
    fn half_of_the_last_place_looks_zero() {
        assert!(q("0.005").looks_zero(2));
        assert!(!q("0.0051").looks_zero(2));
        assert!(!q("1").looks_zero(2));
    }

    fn any_quantity() -> impl Strategy<Value = Quantity> {
        (-1_000_000_000_000i128..1_000_000_000_000, 0u8..8)
            .prop_map(|(mantissa, scale)| Quantity::new(mantissa, scale).unwrap())
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(value in any_quantity()) {
            let back = q(&value.to_string());
            prop_assert_eq!(back, value);
            prop_assert_eq!(back.scale(), value.scale());
        }

        #[test]
        fn addition_undoes_subtraction(a in any_quantity(), b in any_quantity()) {
            prop_assert_eq!(a.plus(b).unwrap().minus(b).unwrap(), a);
            prop_assert_eq!(a.plus(b).unwrap(), b.plus(a).unwrap());
        }

        #[test]
        fn order_agrees_with_difference(a in any_quantity(), b in any_quantity()) {
            let difference = a.minus(b).unwrap();
            prop_assert_eq!(a < b, difference.is_negative());
            prop_assert_eq!(a == b, difference.is_zero());
            prop_assert_eq!(a.normalised(), a);
        }

        #[test]
        fn a_product_divides_back(a in any_quantity(), b in any_quantity()) {
            prop_assume!(!b.is_zero());
            let product = a.times(b).unwrap();
            prop_assert_eq!(product.divided_by(b, 8).unwrap(), a);
        }

        #[test]
        fn hostile_text_never_panics(text in "[-+0-9.]{0,60}") {
            if let Ok(value) = Quantity::parse(&text) {
                let _ = value.times(value);
                let _ = value.plus(q("0.000000000000000001"));
                let _ = value.cmp(&q("1.5"));
                let _ = value.rounded(0);
            }
        }
    }
}
