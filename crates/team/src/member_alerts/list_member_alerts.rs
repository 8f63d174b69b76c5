//! What may be wrong with the accounts of members.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store::{self, MemberAlert};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListMemberAlerts {
    /// Those that were seen as well.
    #[serde(default)]
    pub seen: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct MemberAlerts {
    /// The newest first.
    pub alerts: Vec<MemberAlert>,
}

impl Query for ListMemberAlerts {
    const SPEC: Spec = Spec {
        name: "team.list_member_alerts",
        summary: "List what may be wrong with the accounts of members.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = MemberAlerts;

    fn example() -> Self {
        Self { seen: true }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<MemberAlerts, Error> {
        let alerts = store::list(tx, self.seen)?;
        Ok(MemberAlerts { alerts })
    }

    fn table(output: &MemberAlerts) -> Option<Table> {
        let names = ["alert", "kind", "member", "times", "first", "last", "seen"];
        let mut table = Table::new(&names.map(|name| (name, name == "times")));
        let row = |it: &MemberAlert| {
            vec![
                it.id.clone(),
                it.kind.clone(),
                it.email.clone(),
                it.times.to_string(),
                it.first_at.clone(),
                it.last_at.clone(),
                it.seen_at.clone().unwrap_or_default(),
            ]
        };
        table.rows = output.alerts.iter().map(row).collect();
        Some(table)
    }
}
