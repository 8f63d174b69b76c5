//! Removes a template. The entries that were made from it stay as they are.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveEntryTemplate {
    pub id: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RemovedTemplate {
    pub id: i64,
    pub name: String,
}

impl Command for RemoveEntryTemplate {
    const SPEC: Spec = Spec {
        name: "books.remove_entry_template",
        summary: "Removes a template of yours; Managers remove anybody's.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = RemovedTemplate;

    fn example() -> Self {
        Self { id: 1 }
    }

    fn target(&self) -> Target {
        Target::record("EntryTemplate", self.id)
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<RemovedTemplate>, Error> {
        let template = sql::one(tx, self.id)?.ok_or_else(Error::not_found)?;
        sql::remove(tx, template.id)?;
        let removed = RemovedTemplate {
            id: template.id,
            name: template.name,
        };
        let change = Change::removed("EntryTemplate", removed.id, &removed);
        Ok(Done::new(removed, change))
    }
}
