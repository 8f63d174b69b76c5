//! What an Owner orders of the workspace, as the directory is told of it.

use daybook_kernel::{Caller, Change, Error, Faults, Param, Standing, Write};
use schemars::JsonSchema;
use serde::Serialize;

use crate::instant;

const REASON_CHARACTERS_MAX: usize = 500;

/// How the workspace stands once an order is carried out.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ordered {
    /// `active`, `frozen` or `deleted`.
    pub standing: String,
    /// When it will be gone, if it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone_at: Option<String>,
}

/// As the log is told.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    ordered: &'a Ordered,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// The order as the directory takes it.
#[derive(Serialize)]
struct Order<'a> {
    workspace: String,
    order: &'static str,
    /// Who gave it; Daybook's own line has nobody.
    person: Option<String>,
    /// In Unix milliseconds.
    at_ms: i64,
    /// Who may take it back.
    owners: &'a [String],
}

impl Ordered {
    pub fn of(standing: Standing) -> Self {
        Self {
            standing: standing.name().to_owned(),
            gone_at: match standing {
                Standing::Deleted { gone_at_ms } => Some(instant(gone_at_ms)),
                _ => None,
            },
        }
    }
}

pub(super) fn check_reason(faults: &mut Faults, reason: Option<&str>) {
    faults.length("reason", reason.unwrap_or_default(), REASON_CHARACTERS_MAX);
}

/// Has the directory carry out an order from the next request on.
pub(super) fn give(
    tx: &mut Write<'_>,
    caller: &Caller,
    order: &'static str,
    after: &Ordered,
    reason: Option<&str>,
) -> Result<Change, Error> {
    let Some(workspace) = tx.workspace().map(|it| it.to_string()) else {
        return Err(Error::ours("a workspace was ordered on the instance"));
    };
    let owners = tx.all(
        "SELECT person FROM members WHERE role = $1 AND suspended = 0",
        &[Param::Text("Owner")],
        |row| Ok(row.text(0)?.to_owned()),
    )?;
    let told = Order {
        workspace: workspace.clone(),
        order,
        person: caller.person.map(|it| it.to_string()),
        at_ms: tx.now().as_millisecond(),
        owners: &owners,
    };
    let payload = serde_json::to_string(&told).map_err(Error::ours)?;
    let before = Ordered::of(tx.standing());
    tx.post_urgently("team.order", &payload)?;
    let ordered = Told {
        ordered: after,
        reason,
    };
    Ok(Change::updated("Workspace", workspace, &before, &ordered))
}
