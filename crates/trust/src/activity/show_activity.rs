//! One record in full: what the thing was before and after, and the hashes by
//! which the record is proven to be in the log.

use daybook_kernel::id::hex;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Param, Permit, Query, Rate, Read, Scope, Spec, StepUp,
    Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::model::{Activity, read, seen_by};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowActivity {
    /// The place of the record in the log.
    pub seq: i64,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ActivityRecord {
    #[serde(flatten)]
    pub(super) activity: Activity,
    /// From where, as far as the server could tell; empty if Daybook itself acted.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) address: String,
    /// What the client calls itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) agent: String,
    /// The thing before; nothing if it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Value>,
    /// The thing after; nothing if it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<Value>,
    /// The hash of its leaf in the tree.
    pub(super) leaf: String,
    /// The salted hash of its content, which the leaf commits to.
    pub(super) content_hash: String,
}

impl Query for ShowActivity {
    const SPEC: Spec = Spec {
        name: "trust.show_activity",
        summary: "Show one record of the log in full, with what changed.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = ActivityRecord;

    fn example() -> Self {
        Self { seq: 1 }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<ActivityRecord, Error> {
        let own = seen_by(permit.caller())?;
        let record = tx.first(
            "SELECT seq, at_ms, operation, outcome, actor, target_kind, target_id, content,
                    leaf, content_hash
             FROM audit_records
             WHERE seq = $1 AND (CAST($2 AS TEXT) IS NULL OR actor = $2)",
            &[Param::Int(self.seq), own.as_deref().into()],
            |row| {
                let (activity, mut content) = read(row)?;
                let (before, after) = content.sides();
                let (address, agent) = content.origin();
                let leaf = hex(row.bytes(8)?);
                let content_hash = hex(row.bytes(9)?);
                Ok(ActivityRecord {
                    activity,
                    address,
                    agent,
                    before,
                    after,
                    leaf,
                    content_hash,
                })
            },
        )?;
        record.ok_or_else(Error::not_found)
    }
}
