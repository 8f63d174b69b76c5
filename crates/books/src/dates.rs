//! Civil dates as the books take and show them: ISO texts outside, day numbers inside.

use daybook_kernel::time::{date_of, day_number};
use daybook_kernel::{Error, Faults, Read};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Books older or later than this are typing mistakes.
const YEAR_FIRST: i16 = 1900;
const YEAR_LAST: i16 = 2199;

/// The last day number that a date of the books can have.
pub(crate) const DAY_LAST: i64 = 21_991_231;
pub(crate) const DAY_FIRST: i64 = 19_000_101;

/// Reads an ISO date into its day number.
pub(crate) fn read(field: &str, text: &str) -> Result<i64, Error> {
    let date: Date = text.trim().parse().map_err(|_| {
        Error::fault(
            field,
            format!("“{text}” is not a date. Write it as 2026-01-31."),
        )
    })?;
    if !(YEAR_FIRST..=YEAR_LAST).contains(&date.year()) {
        let message = format!("{date} is outside {YEAR_FIRST} to {YEAR_LAST}. Check the year.");
        return Err(Error::fault(field, message));
    }
    Ok(day_number(date))
}

/// Adds the fault of a date, if it has one.
pub(crate) fn check(faults: &mut Faults, field: &str, text: &str) {
    if let Err(Error::Faults(found)) = read(field, text) {
        for fault in found.into_vec() {
            faults.add(fault.field, fault.message);
        }
    }
}

pub(crate) fn check_optional(faults: &mut Faults, field: &str, text: Option<&str>) {
    if let Some(text) = text {
        check(faults, field, text);
    }
}

/// Reads a date that may be left out.
pub(crate) fn read_or(field: &str, text: Option<&str>, otherwise: i64) -> Result<i64, Error> {
    text.map_or(Ok(otherwise), |text| read(field, text))
}

/// 20260131 as 2026-01-31.
pub(crate) fn iso(day: i64) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        day / 10_000,
        day / 100 % 100,
        day % 100
    )
}

/// A day number as a date; numbers in the store are dates, so the fallback is never seen.
pub(crate) fn civil(day: i64) -> Date {
    date_of(day).unwrap_or(Date::constant(1900, 1, 1))
}

/// Today in UTC, until a workspace has a zone of its own.
pub(crate) fn today(tx: &Read<'_>) -> i64 {
    day_number(tx.now().to_zoned(TimeZone::UTC).date())
}

/// The day after.
pub(crate) fn next(day: i64) -> i64 {
    day_number(civil(day).saturating_add(1.day()))
}

/// The day before.
pub(crate) fn previous(day: i64) -> i64 {
    day_number(civil(day).saturating_sub(1.day()))
}

pub(crate) fn months_earlier(day: i64, months: i64) -> i64 {
    day_number(civil(day).saturating_sub(jiff::Span::new().try_months(months).unwrap_or_default()))
}

pub(crate) fn year_earlier(day: i64) -> i64 {
    day_number(civil(day).saturating_sub(1.year()))
}

/// “March 2026”.
pub(crate) fn month_name(day: i64) -> String {
    civil(day).strftime("%B %Y").to_string()
}

pub(crate) fn first_of_month(day: i64) -> i64 {
    day / 100 * 100 + 1
}

pub(crate) fn last_of_month(day: i64) -> i64 {
    day_number(civil(day).last_of_month())
}

pub(crate) fn first_of_year(day: i64) -> i64 {
    day / 10_000 * 10_000 + 101
}

pub(crate) fn last_of_year(day: i64) -> i64 {
    day / 10_000 * 10_000 + 1231
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn dates_read_and_step_over_months() {
        let day = read("date", "2026-02-28").unwrap();
        assert_eq!(day, 20_260_228);
        assert_eq!(iso(next(day)), "2026-03-01");
        assert_eq!(iso(previous(20_260_101)), "2025-12-31");
        assert_eq!(last_of_month(20_240_205), 20_240_229);
        for bad in ["", "31.1.2026", "2026-02-30", "1899-12-31", "2200-01-01"] {
            assert!(read("date", bad).is_err(), "{bad}");
        }
    }
}
