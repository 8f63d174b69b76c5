//! Dates and instants, shown short and carrying their ISO form for machines.

use crate::Html;
use jiff::civil::Date;
use maud::html;

/// A civil date, "31 Jan 2026"; text that is no ISO date is shown as it came.
pub fn date(iso: &str) -> Html {
    shown(iso, "%-d %b %Y")
}

/// A civil date whose year the page already says, "31 Jan".
pub fn day(iso: &str) -> Html {
    shown(iso, "%-d %b")
}

fn shown(iso: &str, format: &str) -> Html {
    let text = match iso.parse::<Date>() {
        Ok(date) => date.strftime(format).to_string(),
        Err(_) => iso.to_owned(),
    };
    html! { time datetime=(iso) { (text) } }
}

/// An instant given in RFC 3339, shown to the minute in UTC and named so.
pub fn instant(rfc3339: &str) -> Html {
    let text = match rfc3339.parse::<jiff::Timestamp>() {
        Ok(instant) => instant.strftime("%-d %b %Y, %H:%M UTC").to_string(),
        Err(_) => rfc3339.to_owned(),
    };
    html! { time datetime=(rfc3339) { (text) } }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::audit;

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
    fn escapes() {
        audit::escapes(&date(audit::HOSTILE).into_string());
        audit::escapes(&instant(audit::HOSTILE).into_string());
    }
}
