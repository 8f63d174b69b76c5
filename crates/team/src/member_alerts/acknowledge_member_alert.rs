//! Notes that an alert about a member was seen. If it goes on another day, it is
//! another alert.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store::{self, MemberAlert};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcknowledgeMemberAlert {
    /// The id of the alert, as it is listed.
    id: String,
}

/// What the log is told: of which alert, and not whose account it is about.
#[derive(Serialize)]
struct Noted<'a> {
    kind: &'a str,
    seen: bool,
}

impl Command for AcknowledgeMemberAlert {
    const SPEC: Spec = Spec {
        name: "team.acknowledge_member_alert",
        summary: "Note that an alert about a member was seen.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = MemberAlert;

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

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<MemberAlert>, Error> {
        if !store::note_seen(tx, &self.id)? {
            return Err(Error::not_found());
        }
        let alert = store::load(tx, &self.id)?.ok_or_else(Error::not_found)?;
        let side = |seen| Noted {
            kind: &alert.kind,
            seen,
        };
        let change = Change::updated("MemberAlert", &self.id, &side(false), &side(true));
        Ok(Done::new(alert, change))
    }
}
