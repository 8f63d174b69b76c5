//! Records that the server read a secret, or found that it is no longer set.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Of SHA-256, as hexadecimal digits.
const FINGERPRINT_CHARACTERS: usize = 64;
const NAME_CHARACTERS_MAX: usize = 100;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordSecret {
    /// Which secret, such as `oidc.google.client_secret`.
    name: String,
    /// A keyed hash of its value, by which a change shows; left out if it is no longer set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct SecretRecorded {
    name: String,
    /// `stored`, `rotated`, `read` or `revoked`.
    event: &'static str,
}

impl Command for RecordSecret {
    const SPEC: Spec = Spec {
        name: "trust.record_secret",
        summary: "Record that the server read one of its own secrets, or that it is gone.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    type Output = SecretRecorded;

    fn example() -> Self {
        Self {
            name: "oidc.google.client_secret".to_owned(),
            fingerprint: Some("0123456789abcdef".repeat(4)),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("name", &self.name, NAME_CHARACTERS_MAX);
        let is_hash = |it: &String| {
            it.len() == FINGERPRINT_CHARACTERS && it.chars().all(|c| c.is_ascii_hexdigit())
        };
        if !self.fingerprint.as_ref().is_none_or(is_hash) {
            faults.add("fingerprint", "Write a hash of 64 hexadecimal digits.");
        }
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<SecretRecorded>, Error> {
        let event = match &self.fingerprint {
            Some(fingerprint) => note(tx, &self.name, fingerprint)?,
            None => forget(tx, &self.name)?,
        };
        let output = SecretRecorded {
            name: self.name,
            event,
        };
        let change = Change::created("Secret", &output.name, &output);
        Ok(Done::new(output, change))
    }
}

fn note(tx: &mut Write<'_>, name: &str, fingerprint: &str) -> Result<&'static str, Error> {
    let now = tx.now().as_millisecond();
    let kept = tx.first(
        "SELECT fingerprint FROM configured_secrets WHERE name = $1",
        &[name.into()],
        |row| row.text(0).map(str::to_owned),
    )?;
    tx.run(
        "INSERT INTO configured_secrets (name, fingerprint, stored_at_ms, rotated_at_ms, read_at_ms)
         VALUES ($1, $2, $3, $3, $3)
         ON CONFLICT (name) DO UPDATE SET read_at_ms = $3, fingerprint = $2,
             rotated_at_ms = CASE WHEN configured_secrets.fingerprint = $2
                 THEN configured_secrets.rotated_at_ms ELSE $3 END",
        &[name.into(), fingerprint.into(), now.into()],
    )?;
    Ok(match kept {
        None => "stored",
        Some(kept) if kept == fingerprint => "read",
        Some(_) => "rotated",
    })
}

fn forget(tx: &mut Write<'_>, name: &str) -> Result<&'static str, Error> {
    let gone = tx.run(
        "DELETE FROM configured_secrets WHERE name = $1",
        &[Param::Text(name)],
    )?;
    if gone == 0 {
        return Err(Error::not_found());
    }
    Ok("revoked")
}
