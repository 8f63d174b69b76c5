//! Which secrets the server works with, and how old they are.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListSecrets {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Secrets {
    /// By their names.
    secrets: Vec<SecretRow>,
}

#[derive(Serialize, JsonSchema)]
struct SecretRow {
    /// Such as `oidc.google.client_secret`.
    name: String,
    stored_at: String,
    /// Since when it has the value that it has.
    rotated_at: String,
    read_at: String,
}

impl Query for ListSecrets {
    const SPEC: Spec = Spec {
        name: "trust.list_secrets",
        summary: "List the secrets that the server works with, and since when; never their values.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    type Output = Secrets;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Secrets, Error> {
        let secrets = tx.all(
            "SELECT name, stored_at_ms, rotated_at_ms, read_at_ms FROM configured_secrets
             ORDER BY name",
            &[],
            |row| {
                Ok(SecretRow {
                    name: row.text(0)?.to_owned(),
                    stored_at: instant(row.int(1)?)?,
                    rotated_at: instant(row.int(2)?)?,
                    read_at: instant(row.int(3)?)?,
                })
            },
        )?;
        Ok(Secrets { secrets })
    }

    fn table(output: &Secrets) -> Option<Table> {
        let names = ["secret", "stored", "rotated", "read"];
        let mut table = Table::new(&names.map(|name| (name, false)));
        let rows = output.secrets.iter().map(|row| {
            [&row.name, &row.stored_at, &row.rotated_at, &row.read_at].map(String::clone)
        });
        table.rows = rows.map(Vec::from).collect();
        Some(table)
    }
}

fn instant(at_ms: i64) -> Result<String, Error> {
    let at = Timestamp::from_millisecond(at_ms).map_err(Error::ours)?;
    Ok(at.to_string())
}
