//! How numbers and dates are written where, as data. Marks, groups and the short numeric date of
//! each tag are those of the Unicode CLDR, release 46 (`numbers.json`, `ca-gregorian.json`).
//! A table of what a ledger shows costs nothing; the whole of CLDR would be most of the program.

use super::{Days, Grouping, Locale};

const THIN: char = '\u{202f}';
const NO_BREAK: char = '\u{a0}';
const COMMA_POINT: (char, char) = (',', '.');
const POINT_COMMA: (char, char) = ('.', ',');
const COMMA_GAP: (char, char) = (',', NO_BREAK);
const COMMA_THIN: (char, char) = (',', THIN);
const POINT_TICK: (char, char) = ('.', '\u{2019}');

/// For whoever names no language, or one that is not below: the gap of ISO 80000-1, which nobody
/// takes for a decimal mark, and the month as a word.
pub const NEUTRAL: Locale = at("", ('.', THIN), Days::DayMonthInWords);

/// A tag stands for its language wherever no longer one fits.
pub const CONVENTIONS: &[Locale] = &[
    at("en", POINT_COMMA, Days::MonthDayInWords),
    at("en-au", POINT_COMMA, Days::DayMonthInWords),
    at("en-ca", POINT_COMMA, Days::MonthDayInWords),
    at("en-gb", POINT_COMMA, Days::DayMonthInWords),
    at("en-ie", POINT_COMMA, Days::DayMonthInWords),
    Locale {
        grouping: Grouping::ThreeThenTwos,
        ..at("en-in", POINT_COMMA, Days::DayMonthInWords)
    },
    at("en-nz", POINT_COMMA, Days::DayMonthInWords),
    at("en-za", COMMA_GAP, Days::DayMonthInWords),
    at("cs", COMMA_GAP, Days::Numeric("%d.%m.%Y")),
    at("da", COMMA_POINT, Days::Numeric("%d.%m.%Y")),
    at("de", COMMA_POINT, Days::Numeric("%d.%m.%Y")),
    at("de-at", COMMA_GAP, Days::Numeric("%d.%m.%Y")),
    at("de-ch", POINT_TICK, Days::Numeric("%d.%m.%Y")),
    at("de-li", POINT_TICK, Days::Numeric("%d.%m.%Y")),
    at("es", COMMA_POINT, Days::Numeric("%d/%m/%Y")),
    at("es-mx", POINT_COMMA, Days::Numeric("%d/%m/%Y")),
    at("es-us", POINT_COMMA, Days::Numeric("%d/%m/%Y")),
    at("fi", COMMA_GAP, Days::Numeric("%d.%m.%Y")),
    at("fr", COMMA_THIN, Days::Numeric("%d/%m/%Y")),
    at("fr-ca", COMMA_GAP, Days::Numeric("%Y-%m-%d")),
    at("fr-ch", COMMA_THIN, Days::Numeric("%d.%m.%Y")),
    at("it", COMMA_POINT, Days::Numeric("%d/%m/%Y")),
    at("it-ch", POINT_TICK, Days::Numeric("%d.%m.%Y")),
    at("ja", POINT_COMMA, Days::Numeric("%Y/%m/%d")),
    at("nb", COMMA_GAP, Days::Numeric("%d.%m.%Y")),
    at("nl", COMMA_POINT, Days::Numeric("%d-%m-%Y")),
    at("no", COMMA_GAP, Days::Numeric("%d.%m.%Y")),
    at("pl", COMMA_GAP, Days::Numeric("%d.%m.%Y")),
    at("pt", COMMA_POINT, Days::Numeric("%d/%m/%Y")),
    at("pt-pt", COMMA_GAP, Days::Numeric("%d/%m/%Y")),
    at("sv", COMMA_GAP, Days::Numeric("%Y-%m-%d")),
    at("zh", POINT_COMMA, Days::Numeric("%Y/%m/%d")),
];

const fn at(tag: &'static str, (decimal, group): (char, char), days: Days) -> Locale {
    Locale {
        tag,
        decimal,
        group,
        grouping: Grouping::Threes,
        days,
    }
}
