//! The journals of the workspace, with how many entries stand in each.

use std::collections::HashMap;

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::JournalKind;
use super::sql;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ListJournals {
    /// What is told of each; left out, its name and state alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<With>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum With {
    /// How many entries it has.
    Counts,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct JournalList {
    /// In the order in which they were opened; the general journal is the first.
    pub journals: Vec<ListedJournal>,
    /// Whether only the entries are counted that are assigned to you.
    pub assigned_only: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ListedJournal {
    pub code: String,
    pub name: String,
    pub kind: JournalKind,
    pub closed: bool,
    /// How many entries it has, if that was asked for.
    pub entries: Option<i64>,
}

impl Query for ListJournals {
    const SPEC: Spec = Spec {
        name: "books.list_journals",
        summary: "Lists the journals that entries stand in.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = JournalList;

    fn example() -> Self {
        Self {
            with: Some(With::Counts),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<JournalList, Error> {
        let counts: Option<HashMap<i64, i64>> = match self.with {
            Some(With::Counts) => Some(sql::counts(tx)?),
            None => None,
        };
        let journals = sql::all(tx)?.0.into_iter().map(|one| ListedJournal {
            entries: counts
                .as_ref()
                .map(|counts| counts.get(&one.id).copied().unwrap_or_default()),
            code: one.code,
            name: one.name,
            kind: one.kind,
            closed: one.closed,
        });
        Ok(JournalList {
            journals: journals.collect(),
            assigned_only: !tx.sees_all(),
        })
    }

    fn table(output: &JournalList) -> Option<Table> {
        let mut table = Table::new(&[
            ("code", false),
            ("name", false),
            ("kind", false),
            ("closed", false),
            ("entries", true),
        ]);
        let row = |one: &ListedJournal| {
            vec![
                one.code.clone(),
                one.name.clone(),
                one.kind.name().to_owned(),
                if one.closed { "yes" } else { "no" }.to_owned(),
                one.entries
                    .map(|count| count.to_string())
                    .unwrap_or_default(),
            ]
        };
        table.rows = output.journals.iter().map(row).collect();
        Some(table)
    }
}
