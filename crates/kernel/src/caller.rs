//! Who is asking, and by what right.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::PersonId;

/// The six roles. Bosys's Administrator and Employee are Admin and Member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Role {
    Owner,
    Admin,
    Manager,
    Member,
    Viewer,
    Auditor,
}

impl Role {
    pub const ALL: [Self; 6] = [
        Self::Owner,
        Self::Admin,
        Self::Manager,
        Self::Member,
        Self::Viewer,
        Self::Auditor,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Admin => "Admin",
            Self::Manager => "Manager",
            Self::Member => "Member",
            Self::Viewer => "Viewer",
            Self::Auditor => "Auditor",
        }
    }

    /// What a person of this role does here, for pages and help.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Owner => "Everything, and deletes the workspace",
            Self::Admin => "Members, settings and all the work",
            Self::Manager => "All the work, no members",
            Self::Member => "Reads and posts",
            Self::Viewer => "Reads",
            Self::Auditor => "Reads the books and the audit log",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|role| role.name().eq_ignore_ascii_case(text))
            .ok_or(())
    }
}

/// Who is asking, as the road found it inside the transaction.
#[derive(Debug, Clone)]
pub struct Caller {
    pub kind: CallerKind,
    pub person: Option<PersonId>,
    pub email: String,
    /// The role in the workspace at hand, if any.
    pub role: Option<Role>,
    pub suspended: bool,
    /// The operations that a token is limited to; `None` is no limit.
    pub scopes: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerKind {
    Visitor,
    Person,
    Token {
        id: String,
    },
    Local,
    /// Daybook itself, founding a workspace.
    System,
}

impl Caller {
    pub const fn visitor() -> Self {
        Self {
            kind: CallerKind::Visitor,
            person: None,
            email: String::new(),
            role: None,
            suspended: false,
            scopes: None,
        }
    }

    pub fn system() -> Self {
        Self {
            kind: CallerKind::System,
            ..Self::visitor()
        }
    }

    pub const fn kind_name(&self) -> &'static str {
        match self.kind {
            CallerKind::Visitor => "visitor",
            CallerKind::Person => "person",
            CallerKind::Token { .. } => "token",
            CallerKind::Local => "local",
            CallerKind::System => "system",
        }
    }

    /// Whether the caller's scopes hold this operation: `books.post_entry`
    /// itself, its domain as `books.*`, or all as `*`.
    pub fn in_scope(&self, operation: &str) -> bool {
        let Some(scopes) = &self.scopes else {
            return true;
        };
        scopes.iter().any(|scope| scope_covers(scope, operation))
    }
}

/// Whether one scope of a token covers an operation.
pub fn scope_covers(scope: &str, operation: &str) -> bool {
    scope == "*"
        || scope == operation
        || scope
            .strip_suffix(".*")
            .is_some_and(|domain| operation.split('.').next() == Some(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_its_domain_and_no_namesake() {
        for (scope, operation, covered) in [
            ("*", "books.post_entry", true),
            ("books.*", "books.post_entry", true),
            ("books.*", "bookshelf.post", false),
            ("books.post_entry", "books.post_entry", true),
            ("books.post", "books.post_entry", false),
            ("", "books.post_entry", false),
        ] {
            assert_eq!(
                scope_covers(scope, operation),
                covered,
                "{scope} {operation}"
            );
        }
    }
}
