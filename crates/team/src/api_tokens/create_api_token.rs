//! Makes an API token for oneself. Its text is in the answer and nowhere else.

use daybook_kernel::id::hex;
use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{self, check_scopes};
use super::store::{NAME, TOKEN_PURPOSE};
use crate::instant;

const NAME_CHARACTERS_MAX: usize = 80;
/// A year: a machine that nobody has looked at for longer is nobody's.
const EXPIRES_IN_DAYS_MAX: i64 = 365;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Usable ones of one owner; a machine needs one.
const TOKENS_OF_ONE_OWNER_MAX: i64 = 100;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateApiToken {
    /// What the token is for, so that its owner knows it again.
    name: String,
    /// What it may do of what its owner may: operations (`books.post_entry`),
    /// domains (`books.*`), or `*` for all.
    scopes: Vec<String>,
    /// After how many days it stops working, at most 365.
    #[serde(default = "days_by_default")]
    expires_in_days: i64,
}

const fn days_by_default() -> i64 {
    90
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ApiTokenCreated {
    id: String,
    /// The token itself. Keep it now: it is not shown again.
    token: String,
    expires_at: String,
}

/// What the log is told: everything but the token.
#[derive(Serialize)]
struct Created<'a> {
    name: &'a str,
    scopes: &'a [String],
    expires_at: &'a str,
}

impl Command for CreateApiToken {
    const SPEC: Spec = Spec {
        name: "team.create_api_token",
        summary: "Make an API token for yourself.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = ApiTokenCreated;

    fn example() -> Self {
        Self {
            name: "Nightly export".to_owned(),
            scopes: vec!["books.*".to_owned()],
            expires_in_days: days_by_default(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("name", &self.name, NAME_CHARACTERS_MAX);
        check_scopes(faults, &self.scopes);
        if !(1..=EXPIRES_IN_DAYS_MAX).contains(&self.expires_in_days) {
            faults.add(
                "expires_in_days",
                format!("Choose 1 to {EXPIRES_IN_DAYS_MAX} days."),
            );
        }
    }

    fn apply(
        self,
        tx: &mut Write<'_>,
        permit: Permit<Self>,
    ) -> Result<Done<ApiTokenCreated>, Error> {
        let owner = permit
            .caller()
            .person
            .ok_or_else(Error::not_found)?
            .to_string();
        let now = tx.now().as_millisecond();
        check_count(tx, &owner, now)?;
        let id = hex(&tx.random::<4>()?);
        let token = model::text(&id, &hex(&tx.random::<32>()?));
        let hash = tx.vault().keyed_hash(TOKEN_PURPOSE, token.as_bytes());
        let expires_at_ms = now + self.expires_in_days * DAY_MS;
        tx.run(
            "INSERT INTO api_tokens
                 (id, owner, name, token_hash, scopes, created_at_ms, expires_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[
                Param::Text(&id),
                Param::Text(&owner),
                Param::Sealed {
                    column: NAME,
                    text: self.name.trim(),
                },
                Param::Bytes(&hash),
                Param::Text(&self.scopes.join(" ")),
                now.into(),
                expires_at_ms.into(),
            ],
        )?;
        let expires_at = instant(expires_at_ms);
        let after = Created {
            name: self.name.trim(),
            scopes: &self.scopes,
            expires_at: &expires_at,
        };
        let change = Change::created("ApiToken", &id, &after);
        Ok(Done::new(
            ApiTokenCreated {
                id,
                token,
                expires_at,
            },
            change,
        ))
    }
}

fn check_count(tx: &mut Write<'_>, owner: &str, now: i64) -> Result<(), Error> {
    let count = tx.first(
        "SELECT count(*) FROM api_tokens
         WHERE owner = $1 AND revoked_at_ms IS NULL AND expires_at_ms > $2",
        &[Param::Text(owner), now.into()],
        |row| row.int(0),
    )?;
    if count.unwrap_or(0) >= TOKENS_OF_ONE_OWNER_MAX {
        return Err(Error::conflict(format!(
            "You have {TOKENS_OF_ONE_OWNER_MAX} usable tokens here. Revoke one that is no longer used."
        )));
    }
    Ok(())
}
