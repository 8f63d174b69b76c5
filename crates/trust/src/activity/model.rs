//! A record as it is read: its skeleton, which stays, and its content, which
//! can be erased.

use daybook_kernel::{Caller, Error, Role, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const CONTENT: &str = "audit_records.content";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Allowed,
    Refused,
}

impl Outcome {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
        }
    }
}

/// One line of the log.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Activity {
    /// Its place in the log, from the first on, without gaps.
    pub seq: i64,
    pub at: String,
    pub operation: String,
    pub outcome: Outcome,
    /// The id of the person; nobody if Daybook itself acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    pub actor_email: String,
    /// A person, a token, the command line (local) or Daybook itself (system).
    pub actor_kind: String,
    /// The role at the time, or in what other way they stood to this workspace.
    pub actor_role: String,
    /// The id of the API token, if one was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    pub target_kind: String,
    pub target_id: String,
    /// Why it was refused.
    pub reason: String,
    /// What would have been enough, where it was refused.
    pub required_roles: Vec<String>,
    /// The request, as answers and logs name it.
    pub request: String,
    /// Whether the content was erased; the log still verifies.
    pub erased: bool,
}

/// What a record says besides its skeleton.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Content {
    request: Option<String>,
    actor_kind: Option<String>,
    actor_email: Option<String>,
    token: Option<String>,
    address: Option<String>,
    agent: Option<String>,
    actor_role: Option<String>,
    required_roles: Option<Vec<String>>,
    reason: Option<String>,
    before: Option<Value>,
    after: Option<Value>,
}

impl Content {
    /// From where, and with what client.
    pub(super) fn origin(&mut self) -> (String, String) {
        let taken = |it: &mut Option<String>| it.take().unwrap_or_default();
        (taken(&mut self.address), taken(&mut self.agent))
    }

    /// The thing before and after.
    pub(super) fn sides(&mut self) -> (Option<Value>, Option<Value>) {
        (self.before.take(), self.after.take())
    }
}

/// Reads `seq, at_ms, operation, outcome, actor, target_kind, target_id, content`.
pub(super) fn read(row: &dyn Row) -> Result<(Activity, Content), Error> {
    let written = row.sealed(7, CONTENT)?;
    let erased = written.is_empty();
    let mut content: Content = if erased {
        Content::default()
    } else {
        serde_json::from_str(&written).map_err(Error::ours)?
    };
    let at = jiff::Timestamp::from_millisecond(row.int(1)?).map_err(Error::ours)?;
    let outcome = match row.text(3)? {
        "allowed" => Outcome::Allowed,
        "refused" => Outcome::Refused,
        other => return Err(Error::ours(format!("the log has an outcome {other}"))),
    };
    let activity = Activity {
        seq: row.int(0)?,
        at: at.to_string(),
        operation: row.text(2)?.to_owned(),
        outcome,
        actor: row.maybe_text(4)?.map(ToOwned::to_owned),
        actor_email: content.actor_email.take().unwrap_or_default(),
        actor_kind: content.actor_kind.take().unwrap_or_default(),
        actor_role: content.actor_role.take().unwrap_or_default(),
        token: content.token.take(),
        target_kind: row.text(5)?.to_owned(),
        target_id: row.maybe_text(6)?.unwrap_or_default().to_owned(),
        reason: content.reason.take().unwrap_or_default(),
        required_roles: content.required_roles.take().unwrap_or_default(),
        request: content.request.take().unwrap_or_default(),
        erased,
    };
    Ok((activity, content))
}

/// Whose records the caller sees: nothing for everybody's, else the one person.
pub(super) fn seen_by(caller: &Caller) -> Result<Option<String>, Error> {
    match caller.role {
        Some(Role::Owner | Role::Admin | Role::Auditor) => Ok(None),
        _ => caller
            .person
            .map(|person| Some(person.to_string()))
            .ok_or_else(Error::not_found),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use daybook_kernel::PersonId;

    #[test]
    fn only_those_who_oversee_see_what_others_did() {
        let person = PersonId::from_bytes([7; 16]);
        for role in Role::ALL {
            let mut caller = Caller::visitor();
            caller.person = Some(person);
            caller.role = Some(role);
            let all = matches!(role, Role::Owner | Role::Admin | Role::Auditor);
            let expected = (!all).then(|| person.to_string());
            assert_eq!(seen_by(&caller).unwrap(), expected, "{role}");
        }
        assert!(seen_by(&Caller::visitor()).is_err());
    }

    #[test]
    fn what_a_record_does_not_say_is_nothing() {
        let written = r#"{"before":{"role":"Member"},"after":null,"reason":null,"more":1}"#;
        let mut content: Content = serde_json::from_str(written).unwrap();
        let (before, after) = content.sides();
        assert_eq!(before, Some(serde_json::json!({ "role": "Member" })));
        assert_eq!(after, None);
        assert_eq!(content.request, None);
    }
}
