//! Sets how much a workspace may store. Whoever is beyond it reads and exports;
//! what would store more is refused until there is room again.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::life;
use super::lock_workspace::WORKSPACE_CHARACTERS_MAX;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetStorageLimit {
    /// Its name in addresses, or its id.
    workspace: String,
    /// Stored bytes at most; leave it out for the instance's usual limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes_max: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct StorageLimit {
    id: String,
    /// Nothing is the instance's usual limit.
    bytes_max: Option<i64>,
}

impl Command for SetStorageLimit {
    const SPEC: Spec = Spec {
        name: "identity.set_storage_limit",
        summary: "Set how many bytes a workspace may store.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    type Output = StorageLimit;

    fn example() -> Self {
        Self {
            workspace: "lovelace".to_owned(),
            bytes_max: Some(1 << 30),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("workspace", &self.workspace, WORKSPACE_CHARACTERS_MAX);
        if self.bytes_max.is_some_and(|max| max < 0) {
            faults.add("bytes_max", "This is less than nothing. Use 0 or more.");
        }
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<StorageLimit>, Error> {
        let (id, life) = life::of(tx, &self.workspace)?;
        tx.run(
            "UPDATE workspaces SET bytes_max = $2 WHERE id = $1",
            &[Param::Text(&id), self.bytes_max.into()],
        )?;
        tx.lives_changed();
        let limit = |bytes_max| StorageLimit {
            id: id.clone(),
            bytes_max,
        };
        let (before, after) = (limit(life.bytes_max), limit(self.bytes_max));
        let change = Change::updated("StorageLimit", &id, &before, &after);
        Ok(Done::new(after, change))
    }
}
