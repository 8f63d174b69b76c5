//! Where one is signed in.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Param, Permit, Query, Rate, Read, Scope, Spec, StepUp,
    Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::device;
use super::store::{ADDRESS, AGENT};
use crate::{instant, signed_in};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListSessions {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Sessions {
    /// The one that was used last comes first.
    sessions: Vec<SessionRow>,
}

#[derive(Serialize, JsonSchema)]
struct SessionRow {
    id: String,
    /// The browser and its system, such as `Firefox on Linux`.
    device: String,
    /// From where it was signed in.
    address: String,
    created_at: String,
    /// To the minute: use is noted once in one.
    last_used_at: String,
    expires_at: String,
    /// Whether it is the one that asks.
    is_this_one: bool,
}

impl Query for ListSessions {
    const SPEC: Spec = Spec {
        name: "identity.list_sessions",
        summary: "List where you are signed in.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = Sessions;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<Sessions, Error> {
        let person = signed_in(permit.caller())?.to_string();
        let own = permit.caller().session.as_ref().map(|own| own.id.clone());
        let now = tx.now().as_millisecond();
        let sessions = tx.all(
            "SELECT id, created_at_ms, last_used_at_ms, expires_at_ms, address, agent FROM sessions
             WHERE person = $1 AND expires_at_ms > $2 ORDER BY last_used_at_ms DESC, id",
            &[Param::Text(&person), now.into()],
            |row| {
                let id = row.text(0)?.to_owned();
                Ok(SessionRow {
                    is_this_one: own.as_ref() == Some(&id),
                    id,
                    device: device(&row.sealed(5, AGENT)?),
                    address: row.sealed(4, ADDRESS)?,
                    created_at: instant(row.int(1)?),
                    last_used_at: instant(row.int(2)?),
                    expires_at: instant(row.int(3)?),
                })
            },
        )?;
        Ok(Sessions { sessions })
    }

    fn table(output: &Sessions) -> Option<Table> {
        let mut table = Table::new(&[
            ("session", false),
            ("device", false),
            ("address", false),
            ("signed in", false),
            ("last used", false),
            ("expires", false),
        ]);
        table.rows = output
            .sessions
            .iter()
            .map(|row| {
                let row = [
                    &row.id,
                    &row.device,
                    &row.address,
                    &row.created_at,
                    &row.last_used_at,
                    &row.expires_at,
                ];
                row.into_iter().cloned().collect()
            })
            .collect();
        Some(table)
    }
}
