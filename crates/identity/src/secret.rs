//! A text that is never printed: a password, or the token of a session.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Has no `Debug`, and leaves no copy in memory when it is dropped.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub(crate) struct Secret(String);

/// What stands for a secret wherever an input is written out. It is as long as
/// the shortest password, so that the examples pass their own checks.
const PLACEHOLDER: &str = "………………………………";

impl Secret {
    pub(crate) fn placeholder() -> Self {
        Self(PLACEHOLDER.to_owned())
    }

    /// What is not there at all.
    pub(crate) fn empty() -> Self {
        Self(String::new())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn length(&self) -> usize {
        self.0.chars().count()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(PLACEHOLDER)
    }
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "password", "writeOnly": true })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn writing_a_secret_out_shows_nothing_of_it() {
        let secret: Secret = serde_json::from_str("\"correct horse\"").unwrap();
        assert_eq!(secret.as_bytes(), b"correct horse");
        let written = serde_json::to_string(&secret).unwrap();
        assert!(!written.contains("horse"), "{written}");
    }
}
