//! A grant: that the members of one workspace, the practice, may read a part of
//! another, the company, until a day. Both Owners gave it, each in their own
//! workspace, and each of the two judges its own side at every use.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::caller::SessionFacts;
use crate::id::WorkspaceId;
use crate::ports::Record;
use crate::road::SignedIn;

/// What a grant opens. It never writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum GrantScope {
    #[serde(rename = "books.read")]
    BooksRead,
}

impl GrantScope {
    pub const ALL: [Self; 1] = [Self::BooksRead];

    pub const fn name(self) -> &'static str {
        match self {
            Self::BooksRead => "books.read",
        }
    }

    /// The operations that it can hold at all, as a token's scope names them.
    pub const fn domain(self) -> &'static str {
        match self {
            Self::BooksRead => "books.*",
        }
    }

    /// What it lets somebody do, for pages and refusals.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::BooksRead => "Reads the books",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

impl fmt::Display for GrantScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A grant as the company has it, read in the transaction that acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    pub grant: String,
    /// The practice, as it calls itself.
    pub practice: String,
    pub scope: GrantScope,
    /// Either side has ended it.
    pub ended: bool,
    pub expired: bool,
    pub expires_at_ms: i64,
    /// They hold the data folder, and need no factor.
    pub at_the_server: bool,
}

impl Guest {
    pub const fn is_live(&self) -> bool {
        !self.ended && !self.expired
    }
}

/// What a company's own side says of a grant.
pub struct Given {
    pub scope: GrantScope,
    pub ended: bool,
    pub expires_at_ms: i64,
    /// Whether the company has policies of its own.
    pub guarded: bool,
}

/// What a practice's own side says of how it reaches a company.
pub struct Received {
    pub grant: String,
    /// Why not, if the practice has not accepted it or has given it back.
    pub closed: Option<String>,
}

/// A member of a practice, for whom the practice has vouched a moment ago: they
/// may use its grants, and it holds this one. Whether the grant holds is the
/// company's to say.
#[derive(Clone)]
pub struct Vouched {
    pub who: SignedIn,
    pub session: Option<SessionFacts>,
    pub at_the_server: bool,
    pub practice: WorkspaceId,
    pub practice_name: String,
    pub grant: String,
    /// The use as the practice's log is told of it, but for its end.
    pub(crate) used: Box<Record>,
}

impl Vouched {
    /// What the practice's log says of a use, once the company's log says so.
    pub fn record_of(&self, company: &str, told: &Record) -> Record {
        let after = serde_json::json!({ "company": company, "operation": told.operation });
        Record {
            outcome: told.outcome,
            reason: told.reason.clone(),
            required_roles: told.required_roles.clone(),
            after: Some(after.to_string()),
            ..(*self.used).clone()
        }
    }
}
