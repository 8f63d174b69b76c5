//! What an entry is: lines that sum to zero in the base currency, to the smallest unit.

use daybook_kernel::money::{MINOR_MAX, NotMoney};
use daybook_kernel::{Currency, Money};

/// A longer entry is a file, and is imported.
pub(crate) const LINES_MAX: usize = 1_000;
pub(crate) const DESCRIPTION_LENGTH_MAX: usize = 500;
pub(crate) const REFERENCE_LENGTH_MAX: usize = 200;
pub(crate) const NOTE_LENGTH_MAX: usize = 10_000;
pub(crate) const TAGS_MAX: usize = 50;
pub(crate) const TAG_LENGTH_MAX: usize = 200;
/// Digits of a rate: enough for any quoted one, few enough for exact arithmetic.
const RATE_DIGITS_MAX: usize = 18;

/// An entry that is ready to be kept, but for its number.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewEntry {
    pub date: i64,
    /// The id of its journal.
    pub journal: i64,
    pub description: String,
    pub reference: String,
    pub note: String,
    pub tags: Vec<String>,
    pub reverses: Option<i64>,
    pub import: Option<i64>,
    pub lines: Vec<NewLine>,
}

#[derive(Debug, Clone)]
pub(crate) struct NewLine {
    pub account: i64,
    /// Minor units of the currency, debit positive.
    pub amount: i64,
    pub currency: Currency,
    /// Minor units of the base currency.
    pub base: i64,
    pub rate: Option<String>,
    pub note: String,
}

/// How a line in another currency is valued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Valued {
    /// It is in the base currency.
    Itself,
    /// By a rate, rounded.
    ByRate(i64),
    /// By an amount that was given.
    Given(i64),
    /// Not at all: its commodity must sum to zero within the entry.
    Not,
}

impl Valued {
    pub fn base(&self, amount: i64) -> i64 {
        match self {
            Self::Itself => amount,
            Self::ByRate(base) | Self::Given(base) => *base,
            Self::Not => 0,
        }
    }
}

/// A line whose amounts are read, before the entry is weighed.
#[derive(Debug, Clone)]
pub(crate) struct Weighed {
    pub amount: i64,
    pub currency: Currency,
    pub valued: Valued,
}

/// What weighing an entry found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Balance {
    Balanced,
    /// Rates leave this much over, in the base currency, by rounding alone.
    Rounding(i64),
    /// The lines differ by this much.
    Differs(i64),
    /// These lines need a rate or a base amount.
    Unvalued(Vec<usize>),
    TooLarge,
}

/// Weighs the lines against each other.
pub(crate) fn weigh(lines: &[Weighed]) -> Balance {
    let unvalued: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.valued == Valued::Not && !cancels(lines, line.currency))
        .map(|(at, _)| at)
        .collect();
    if !unvalued.is_empty() {
        return Balance::Unvalued(unvalued);
    }
    let sum = lines.iter().try_fold(0_i64, |sum, line| {
        let base = line.valued.base(line.amount);
        (base.checked_abs()? <= MINOR_MAX).then(|| sum.checked_add(base))?
    });
    let rounded = lines
        .iter()
        .filter(|line| matches!(line.valued, Valued::ByRate(_)))
        .count();
    match sum {
        None => Balance::TooLarge,
        Some(0) => Balance::Balanced,
        // Each rate rounds by half a unit at most.
        Some(sum) if sum.unsigned_abs() * 2 <= rounded as u64 => Balance::Rounding(sum),
        Some(sum) => Balance::Differs(sum),
    }
}

/// Whether the unvalued lines of a commodity sum to zero.
fn cancels(lines: &[Weighed], currency: Currency) -> bool {
    let of_it = lines
        .iter()
        .filter(|line| line.currency == currency && line.valued == Valued::Not);
    of_it.map(|line| i128::from(line.amount)).sum::<i128>() == 0
}

/// Reads a rate: base units for one unit, as digits and how many of them are decimals.
pub(crate) fn read_rate(text: &str) -> Option<(i128, u8)> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.len() + fraction.len();
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if digits == 0 || digits > RATE_DIGITS_MAX || !plain(whole) || !plain(fraction) {
        return None;
    }
    let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
    (mantissa > 0).then_some((mantissa, u8::try_from(fraction.len()).ok()?))
}

/// What an amount is worth at a rate, in minor units of the base currency; half a unit rounds
/// away from zero, as on a bank's statement.
pub(crate) fn at_rate(amount: Money, rate: (i128, u8), base: Currency) -> Result<i64, NotMoney> {
    let (mantissa, decimals) = rate;
    let product = i128::from(amount.minor)
        .checked_mul(mantissa)
        .and_then(|value| value.checked_mul(10_i128.pow(u32::from(base.scale()))))
        .ok_or(NotMoney::TooLarge)?;
    let divisor = 10_i128.pow(u32::from(amount.currency.scale() + decimals));
    let rounded = (product.abs() + divisor / 2) / divisor * product.signum();
    i64::try_from(rounded)
        .ok()
        .filter(|minor| minor.unsigned_abs() <= MINOR_MAX.unsigned_abs())
        .ok_or(NotMoney::TooLarge)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn line(amount: i64, code: &str, valued: Valued) -> Weighed {
        Weighed {
            amount,
            currency: Currency::iso(code).unwrap(),
            valued,
        }
    }

    #[test]
    fn rates_round_half_away_from_zero() {
        let eur = Currency::iso("EUR").unwrap();
        for (amount, code, rate, expected) in [
            ("100.00", "USD", "0.9", 9_000),
            ("0.05", "USD", "0.9", 5),
            ("-0.05", "USD", "0.9", -5),
            ("1000", "JPY", "0.0061", 610),
            ("1.005", "BHD", "2.5", 251),
        ] {
            let money = Money::parse(amount, Currency::iso(code).unwrap()).unwrap();
            assert_eq!(
                at_rate(money, read_rate(rate).unwrap(), eur),
                Ok(expected),
                "{amount} {code}"
            );
        }
        for bad in ["", "-1", "0", "1,2", "1e3", "1234567890123456789"] {
            assert_eq!(read_rate(bad), None, "{bad}");
        }
    }

    #[test]
    fn entries_weigh_as_they_stand() {
        use Valued::{ByRate, Given, Itself, Not};
        let weighed = |lines: &[Weighed]| weigh(lines);
        assert_eq!(
            weighed(&[line(5, "EUR", Itself), line(-5, "EUR", Itself)]),
            Balance::Balanced
        );
        assert_eq!(
            weighed(&[line(5, "EUR", Itself), line(-4, "EUR", Itself)]),
            Balance::Differs(1)
        );
        assert_eq!(
            weighed(&[line(7, "USD", Not), line(-7, "USD", Not)]),
            Balance::Balanced
        );
        assert_eq!(
            weighed(&[line(7, "USD", Not), line(-7, "EUR", Itself)]),
            Balance::Unvalued(vec![0])
        );
        assert_eq!(
            weighed(&[
                line(7, "USD", ByRate(6)),
                line(3, "USD", ByRate(3)),
                line(-10, "EUR", Itself)
            ]),
            Balance::Rounding(-1)
        );
        assert_eq!(
            weighed(&[line(7, "USD", Given(6)), line(-7, "EUR", Itself)]),
            Balance::Differs(-1)
        );
    }
}
