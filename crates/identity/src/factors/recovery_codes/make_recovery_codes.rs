//! Makes ten recovery codes in place of whatever there were.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model;
use super::sql::hash;
use crate::factors::{enrolled, refuse_while_frozen};
use crate::signed_in;

const CODES: usize = 10;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MakeRecoveryCodes {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct RecoveryCodesMade {
    /// Each is good once. They are told this once.
    codes: Vec<String>,
}

/// What the log is told: how many, and no code.
#[derive(Serialize)]
struct Counted {
    codes: i64,
}

impl Command for MakeRecoveryCodes {
    const SPEC: Spec = Spec {
        name: "identity.make_recovery_codes",
        summary: "Make ten recovery codes; earlier ones end.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = RecoveryCodesMade;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(
        self,
        tx: &mut Write<'_>,
        permit: Permit<Self>,
    ) -> Result<Done<RecoveryCodesMade>, Error> {
        let person = signed_in(permit.caller())?;
        refuse_while_frozen(tx, person)?;
        let before = enrolled(tx, person)?;
        if !before.has_second_factor() {
            return Err(Error::conflict(
                "Recovery codes stand in for an authenticator app or a passkey. Set one up first.",
            ));
        }
        let name = person.to_string();
        tx.run(
            "DELETE FROM recovery_codes WHERE person = $1",
            &[Param::Text(&name)],
        )?;
        let now = tx.now().as_millisecond();
        let mut codes = Vec::with_capacity(CODES);
        for _ in 0..CODES {
            let code = model::code(tx.random()?);
            let normal = model::normal(&code).ok_or_else(|| Error::ours("a code that is none"))?;
            let hash = hash(tx, person, &normal);
            tx.run(
                "INSERT INTO recovery_codes (person, code_hash, made_at_ms, used_at_ms)
                 VALUES ($1, $2, $3, NULL)",
                &[Param::Text(&name), Param::Bytes(&hash), now.into()],
            )?;
            codes.push(code);
        }
        let left = Counted {
            codes: before.recovery_codes_left,
        };
        let made = Counted {
            codes: i64::try_from(CODES).unwrap_or(i64::MAX),
        };
        let change = Change::updated("RecoveryCodes", person, &left, &made);
        Ok(Done::new(RecoveryCodesMade { codes }, change))
    }
}
