//! What somebody may be at work on.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Row, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AlertKind;
use super::store::ADDRESS;
use crate::instant;
use crate::people::EMAIL;

/// More than anybody reads; the newest come first.
const SHOWN_MAX: i64 = 500;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListAlerts {
    /// Those that were acknowledged as well.
    #[serde(default)]
    seen: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Alerts {
    /// The newest first.
    alerts: Vec<AlertRow>,
}

#[derive(Serialize, JsonSchema)]
struct AlertRow {
    id: String,
    /// Such as `password_spraying`.
    kind: String,
    /// What it is, and what to do.
    sentence: String,
    /// Whose account it is about; empty if there is no such account, or many.
    email: String,
    /// From where it came last.
    address: String,
    /// How often on that day.
    times: i64,
    first_at: String,
    last_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_at: Option<String>,
}

impl Query for ListAlerts {
    const SPEC: Spec = Spec {
        name: "identity.list_alerts",
        summary: "List what looks like somebody at work on the accounts of this instance.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    type Output = Alerts;

    fn example() -> Self {
        Self { seen: false }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Alerts, Error> {
        let alerts = tx.all(
            "SELECT alerts.id, alerts.kind, people.email, alerts.address, alerts.times,
                 alerts.first_at_ms, alerts.last_at_ms, alerts.seen_at_ms
             FROM alerts LEFT JOIN people ON people.id = alerts.person
             WHERE alerts.seen_at_ms = 0 OR CAST($1 AS BIGINT) = 1
             ORDER BY alerts.last_at_ms DESC, alerts.id LIMIT $2",
            &[i64::from(self.seen).into(), SHOWN_MAX.into()],
            read,
        )?;
        Ok(Alerts { alerts })
    }

    fn table(output: &Alerts) -> Option<Table> {
        let names = ["alert", "kind", "account", "from", "times", "first", "last"];
        let mut table = Table::new(&names.map(|name| (name, name == "times")));
        let rows = output.alerts.iter().map(|alert| {
            vec![
                alert.id.clone(),
                alert.kind.clone(),
                alert.email.clone(),
                alert.address.clone(),
                alert.times.to_string(),
                alert.first_at.clone(),
                alert.last_at.clone(),
            ]
        });
        table.rows = rows.collect();
        Some(table)
    }
}

fn read(row: &dyn Row) -> Result<AlertRow, Error> {
    let kind = row.text(1)?;
    let known = AlertKind::ALL.into_iter().find(|it| it.name() == kind);
    let seen_at_ms = row.int(7)?;
    Ok(AlertRow {
        id: row.text(0)?.to_owned(),
        kind: kind.to_owned(),
        sentence: known.map_or("", AlertKind::sentence).to_owned(),
        email: row.sealed(2, EMAIL)?,
        address: row.sealed(3, ADDRESS)?,
        times: row.int(4)?,
        first_at: instant(row.int(5)?),
        last_at: instant(row.int(6)?),
        seen_at: (seen_at_ms > 0).then(|| instant(seen_at_ms)),
    })
}
