//! The columns of a report: a span of days cut into months, quarters or years.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dates;

/// More columns than this are not read.
pub(crate) const PERIODS_MAX: usize = 120;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    Month,
    Quarter,
    Year,
    #[default]
    Total,
}

/// One column: its name and its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Period {
    pub label: String,
    pub from: i64,
    pub to: i64,
}

/// Cuts a span at the calendar's borders.
pub(crate) fn cut(from: i64, to: i64, by: By) -> Vec<Period> {
    let mut periods = Vec::new();
    let mut start = from;
    while start <= to && periods.len() <= PERIODS_MAX {
        let end = last_of(start, by).map_or(to, |last| last.min(to));
        periods.push(Period {
            label: label(start, end, by),
            from: start,
            to: end,
        });
        start = dates::next(end);
    }
    periods
}

fn last_of(day: i64, by: By) -> Option<i64> {
    let (year, month) = (day / 10_000, day / 100 % 100);
    match by {
        By::Month => Some(dates::last_of_month(day)),
        By::Quarter => Some(dates::last_of_month(
            year * 10_000 + (month + 2) / 3 * 300 + 1,
        )),
        By::Year => Some(year * 10_000 + 1231),
        By::Total => None,
    }
}

fn label(from: i64, to: i64, by: By) -> String {
    let (year, month) = (from / 10_000, from / 100 % 100);
    match by {
        By::Month => dates::civil(from).strftime("%b %Y").to_string(),
        By::Quarter => format!("Q{} {year}", (month + 2) / 3),
        By::Year => year.to_string(),
        By::Total => format!("{} to {}", dates::iso(from), dates::iso(to)),
    }
}

/// The span before this one: as many whole months if it is made of such, else as many days.
pub(crate) fn before(from: i64, to: i64) -> (i64, i64) {
    let whole = from % 100 == 1 && to == dates::last_of_month(to);
    let end = dates::previous(from);
    let (first, last) = (dates::civil(from), dates::civil(to));
    let start = if whole {
        let months = (to / 10_000 - from / 10_000) * 12 + (to / 100 % 100 - from / 100 % 100) + 1;
        let span = jiff::Span::new().try_months(months).unwrap_or_default();
        first.saturating_sub(span)
    } else {
        let days = last.since(first).map_or(0, |span| span.get_days()) + 1;
        first.saturating_sub(jiff::Span::new().try_days(days).unwrap_or_default())
    };
    (
        daybook_kernel::time::day_number(start)
            .max(dates::DAY_FIRST)
            .min(end),
        end,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_cut_at_the_calendar() {
        let labels = |by| -> Vec<String> {
            cut(20_260_115, 20_260_410, by)
                .into_iter()
                .map(|period| period.label)
                .collect()
        };
        assert_eq!(
            labels(By::Month),
            ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026"]
        );
        assert_eq!(labels(By::Quarter), ["Q1 2026", "Q2 2026"]);
        assert_eq!(labels(By::Year), ["2026"]);
        assert_eq!(cut(20_260_115, 20_260_410, By::Quarter)[1].from, 20_260_401);
    }

    #[test]
    fn the_span_before_is_as_long() {
        assert_eq!(before(20_260_101, 20_261_231), (20_250_101, 20_251_231));
        assert_eq!(before(20_260_301, 20_260_331), (20_260_201, 20_260_228));
        assert_eq!(before(20_260_310, 20_260_312), (20_260_307, 20_260_309));
    }
}
