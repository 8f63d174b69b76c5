//! Every row of the catalogue with what a check last found.

use std::collections::HashMap;

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::catalogue::{CATALOGUE, Promise};
use super::model::{Recorded, State, state};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListPromises {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Promises {
    pub rows: Vec<PromiseShown>,
    pub kept: usize,
    /// Rows that Daybook says it keeps today.
    pub claimed: usize,
    /// The last check, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct PromiseShown {
    pub row: &'static str,
    pub statement: &'static str,
    /// The number behind it; empty if it has none.
    pub figure: &'static str,
    pub seeds: &'static [&'static str],
    pub state: State,
    /// The tests or the probe that showed it.
    pub by: String,
    pub why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed_at: Option<String>,
}

impl Query for ListPromises {
    const SPEC: Spec = Spec {
        name: "trust.list_promises",
        summary: "List every promise and whether it is kept, by what, and since when.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Promises;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Promises, Error> {
        let now_ms = tx.now().as_millisecond();
        let mut recorded = HashMap::new();
        let mut checked_at_ms = None;
        tx.each(
            "SELECT promise, kept, shown_by, why, passed_at_ms, checked_at_ms FROM promise_checks",
            &[],
            |row| {
                checked_at_ms = checked_at_ms.max(Some(row.int(5)?));
                let found = Recorded {
                    kept: row.int(1)? == 1,
                    by: row.text(2)?.to_owned(),
                    why: row.text(3)?.to_owned(),
                    passed_at_ms: row.maybe_int(4)?,
                };
                recorded.insert(row.text(0)?.to_owned(), found);
                Ok(())
            },
        )?;
        let rows: Vec<PromiseShown> = CATALOGUE
            .iter()
            .map(|promise| shown(promise, recorded.get(promise.row), now_ms))
            .collect();
        Ok(Promises {
            kept: rows.iter().filter(|row| row.state == State::Kept).count(),
            claimed: CATALOGUE
                .iter()
                .filter(|promise| promise.is_claimed())
                .count(),
            checked_at: checked_at_ms.and_then(instant),
            rows,
        })
    }

    fn table(output: &Promises) -> Option<Table> {
        let mut table = Table::new(&[
            ("row", false),
            ("state", false),
            ("passed_at", false),
            ("by", false),
            ("statement", false),
        ]);
        table.rows = output
            .rows
            .iter()
            .map(|row| {
                vec![
                    row.row.to_owned(),
                    row.state.word().to_owned(),
                    row.passed_at.clone().unwrap_or_default(),
                    row.by.clone(),
                    row.statement.to_owned(),
                ]
            })
            .collect();
        Some(table)
    }
}

fn shown(promise: &Promise, recorded: Option<&Recorded>, now_ms: i64) -> PromiseShown {
    let state = state(promise, recorded, now_ms);
    let recorded = recorded.filter(|_| promise.is_claimed());
    PromiseShown {
        row: promise.row,
        statement: promise.statement,
        figure: promise.figure,
        seeds: promise.seeds,
        state,
        by: recorded.map(|it| it.by.clone()).unwrap_or_default(),
        why: recorded.map(|it| it.why.clone()).unwrap_or_default(),
        passed_at: recorded.and_then(|it| it.passed_at_ms).and_then(instant),
    }
}

fn instant(at_ms: i64) -> Option<String> {
    let at = jiff::Timestamp::from_millisecond(at_ms).ok()?;
    Some(at.to_string())
}

impl State {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Kept => "Kept",
            Self::NotKept => "Not kept",
            Self::Expired => "Expired",
            Self::NotShown => "Not shown",
            Self::NotYet => "Not yet built",
        }
    }
}
