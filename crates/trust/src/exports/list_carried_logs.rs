//! The logs that came along with imports of whole workspaces.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListCarriedLogs {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct CarriedLogs {
    logs: Vec<KeptLog>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct KeptLog {
    log: i64,
    origin: String,
    vkey: String,
    records: i64,
    carried_at: String,
}

impl Query for ListCarriedLogs {
    const SPEC: Spec = Spec {
        name: "trust.list_carried_logs",
        summary: "List the audit logs that came along with imported workspaces.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = CarriedLogs;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<CarriedLogs, Error> {
        let logs = tx.all(
            "SELECT id, origin, vkey, records, carried_at_ms FROM carried_logs ORDER BY id",
            &[],
            |row| {
                let at = jiff::Timestamp::from_millisecond(row.int(4)?).map_err(Error::ours)?;
                Ok(KeptLog {
                    log: row.int(0)?,
                    origin: row.text(1)?.to_owned(),
                    vkey: row.text(2)?.to_owned(),
                    records: row.int(3)?,
                    carried_at: at.to_string(),
                })
            },
        )?;
        Ok(CarriedLogs { logs })
    }
}
