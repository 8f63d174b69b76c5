//! Records what `daybook check` found, for the page.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::catalogue::CATALOGUE;

const TEXT_CHARACTERS_MAX: usize = 2_000;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordChecks {
    checks: Vec<Checked>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checked {
    /// Such as AUTH-01.
    row: String,
    kept: bool,
    /// The tests or the probe.
    by: String,
    /// Why it is not kept; empty if it is.
    why: String,
    /// When it last passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passed_at: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ChecksRecorded {
    kept: usize,
    not_kept: Vec<String>,
    checked_at: String,
}

impl Command for RecordChecks {
    const SPEC: Spec = Spec {
        name: "trust.record_checks",
        summary: "Record which promises a check found to be kept.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    type Output = ChecksRecorded;

    fn example() -> Self {
        Self {
            checks: vec![Checked {
                row: "API-08".to_owned(),
                kept: true,
                by: "probe security_headers".to_owned(),
                why: String::new(),
                passed_at: Some("2026-01-31T12:00:00Z".to_owned()),
            }],
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        for (at, check) in self.checks.iter().enumerate() {
            let field = |name: &str| format!("checks[{at}].{name}");
            if !CATALOGUE.iter().any(|promise| promise.row == check.row) {
                faults.add(field("row"), "The catalogue has no such row.");
            }
            faults.length(&field("by"), &check.by, TEXT_CHARACTERS_MAX);
            faults.length(&field("why"), &check.why, TEXT_CHARACTERS_MAX);
            if check
                .passed_at
                .as_deref()
                .is_some_and(|at| instant_ms(at).is_none())
            {
                faults.add(
                    field("passed_at"),
                    "Write an instant such as 2026-01-31T12:00:00Z.",
                );
            }
        }
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<ChecksRecorded>, Error> {
        let now = tx.now();
        for check in &self.checks {
            tx.run(
                "INSERT INTO promise_checks (promise, kept, shown_by, why, passed_at_ms, checked_at_ms)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (promise) DO UPDATE SET kept = excluded.kept,
                   shown_by = excluded.shown_by, why = excluded.why,
                   passed_at_ms = excluded.passed_at_ms, checked_at_ms = excluded.checked_at_ms",
                &[
                    Param::Text(&check.row),
                    i64::from(check.kept).into(),
                    Param::Text(&check.by),
                    Param::Text(&check.why),
                    check.passed_at.as_deref().and_then(instant_ms).into(),
                    now.as_millisecond().into(),
                ],
            )?;
        }
        let not_kept = self.checks.iter().filter(|check| !check.kept);
        let not_kept: Vec<String> = not_kept.map(|check| check.row.clone()).collect();
        let recorded = ChecksRecorded {
            kept: self.checks.len() - not_kept.len(),
            not_kept,
            checked_at: now.to_string(),
        };
        let change = Change::created("Check", now.as_millisecond(), &recorded);
        Ok(Done::new(recorded, change))
    }
}

fn instant_ms(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>()
        .ok()
        .map(jiff::Timestamp::as_millisecond)
}
