//! Dates and instants, shown short and carrying their ISO form for machines.

use crate::Html;
use crate::locale::{Days, reader};
use jiff::civil::Date;
use maud::html;

/// A civil date, "31 Jan 2026"; text that is no ISO date is shown as it came.
pub fn date(iso: &str) -> Html {
    let format = match reader().days {
        Days::DayMonthInWords => "%-d %b %Y",
        Days::MonthDayInWords => "%b %-d, %Y",
        Days::Numeric(format) => format,
    };
    html! { time datetime=(iso) { (written(iso, format)) } }
}

/// A civil date whose year the page already says, "31 Jan".
pub fn day(iso: &str) -> Html {
    let format = match reader().days {
        Days::DayMonthInWords => "%-d %b",
        Days::MonthDayInWords => "%b %-d",
        Days::Numeric(format) => format,
    };
    html! { time datetime=(iso) { (written(iso, format)) } }
}

/// A civil date within a sentence, "31 January 2026". The sentence is English, and so is the month.
pub fn in_words(iso: &str) -> String {
    match reader().days {
        Days::MonthDayInWords => written(iso, "%B %-d, %Y"),
        Days::DayMonthInWords | Days::Numeric(_) => written(iso, "%-d %B %Y"),
    }
}

/// The same in short, for the head of a column.
pub fn in_short(iso: &str) -> String {
    match reader().days {
        Days::MonthDayInWords => written(iso, "%b %-d, %Y"),
        Days::DayMonthInWords | Days::Numeric(_) => written(iso, "%-d %b %Y"),
    }
}

fn written(iso: &str, format: &str) -> String {
    iso.parse::<Date>()
        .map_or_else(|_| iso.to_owned(), |date| date.strftime(format).to_string())
}

/// An instant given in RFC 3339, shown to the minute in UTC and named so.
pub fn instant(rfc3339: &str) -> Html {
    let format = match reader().days {
        Days::DayMonthInWords => "%-d %b %Y, %H:%M UTC".to_owned(),
        Days::MonthDayInWords => "%b %-d, %Y, %H:%M UTC".to_owned(),
        Days::Numeric(format) => format!("{format}, %H:%M UTC"),
    };
    let text = match rfc3339.parse::<jiff::Timestamp>() {
        Ok(instant) => instant.strftime(&format).to_string(),
        Err(_) => rfc3339.to_owned(),
    };
    html! { time datetime=(rfc3339) { (text) } }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::audit;
    use crate::locale::{Locale, reading_as};

    #[test]
    fn reads_as_a_person_writes() {
        assert!(date("2026-01-31").into_string().contains(">31 Jan 2026<"));
        assert!(day("2026-02-01").into_string().contains(">1 Feb<"));
        assert!(
            instant("2026-01-31T14:05:09Z")
                .into_string()
                .contains("31 Jan 2026, 14:05 UTC")
        );
        assert!(date("soon").into_string().contains(">soon<"));
    }

    #[test]
    fn follows_the_reader() {
        let at = |language, draw: fn(&str) -> Html, iso: &str| {
            reading_as(Locale::accepted(language), || draw(iso)).into_string()
        };
        assert!(at("de", date, "2026-01-31").contains(">31.01.2026<"));
        assert!(at("en-US", date, "2026-01-31").contains(">Jan 31, 2026<"));
        assert!(at("en-GB", day, "2026-01-31").contains(">31 Jan<"));
        assert!(at("sv", instant, "2026-01-31T14:05:09Z").contains(">2026-01-31, 14:05 UTC<"));
        let words = |language| reading_as(Locale::accepted(language), || in_words("2026-01-31"));
        assert_eq!(words("en-US"), "January 31, 2026");
        assert_eq!(words("de"), "31 January 2026");
    }

    #[test]
    fn escapes() {
        audit::escapes(&date(audit::HOSTILE).into_string());
        audit::escapes(&instant(audit::HOSTILE).into_string());
    }
}
