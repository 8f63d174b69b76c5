//! Civil dates as `YYYY-MM-DD`, whose order as text is their order in time.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now in UTC, to the second, as RFC 3339 writes it.
pub fn now() -> String {
    let seconds = seconds_since_epoch();
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}Z",
        civil(seconds.div_euclid(86_400))
    )
}

/// Today in UTC.
pub fn today() -> String {
    civil(seconds_since_epoch().div_euclid(86_400))
}

#[expect(
    clippy::disallowed_methods,
    reason = "xtask is a program at the desk: its date is the machine's"
)]
fn seconds_since_epoch() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0))
}

/// The days from one date to a later one; `None` where either is not a date.
pub fn days_between(earlier: &str, later: &str) -> Option<i64> {
    Some(day_number(later)? - day_number(earlier)?)
}

pub fn is_date(text: &str) -> bool {
    day_number(text).is_some_and(|number| civil(number) == text)
}

/// Days from 1970-01-01, by shifting the year to start in March so that the leap day is its last day
/// and the lengths of the months follow one formula.
fn day_number(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1..=9999).contains(&year) {
        return None;
    }
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 719_468 days lie between the first of March of year 0 and 1970-01-01.
    Some(year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468)
}

fn civil(number: i64) -> String {
    let mut year = 1970 + number.div_euclid(366);
    while day_number(&format!("{:04}-01-01", year + 1)).is_some_and(|next| next <= number) {
        year += 1;
    }
    let mut month = 1;
    while month < 12
        && day_number(&format!("{year:04}-{:02}-01", month + 1)).is_some_and(|next| next <= number)
    {
        month += 1;
    }
    let first = day_number(&format!("{year:04}-{month:02}-01")).unwrap_or(number);
    format!("{year:04}-{month:02}-{:02}", number - first + 1)
}

#[cfg(test)]
mod tests {
    use super::{civil, day_number, days_between, is_date, now, today};

    #[test]
    fn dates_are_read_and_written() {
        for (date, number) in [
            ("1970-01-01", 0),
            ("1970-03-01", 59),
            ("2000-02-29", 11_016),
            ("2024-12-31", 20_088),
            ("2026-08-20", 20_685),
        ] {
            assert_eq!(day_number(date), Some(number), "{date}");
            assert_eq!(civil(number), date);
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "2026-02-30",
            "2026-13-01",
            "2026-1-01",
            "soon",
            "2026-02",
            "",
        ] {
            assert!(!is_date(text), "{text}");
        }
        assert!(is_date(&today()));
        assert!(
            now().starts_with(&today()) && now().ends_with('Z'),
            "{}",
            now()
        );
    }

    #[test]
    fn days_are_counted_over_a_leap_year() {
        assert_eq!(days_between("2024-02-01", "2025-02-01"), Some(366));
        assert_eq!(days_between("2024-02-01", "never"), None);
    }
}
