//! A grant as it is spoken of, and the days that it may hold.

use daybook_kernel::GrantScope;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use schemars::JsonSchema;
use serde::Serialize;

/// Longer than a year and somebody has to think about it again.
pub(super) const DAYS_MAX: i64 = 365;
/// A company has one practice, or a few.
pub(super) const GIVEN_MAX: i64 = 100;
/// A practice keeps dozens of companies. Beyond this, somebody floods it.
pub(super) const RECEIVED_MAX: i64 = 2_000;
pub(super) const PURPOSE_CHARACTERS_MAX: usize = 200;

/// At which end of a grant a workspace stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The company, whose workspace is read.
    Given,
    /// The practice, whose members read.
    Received,
}

impl Side {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Received => "received",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// It waits for the practice's Owner.
    Offered,
    Accepted,
    /// The practice declined it, or gave it back.
    Returned,
    /// The company ended it.
    Revoked,
}

impl State {
    const ALL: [Self; 4] = [Self::Offered, Self::Accepted, Self::Returned, Self::Revoked];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Revoked => "revoked",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    pub(super) const fn has_ended(self) -> bool {
        matches!(self, Self::Returned | Self::Revoked)
    }
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Grant {
    pub grant: String,
    /// The id of the workspace at the other end.
    pub other: String,
    /// What stands in its address, once it is known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub other_slug: String,
    /// Its name, once it is known: a practice tells it by accepting.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub other_name: String,
    pub scope: GrantScope,
    pub purpose: String,
    /// The last day on which it holds, in UTC.
    pub until: String,
    pub state: State,
    /// Its last day has passed.
    pub expired: bool,
    pub offered_by: String,
    pub offered_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub accepted_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ended_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
}

impl Grant {
    /// Whether it opens anything now.
    pub(crate) fn is_live(&self) -> bool {
        self.state == State::Accepted && !self.expired
    }

    /// What it gives, for the published list.
    pub(super) fn terms(&self) -> String {
        format!("{} until {}", self.scope, self.until)
    }

    /// The workspace at the other end, as far as it is known.
    pub(crate) fn other_named(&self) -> String {
        if self.other_name.is_empty() {
            format!("practice {}", self.other)
        } else {
            self.other_name.clone()
        }
    }
}

/// The instant at which a grant ends whose last day this is: midnight, UTC.
pub(super) fn end_of(day: Date) -> Option<i64> {
    let next = day.checked_add(1.day()).ok()?;
    let end = next.to_zoned(TimeZone::UTC).ok()?;
    Some(end.timestamp().as_millisecond())
}

/// The last day of a grant that ends at this instant.
pub(super) fn last_day(expires_at_ms: i64) -> String {
    Timestamp::from_millisecond(expires_at_ms - 1).map_or_else(
        |_| expires_at_ms.to_string(),
        |at| at.to_zoned(TimeZone::UTC).date().to_string(),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_grant_holds_through_its_last_day() {
        let day: Date = "2027-02-28".parse().unwrap();
        let end = end_of(day).unwrap();
        let at = Timestamp::from_millisecond(end).unwrap();
        assert_eq!(at.to_string(), "2027-03-01T00:00:00Z");
        assert_eq!(last_day(end), "2027-02-28");
    }

    #[test]
    fn what_has_ended_says_so() {
        let ended: Vec<&str> = State::ALL
            .into_iter()
            .filter(|it| it.has_ended())
            .map(State::name)
            .collect();
        assert_eq!(ended, ["returned", "revoked"]);
        for state in State::ALL {
            assert_eq!(State::parse(state.name()), Some(state));
        }
    }
}
