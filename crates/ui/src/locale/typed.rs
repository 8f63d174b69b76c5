//! What a reader types as an amount, read as they mean it.

use super::{Locale, MINUS};

/// An amount longer than this is none; the sum of a ledger has a third of it.
const LENGTH_MAX: usize = 64;

impl Locale {
    /// A typed amount as a plain decimal: `1.234,56` of a German reader is `1234.56`. The reader's
    /// own marks come first: `1.234` is theirs to mean a thousand. What makes no sense that way and
    /// is a plain decimal means that, so `1234.5` is understood from everybody. `None` is neither.
    pub fn read(&self, typed: &str) -> Option<String> {
        let typed = typed.trim();
        if typed.len() > LENGTH_MAX {
            return None;
        }
        let typed = typed.replace(MINUS, "-");
        let own = self.in_own_marks(&typed);
        own.or_else(|| parts(&typed).map(|_| typed.clone()))
    }

    fn in_own_marks(&self, typed: &str) -> Option<String> {
        let (sign, digits) = match typed.strip_prefix(['-', '+']) {
            Some(rest) => (&typed[..1], rest.trim_start()),
            None => ("", typed),
        };
        let (whole, fraction) = match digits.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let whole = self.ungrouped(whole)?;
        let mut plain = format!("{sign}{whole}");
        if let Some(fraction) = fraction {
            plain.push('.');
            plain.push_str(fraction);
        }
        parts(&plain).is_some().then_some(plain)
    }

    /// The digits without their groups, if each group has the length it must have.
    fn ungrouped(&self, whole: &str) -> Option<String> {
        let mut digits = String::with_capacity(whole.len());
        let count = whole.chars().filter(char::is_ascii_digit).count();
        let (mut marks, mut after_mark) = (0, false);
        for one in whole.chars() {
            if one.is_ascii_digit() {
                digits.push(one);
                after_mark = false;
            } else if self.is_group(one)
                && !digits.is_empty()
                && !after_mark
                && self.begins_group(count - digits.len())
                && count > digits.len()
            {
                after_mark = true;
                marks += 1;
            } else {
                return None;
            }
        }
        // Who parts one group parts all: `1234.500` is no grouped number.
        let places = (1..count).filter(|before| self.begins_group(count - before));
        (marks == 0 || marks == places.count()).then_some(digits)
    }

    /// Any gap or tick stands for another: keyboards have but one of each.
    fn is_group(&self, mark: char) -> bool {
        let is_gap = |one: char| one.is_whitespace();
        let is_tick = |one: char| matches!(one, '\'' | '\u{2019}');
        mark == self.group
            || (is_gap(mark) && is_gap(self.group))
            || (is_tick(mark) && is_tick(self.group))
    }
}

/// Sign, whole and fraction of a plain decimal.
pub(super) fn parts(decimal: &str) -> Option<(bool, &str, &str)> {
    let decimal = decimal.trim();
    let (negative, digits) = match decimal.strip_prefix(['-', MINUS]) {
        Some(rest) => (true, rest),
        None => (false, decimal.strip_prefix('+').unwrap_or(decimal)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_decimal =
        !(whole.is_empty() && fraction.is_empty()) && all_digits(whole) && all_digits(fraction);
    is_decimal.then_some((negative, whole, fraction))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{CONVENTIONS, NEUTRAL};
    use super::*;

    #[test]
    fn what_is_typed_means_what_the_reader_means() {
        for (language, typed, plain) in [
            ("de", "1.234,56", Some("1234.56")),
            ("de", "1234,56", Some("1234.56")),
            ("de", "-1.234", Some("-1234")),
            ("de", "1,5", Some("1.5")),
            ("de", "1.5", Some("1.5")),
            ("de", "1234.56", Some("1234.56")),
            ("de", "1234.560", Some("1234.560")),
            ("de", "1.234.56", None),
            ("de", "1,234,567", None),
            ("de", "1.23,4", None),
            ("de", ",5", Some(".5")),
            ("en", "1,234.56", Some("1234.56")),
            ("en", "1,234", Some("1234")),
            ("en", "12,34", None),
            ("en", "1,5", None),
            ("en-IN", "12,34,567.5", Some("1234567.5")),
            ("fr", "1 234,5", Some("1234.5")),
            ("fr", "1\u{202f}234,5", Some("1234.5")),
            ("de-CH", "1'234.50", Some("1234.50")),
            ("sv", "\u{2212}1 234,50", Some("-1234.50")),
            ("", "1 234.5", Some("1234.5")),
            ("", "1 23", None),
            ("", "12 ", Some("12")),
            ("de", "", None),
            ("de", "-", None),
            ("de", "1..234", None),
            ("de", ".234", Some(".234")),
            ("de", "=", None),
            ("de", "1200/1,19", None),
        ] {
            let locale = Locale::accepted(language);
            assert_eq!(locale.read(typed).as_deref(), plain, "{language} {typed}");
        }
    }

    /// Every amount that is shown, or stands in a field, reads back as itself: for every
    /// convention, through all lengths and scales.
    #[test]
    fn what_is_shown_reads_back() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        for round in 0..20_000_u32 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let minor = (seed >> 1) >> (round % 63);
            let scale = usize::try_from(seed % 13).unwrap();
            let digits = format!("{minor:0>width$}", width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            let sign = if seed & 1 == 1 && minor > 0 { "-" } else { "" };
            let point = if scale > 0 { "." } else { "" };
            let plain = format!("{sign}{whole}{point}{fraction}");
            for locale in CONVENTIONS.iter().chain([&NEUTRAL]) {
                let shown = locale.shown(&plain);
                assert_eq!(
                    locale.read(&shown).as_ref(),
                    Some(&plain),
                    "{locale:?} {shown}"
                );
                // Without groups a text may be a group itself: 1.234 is only ever a thousand.
                let edited = locale.in_field(&plain);
                assert_eq!(
                    locale.read(&edited).as_ref(),
                    Some(&plain),
                    "{locale:?} {edited}"
                );
            }
        }
    }
}
