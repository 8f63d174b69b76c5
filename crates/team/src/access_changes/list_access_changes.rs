//! The published changes, the newest first.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::releases::{RELEASES, Release};
use super::store;

const PAGE: i64 = 100;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListAccessChanges {
    /// Only changes before this number: the `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct AccessChanges {
    /// At most 100, the newest first.
    pub changes: Vec<AccessChange>,
    /// What to give as `before` for the page after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
    /// What Daybook changed in its own rules, the newest first.
    pub releases: Vec<Release>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct AccessChange {
    pub number: i64,
    pub at: String,
    /// Who made the change.
    pub actor: String,
    /// `role`, `member`, `policy`, `token`, `assignment` or `grant`.
    pub kind: String,
    /// Whom or what it is about.
    pub subject: String,
    /// Before and after; both are empty where it is about an account that you do not see.
    pub old: String,
    pub new: String,
}

impl Query for ListAccessChanges {
    const SPEC: Spec = Spec {
        name: "team.list_access_changes",
        summary: "List every change of who may do what here.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = AccessChanges;

    fn example() -> Self {
        Self { before: None }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<AccessChanges, Error> {
        let mut changes = store::page(tx, self.before.unwrap_or(i64::MAX), PAGE + 1)?;
        let more = changes.len() > 100;
        changes.truncate(100);
        let next = changes.last().filter(|_| more).map(|change| change.number);
        Ok(AccessChanges {
            changes,
            next,
            releases: RELEASES.to_vec(),
        })
    }

    fn table(output: &AccessChanges) -> Option<Table> {
        let mut table = Table::new(&[
            ("number", true),
            ("at", false),
            ("actor", false),
            ("kind", false),
            ("subject", false),
            ("old", false),
            ("new", false),
        ]);
        table.rows = output
            .changes
            .iter()
            .map(|change| {
                vec![
                    change.number.to_string(),
                    change.at.clone(),
                    change.actor.clone(),
                    change.kind.clone(),
                    change.subject.clone(),
                    change.old.clone(),
                    change.new.clone(),
                ]
            })
            .collect();
        Some(table)
    }
}
