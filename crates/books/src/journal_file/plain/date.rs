//! Dates with dashes, slashes or dots, with or without their year.

use jiff::civil::Date;

use super::super::cursor::Cursor;
use super::Problem;

/// Takes a date; `year` fills in for one that is not written.
pub(super) fn take(cursor: &mut Cursor<'_>, year: Option<i16>) -> Result<Date, Problem> {
    let start = cursor.position();
    let first = cursor.take_while(|byte| byte.is_ascii_digit());
    let mark = cursor.peek();
    if !matches!(mark, Some(b'-' | b'/' | b'.')) {
        return Err(wrong(cursor, start));
    }
    cursor.skip(1);
    let second = cursor.take_while(|byte| byte.is_ascii_digit());
    let third = match cursor.peek() {
        Some(b'-' | b'/' | b'.') => {
            cursor.skip(1);
            Some(cursor.take_while(|byte| byte.is_ascii_digit()))
        }
        _ => None,
    };
    let parsed = if let Some(day) = third {
        (full_year(first), second.parse().ok(), day.parse().ok())
    } else {
        let Some(year) = year else {
            return Err(Problem(format!(
                "The date {} has no year, and no year was set before it; write the year.",
                cursor.since(start)
            )));
        };
        (Some(year), first.parse().ok(), second.parse().ok())
    };
    let (Some(year), Some(month), Some(day)) = parsed else {
        return Err(wrong(cursor, start));
    };
    Date::new(year, month, day).map_err(|_| wrong(cursor, start))
}

/// A year of two digits lies between 1969 and 2068, as the C library has it.
fn full_year(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    Some(match text.len() {
        2 if year < 69 => 2000 + year,
        2 => 1900 + year,
        _ => year,
    })
}

fn wrong(cursor: &Cursor<'_>, start: usize) -> Problem {
    Problem(format!(
        "\"{}\" is not a date of the calendar; write it like 2024-01-31.",
        cursor.since(start)
    ))
}
