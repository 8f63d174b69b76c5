//! The newest signed checkpoint of the log.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowCheckpoint {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Checkpoint {
    /// How many records the log has.
    size: i64,
    /// The signed note over the head of the tree, if one was made already.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
}

impl Query for ShowCheckpoint {
    const SPEC: Spec = Spec {
        name: "trust.show_checkpoint",
        summary: "Show the signed head of the audit log.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Checkpoint;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Checkpoint, Error> {
        let head = tx.first("SELECT size, checkpoint FROM audit_head", &[], |row| {
            let checkpoint = row.maybe_text(1)?.filter(|note| !note.is_empty());
            Ok(Checkpoint {
                size: row.int(0)?,
                checkpoint: checkpoint.map(ToOwned::to_owned),
            })
        })?;
        Ok(head.unwrap_or(Checkpoint {
            size: 0,
            checkpoint: None,
        }))
    }
}
