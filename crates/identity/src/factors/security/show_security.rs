//! How one's account is guarded.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Param, Permit, Query, Rate, Read, Scope, Spec, StepUp,
    Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::show_factors::is_dismissed;
use crate::factors::frozen::frozen_until_ms;
use crate::factors::notices::{self, Notice};
use crate::factors::passkeys::{self, PasskeyRow};
use crate::factors::{enrolled, totp};
use crate::people::kept_password;
use crate::{instant, signed_in};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowSecurity {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Security {
    pub email: String,
    /// Whether there is one: an account by a provider begins without.
    pub has_password: bool,
    /// Since when an authenticator app is set up.
    pub app_since: Option<String>,
    pub passkeys: Vec<PasskeyRow>,
    pub recovery_codes_left: i64,
    /// How many sessions are open, this one among them.
    pub sessions: i64,
    /// Until when the factors cannot be changed, after a reset.
    pub frozen_until: Option<String>,
    /// Whether the reminder to set up a second factor is put off.
    pub reminder_dismissed: bool,
    /// What happened that one should know of, the newest first.
    pub notices: Vec<Notice>,
}

impl Security {
    pub(crate) fn has_second_factor(&self) -> bool {
        self.app_since.is_some() || !self.passkeys.is_empty()
    }
}

impl Query for ShowSecurity {
    const SPEC: Spec = Spec {
        name: "identity.show_security",
        summary: "Show how your account is guarded.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = Security;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<Security, Error> {
        let person = signed_in(permit.caller())?;
        let now = tx.now().as_millisecond();
        let sessions = tx.first(
            "SELECT count(*) FROM sessions WHERE person = $1 AND expires_at_ms > $2",
            &[Param::Text(&person.to_string()), now.into()],
            |row| row.int(0),
        )?;
        Ok(Security {
            email: permit.caller().email.clone(),
            has_password: kept_password(tx, person)?.is_some(),
            app_since: totp::enrolled_at_ms(tx, person)?.map(instant),
            passkeys: passkeys::list(tx, person)?,
            recovery_codes_left: enrolled(tx, person)?.recovery_codes_left,
            sessions: sessions.unwrap_or(0),
            frozen_until: frozen_until_ms(tx, person)?.map(instant),
            reminder_dismissed: is_dismissed(tx, person)?,
            notices: notices::list(tx, person)?,
        })
    }
}
