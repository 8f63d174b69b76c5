//! Notes that the operator has seen an alert. If it goes on another day, it is
//! another alert.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcknowledgeAlert {
    /// The id of the alert, as it is listed.
    id: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct AlertAcknowledged {
    id: String,
    kind: String,
}

impl Command for AcknowledgeAlert {
    const SPEC: Spec = Spec {
        name: "identity.acknowledge_alert",
        summary: "Note that an alert was seen.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    type Output = AlertAcknowledged;

    fn example() -> Self {
        Self {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("id", &self.id, 32);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<AlertAcknowledged>, Error> {
        let now = tx.now().as_millisecond();
        let seen = tx.first(
            "UPDATE alerts SET seen_at_ms = $2 WHERE id = $1 AND seen_at_ms = 0 RETURNING kind",
            &[Param::Text(&self.id), now.into()],
            |row| row.text(0).map(str::to_owned),
        )?;
        let output = AlertAcknowledged {
            id: self.id,
            kind: seen.ok_or_else(Error::not_found)?,
        };
        let change = Change::created("AlertAcknowledgement", &output.id, &output);
        Ok(Done::new(output, change))
    }
}
