//! What a reader of the log narrows it to, as the store is asked for it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Which end of a day a date stands for.
#[derive(Clone, Copy)]
pub(super) enum End {
    From,
    To,
}

/// The instant in milliseconds of an instant or a date; a date is a whole day
/// of UTC, so as an end it stands for the beginning of the next.
pub(super) fn instant_ms(text: &str, end: End) -> Option<i64> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_millisecond());
    }
    let date: Date = text.parse().ok()?;
    let date = match end {
        End::From => date,
        End::To => date.tomorrow().ok()?,
    };
    Some(
        date.to_zoned(TimeZone::UTC)
            .ok()?
            .timestamp()
            .as_millisecond(),
    )
}

/// An operation by its whole name, or all of a domain: `books.*`, `books`.
pub(super) fn operation(text: &str) -> (Option<&str>, Option<String>) {
    let text = text.trim();
    match text.strip_suffix('*') {
        Some(start) => (None, Some(start.to_owned())),
        None if text.contains('.') => (Some(text), None),
        None => (None, Some(format!("{text}."))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_date_is_a_whole_day_and_an_instant_is_itself() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        for (text, end, expected) in [
            ("2026-01-31", End::From, at("2026-01-31T00:00:00Z")),
            ("2026-01-31", End::To, at("2026-02-01T00:00:00Z")),
            (
                "2026-01-31T12:00:00+01:00",
                End::To,
                at("2026-01-31T11:00:00Z"),
            ),
        ] {
            assert_eq!(instant_ms(text, end), Some(expected), "{text}");
        }
        assert_eq!(instant_ms("soon", End::From), None);
    }

    #[test]
    fn an_operation_is_named_whole_or_by_its_domain() {
        assert_eq!(
            operation("books.post_entry"),
            (Some("books.post_entry"), None)
        );
        assert_eq!(operation("books.*"), (None, Some("books.".to_owned())));
        assert_eq!(operation("books"), (None, Some("books.".to_owned())));
    }
}
