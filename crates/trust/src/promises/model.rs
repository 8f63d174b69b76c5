//! What a row shows: kept only by a pass that is still fresh.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::catalogue::{Check, Promise};

const DAY_MS: i64 = 86_400_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// A check passed, and not too long ago.
    Kept,
    /// The last check failed.
    NotKept,
    /// It passed once, and must pass again before it counts.
    Expired,
    /// Claimed, and no check of it was recorded here.
    NotShown,
    /// Not built yet, and not claimed.
    NotYet,
}

/// What a check recorded.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub kept: bool,
    pub by: String,
    pub why: String,
    pub passed_at_ms: Option<i64>,
}

pub(super) fn state(promise: &Promise, recorded: Option<&Recorded>, now_ms: i64) -> State {
    let Some(days) = promise.max_age_days() else {
        return match promise.check {
            Check::Evidence { .. } => State::NotShown,
            _ => State::NotYet,
        };
    };
    match recorded {
        None => State::NotShown,
        Some(recorded) if !recorded.kept => State::NotKept,
        Some(recorded) => match recorded.passed_at_ms {
            // A pass from after now is no evidence either: a clock was wrong.
            Some(at) if at <= now_ms && now_ms - at <= days * DAY_MS => State::Kept,
            _ => State::Expired,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_as_kept_without_a_fresh_pass() {
        let claimed = Promise {
            row: "X-01",
            statement: "",
            figure: "",
            seeds: &[],
            check: Check::Probe {
                name: "x",
                max_age_days: 1,
            },
        };
        let recorded = |kept, passed_at_ms| Recorded {
            kept,
            by: String::new(),
            why: String::new(),
            passed_at_ms,
        };
        for (found, expected) in [
            (None, State::NotShown),
            (Some(recorded(false, Some(5))), State::NotKept),
            (Some(recorded(true, None)), State::Expired),
            (Some(recorded(true, Some(10 * DAY_MS))), State::Kept),
            (Some(recorded(true, Some(9 * DAY_MS))), State::Kept),
            (Some(recorded(true, Some(9 * DAY_MS - 1))), State::Expired),
            (Some(recorded(true, Some(10 * DAY_MS + 1))), State::Expired),
        ] {
            assert_eq!(
                state(&claimed, found.as_ref(), 10 * DAY_MS),
                expected,
                "{found:?}"
            );
        }
        let later = Promise {
            check: Check::Later,
            ..claimed
        };
        assert_eq!(
            state(&later, Some(&recorded(true, Some(1))), 1),
            State::NotYet
        );
    }
}
