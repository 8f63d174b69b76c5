//! Civil dates as the books keep them. A date is stored as the number
//! `yyyymmdd`, so that an auditor reads it in a raw table, and it sorts.

use jiff::civil::Date;

/// The day of an instant in Unix milliseconds, as UTC has it, for people.
pub fn day_of(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map_or_else(
        |_| at_ms.to_string(),
        |instant| instant.strftime("%-d %B %Y").to_string(),
    )
}

/// 31 January 2026 is 20260131.
pub fn day_number(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

/// The date of a day number, if it is one.
pub fn date_of(day_number: i64) -> Option<Date> {
    let year = i16::try_from(day_number / 10_000).ok()?;
    let month = i8::try_from(day_number / 100 % 100).ok()?;
    let day = i8::try_from(day_number % 100).ok()?;
    Date::new(year, month, day).ok()
}

/// 20260131 is in month 202601.
pub const fn month_of(day_number: i64) -> i64 {
    day_number / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_reads_back() -> Result<(), jiff::Error> {
        let mut date = Date::new(1900, 1, 1)?;
        while date.year() < 2300 {
            assert_eq!(date_of(day_number(date)), Some(date));
            date = date.tomorrow()?;
        }
        assert_eq!(date_of(20_260_230), None);
        Ok(())
    }
}
