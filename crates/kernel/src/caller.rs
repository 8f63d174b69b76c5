//! Who is asking, and by what right.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::grant::Guest;
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

    /// Whether somebody of this role sees what is assigned to them, and nothing else.
    pub const fn sees_assigned_only(self) -> bool {
        matches!(self, Self::Member)
    }

    /// What a person of this role does here, for pages and help.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Owner => "Everything, and deletes the workspace",
            Self::Admin => "Members, settings and all the work",
            Self::Manager => "All the work, no members",
            Self::Member => "Reads and posts to assigned accounts",
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
    /// Whether the workspace at hand has policies of its own.
    pub guarded: bool,
    /// The operations that a token is limited to; `None` is no limit.
    pub scopes: Option<Vec<String>>,
    /// What the session has shown so far, if a session it is.
    pub session: Option<SessionFacts>,
    /// Where the request came from; nothing for Daybook's own work.
    pub origin: Option<Arc<Origin>>,
}

/// Where a request comes from, as far as the edge could tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The peer's address, or the one that a configured proxy vouched for.
    pub address: String,
    /// What the client calls itself, cut to a readable length.
    pub agent: String,
    /// A keyed hash of the secret that the browser keeps to be known again.
    pub device: Option<[u8; 32]>,
}

impl Origin {
    /// The network that limits count by: one subscriber has a whole /64 of IPv6.
    pub fn network(&self) -> String {
        match self.address.parse::<IpAddr>().map(|it| it.to_canonical()) {
            Ok(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string() + "/64"
            }
            Ok(IpAddr::V4(address)) => address.to_string(),
            Err(_) => self.address.clone(),
        }
    }

    /// Whoever sits at the server itself.
    pub fn local() -> Self {
        Self {
            address: "local".to_owned(),
            agent: "daybook".to_owned(),
            device: None,
        }
    }
}

/// What a session has shown of its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    pub id: String,
    /// A password was right, and the account's second factor is still owed.
    pub owes_second_factor: bool,
    /// A passkey or a second factor was shown when the session began or since.
    pub second_factor: bool,
    /// Until when a factor counts as fresh, in Unix milliseconds; 0 is never.
    pub fresh_until_ms: i64,
    /// When its person last showed a factor.
    pub shown_at_ms: i64,
    /// The longest time that nobody used it since then, to the minute.
    pub longest_pause_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerKind {
    Visitor,
    /// A password was right, and the second factor is owed.
    Halfway,
    Person,
    /// A person whom the workspace at hand has invited, and who is no member yet.
    Invited,
    /// A member of a practice to which the workspace at hand gave a grant. They
    /// have no role in it, whatever they are elsewhere.
    Guest(Guest),
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
            guarded: false,
            scopes: None,
            session: None,
            origin: None,
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
            CallerKind::Halfway => "halfway",
            CallerKind::Person => "person",
            CallerKind::Invited => "invited",
            CallerKind::Guest(_) => "guest",
            CallerKind::Token { .. } => "token",
            CallerKind::Local => "local",
            CallerKind::System => "system",
        }
    }

    /// Whether a factor was shown a moment ago. Whoever holds the data folder
    /// needs none; a token has none to show.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let by_session = || {
            self.session
                .as_ref()
                .is_some_and(|session| session.fresh_until_ms > now.as_millisecond())
        };
        match &self.kind {
            CallerKind::Local | CallerKind::System => true,
            CallerKind::Person => by_session(),
            CallerKind::Guest(guest) => guest.at_the_server || by_session(),
            CallerKind::Visitor
            | CallerKind::Halfway
            | CallerKind::Invited
            | CallerKind::Token { .. } => false,
        }
    }

    /// Whether they could show a factor, where one is asked for.
    pub const fn has_factors(&self) -> bool {
        matches!(self.kind, CallerKind::Person | CallerKind::Guest(_))
    }

    /// The grant by which they come, if they come by one.
    pub const fn guest(&self) -> Option<&Guest> {
        match &self.kind {
            CallerKind::Guest(guest) => Some(guest),
            _ => None,
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
    fn one_subscriber_is_one_network() {
        for (address, network) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("local", "local"),
        ] {
            let origin = Origin {
                address: address.to_owned(),
                agent: String::new(),
                device: None,
            };
            assert_eq!(origin.network(), network);
        }
    }

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
