//! The reader's locale: how amounts, numbers and dates are written for whoever reads the page, and
//! how what they type is read. Text stays English; files and the API stay plain.
//!
//! A page is drawn by one call on one thread, so the locale is set around that call
//! ([`reading_as`]) instead of being handed to each of a hundred figures: a piece cannot forget it,
//! and a page cannot show two. Outside of it everything is drawn for [`NEUTRAL`].

mod conventions;
mod typed;

use std::cell::Cell;

use conventions::CONVENTIONS;
pub use conventions::NEUTRAL;

/// A real minus sign, as wide as a figure.
pub(crate) const MINUS: char = '\u{2212}';
/// Ranges of `Accept-Language` that are looked at; browsers send a handful.
const RANGES_MAX: usize = 20;

/// How numbers and dates are written for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locale {
    /// In lower case, as it is looked for: `de-ch`.
    tag: &'static str,
    pub decimal: char,
    pub group: char,
    grouping: Grouping,
    pub days: Days,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grouping {
    Threes,
    /// 12,34,567, as on the Indian subcontinent.
    ThreeThenTwos,
}

/// How a civil date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    /// 31 Jan 2026.
    DayMonthInWords,
    /// Jan 31, 2026.
    MonthDayInWords,
    /// In figures alone, as `strftime` says it: the month's English name would be a foreign word.
    Numeric(&'static str),
}

thread_local! {
    static READER: Cell<&'static Locale> = const { Cell::new(&NEUTRAL) };
}

/// Draws for a reader: every piece drawn meanwhile on this thread follows the locale.
pub fn reading_as<T>(locale: &'static Locale, draw: impl FnOnce() -> T) -> T {
    /// Puts the one before back, also when the drawing panics.
    struct Before(&'static Locale);
    impl Drop for Before {
        fn drop(&mut self) {
            READER.set(self.0);
        }
    }
    let _before = Before(READER.replace(locale));
    draw()
}

/// For whom is drawn just now.
pub fn reader() -> &'static Locale {
    READER.get()
}

impl Locale {
    /// The locale of an `Accept-Language`: of what the reader likes best that is known here.
    pub fn accepted(header: &str) -> &'static Self {
        let mut ranges: Vec<(u16, &str)> = header
            .split(',')
            .take(RANGES_MAX)
            .filter_map(range)
            .filter(|(weight, _)| *weight > 0)
            .collect();
        // Stable: of equal weights the first named is liked best.
        ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let known = ranges.iter().find_map(|(_, tag)| Self::of_tag(tag));
        known.unwrap_or(&NEUTRAL)
    }

    /// The convention of a tag, or of what is left when its last parts are dropped (RFC 4647,
    /// lookup): `de-CH-1996` is `de-ch`.
    fn of_tag(tag: &str) -> Option<&'static Self> {
        let mut wanted = tag.to_ascii_lowercase();
        loop {
            if let Some(found) = CONVENTIONS.iter().find(|known| known.tag == wanted) {
                return Some(found);
            }
            let dash = wanted.rfind('-')?;
            wanted.truncate(dash);
        }
    }

    /// The document's language. Its text is English; the region is the reader's, if it is theirs.
    pub fn document_language(&self) -> String {
        match self.tag.split_once('-') {
            Some(("en", region)) => format!("en-{}", region.to_ascii_uppercase()),
            _ => "en".to_owned(),
        }
    }

    /// Whether a day is written month first where both are figures: 1/31.
    pub fn is_month_first(&self) -> bool {
        self.days == Days::MonthDayInWords
    }

    /// A plain decimal, `-1234.50`, as the reader writes it, with a real minus sign. What is no
    /// decimal is shown as it came, because a guess would be a wrong figure.
    pub fn shown(&self, decimal: &str) -> String {
        self.written(decimal, MINUS, Some(self.group))
    }

    /// The same for a field, where it is going to be edited: no groups, and the minus of keyboards.
    pub fn in_field(&self, decimal: &str) -> String {
        self.written(decimal, '-', None)
    }

    fn written(&self, decimal: &str, minus: char, group: Option<char>) -> String {
        let Some((negative, whole, fraction)) = typed::parts(decimal) else {
            return decimal.trim().to_owned();
        };
        let mut text = String::with_capacity(decimal.len() * 2);
        if negative && !crate::money::is_zero(decimal) {
            text.push(minus);
        }
        for (at, digit) in whole.chars().enumerate() {
            if let Some(group) = group
                && at > 0
                && self.begins_group(whole.len() - at)
            {
                text.push(group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(self.decimal);
            text.push_str(fraction);
        }
        text
    }

    /// Whether a group begins where this many digits are left.
    fn begins_group(&self, left: usize) -> bool {
        match self.grouping {
            Grouping::Threes => left.is_multiple_of(3),
            Grouping::ThreeThenTwos => left == 3 || (left > 3 && !left.is_multiple_of(2)),
        }
    }
}

/// A range and its weight in thousandths: `de;q=0.8`. What is no weight weighs nothing.
fn range(text: &str) -> Option<(u16, &str)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q="));
    let weight = match weight.map(str::parse::<f32>) {
        None => 1.0,
        Some(Ok(weight)) if (0.0..=1.0).contains(&weight) => weight,
        Some(_) => 0.0,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between nought and one"
    )]
    let thousandths = (weight * 1_000.0) as u16;
    Some((thousandths, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str) -> &'static str {
        Locale::accepted(header).tag
    }

    #[test]
    fn the_best_liked_known_language_is_taken() {
        for (header, tag) in [
            ("", ""),
            ("*", ""),
            ("xx", ""),
            ("de", "de"),
            ("de-CH", "de-ch"),
            ("de-CH-1996", "de-ch"),
            ("de-LU", "de"),
            ("en-US,en;q=0.9", "en"),
            ("xx, fr;q=0.5, sv;q=0.7", "sv"),
            ("fr;q=0, it", "it"),
            ("fr;q=2, it;q=0.1", "it"),
            ("nl;q=0.8, pt-BR;q=0.8", "nl"),
            (";;,,=", ""),
        ] {
            assert_eq!(of(header), tag, "{header}");
        }
    }

    #[test]
    fn figures_are_written_as_the_reader_does() {
        for (header, expected) in [
            ("", "\u{2212}1\u{202f}234\u{202f}567.89"),
            ("en-US", "\u{2212}1,234,567.89"),
            ("en-IN", "\u{2212}12,34,567.89"),
            ("de", "\u{2212}1.234.567,89"),
            ("de-CH", "\u{2212}1\u{2019}234\u{2019}567.89"),
            ("fr", "\u{2212}1\u{202f}234\u{202f}567,89"),
            ("sv", "\u{2212}1\u{a0}234\u{a0}567,89"),
        ] {
            assert_eq!(
                Locale::accepted(header).shown("-1234567.89"),
                expected,
                "{header}"
            );
        }
        let german = Locale::accepted("de");
        assert_eq!(german.shown("n/a"), "n/a");
        assert_eq!(german.shown("-0.00"), "0,00");
        assert_eq!(german.in_field("-1234.50"), "-1234,50");
    }

    #[test]
    fn the_locale_holds_for_one_drawing() {
        let german = Locale::accepted("de");
        let drawn = reading_as(german, || {
            let inner = reading_as(&NEUTRAL, || reader().shown("1.5"));
            format!("{inner} {}", reader().shown("1.5"))
        });
        assert_eq!(drawn, "1.5 1,5");
        assert_eq!(reader(), &NEUTRAL);
    }

    #[test]
    fn the_language_of_the_document_is_english() {
        for (header, language) in [
            ("de", "en"),
            ("en-GB", "en-GB"),
            ("en-US", "en"),
            ("", "en"),
        ] {
            assert_eq!(Locale::accepted(header).document_language(), language);
        }
    }
}
