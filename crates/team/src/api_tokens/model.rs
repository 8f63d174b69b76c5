//! Tokens as they are spoken of, and what a scope may say.

use daybook_kernel::Faults;
use schemars::JsonSchema;
use serde::Serialize;

/// What a token begins with, so that scanners of leaked secrets know it.
const MARK: &str = "daybook";

/// A list that a person can read over.
const SCOPES_MAX: usize = 50;
const SCOPE_CHARACTERS_MAX: usize = 80;

/// A token without its secret.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct ApiToken {
    /// The digits after `daybook_` in the token.
    pub id: String,
    /// The id of the member it acts for.
    pub owner: String,
    pub owner_email: String,
    pub name: String,
    pub scopes: Vec<String>,
    pub created_at: String,
    pub expires_at: String,
    pub state: State,
    /// The day of its last use, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_on: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Usable,
    Expired,
    Revoked,
}

impl State {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// The text that the machine shows.
pub(super) fn text(id: &str, secret: &str) -> String {
    format!("{MARK}_{id}_{secret}")
}

/// Faults of a list of scopes. Whether an operation of that name exists is not
/// asked: a scope that covers nothing does no harm, and today's token may name
/// tomorrow's operation.
pub(super) fn check_scopes(faults: &mut Faults, scopes: &[String]) {
    if scopes.is_empty() {
        faults.add(
            "scopes",
            "Name at least one scope, such as books.* or books.post_entry.",
        );
    }
    if scopes.len() > SCOPES_MAX {
        faults.add(
            "scopes",
            format!("A token has at most {SCOPES_MAX} scopes."),
        );
    }
    for (index, scope) in scopes.iter().enumerate().take(SCOPES_MAX) {
        if !is_scope(scope) {
            faults.add(
                format!("scopes[{index}]"),
                "Write an operation (books.post_entry), a domain (books.*) or * for all.",
            );
        }
    }
}

fn is_scope(scope: &str) -> bool {
    let word =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let names = scope
        .split_once('.')
        .is_some_and(|(domain, operation)| word(domain) && (operation == "*" || word(operation)));
    scope == "*" || (scope.len() <= SCOPE_CHARACTERS_MAX && names)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_scope_is_an_operation_a_domain_or_all() {
        for (scope, good) in [
            ("*", true),
            ("books.*", true),
            ("books.post_entry", true),
            ("books", false),
            ("books.", false),
            (".post_entry", false),
            ("books.post.entry", false),
            ("*.post_entry", false),
            ("Books.post_entry", false),
            ("books.post entry", false),
            ("", false),
        ] {
            assert_eq!(is_scope(scope), good, "{scope:?}");
        }
    }

    #[test]
    fn each_bad_scope_is_named_by_its_place() {
        let mut faults = Faults::default();
        check_scopes(&mut faults, &["books.*".to_owned(), "books".to_owned()]);
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["scopes[1]"]);
        let mut faults = Faults::default();
        check_scopes(&mut faults, &[]);
        assert!(!faults.is_empty());
    }
}
