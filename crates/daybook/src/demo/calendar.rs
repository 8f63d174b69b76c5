//! The days of the demo: twelve whole months and the one that has begun.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

#[derive(Clone, Copy)]
pub struct Calendar {
    pub today: Date,
}

impl Calendar {
    /// The first days of the months, the earliest first.
    pub fn months(self) -> Vec<Date> {
        let this = self.today.first_of_month();
        let earlier = |count: i32| this.saturating_sub(count.months());
        (0..=12).rev().map(earlier).collect()
    }

    /// The day before the first month, on which the books were opened.
    pub fn opening(self) -> Date {
        let first = self.today.first_of_month().saturating_sub(12.months());
        first.saturating_sub(1.day())
    }

    pub fn days_ago(self, days: i32) -> Date {
        workday(self.today.saturating_sub(days.days()))
    }

    /// The last day of the quarter before this one.
    pub fn last_quarter_end(self) -> Date {
        let into_quarter = i32::from((self.today.month() - 1) % 3);
        let begins = self.today.first_of_month();
        let begins = begins.saturating_sub(into_quarter.months());
        begins.saturating_sub(1.day())
    }
}

/// That day of the month, or its last; banks and offices rest on weekends.
pub fn on(month: Date, day: i64) -> Date {
    let last = i64::from(month.days_in_month());
    let after = day.clamp(1, last) - 1;
    workday(month.first_of_month().saturating_add(after.days()))
}

pub fn after(date: Date, days: i64) -> Date {
    workday(date.saturating_add(days.days()))
}

pub fn next_month(month: Date) -> Date {
    month.first_of_month().saturating_add(1.month())
}

/// The day itself, or the Monday after it; the last day of a month stays in it.
fn workday(date: Date) -> Date {
    let forward = match date.weekday() {
        Weekday::Saturday => 2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    let moved = date.saturating_add(forward.days());
    if moved.month() == date.month() {
        moved
    } else {
        date.saturating_sub((3 - forward).days())
    }
}
