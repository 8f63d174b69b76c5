//! How a workspace stands: whether it takes commands, and whether it is open at
//! all. The instance's directory says so; the road reads it with each question.

use crate::error::Refusal;
use crate::id::WorkspaceId;
use crate::operation::Operation;
use crate::time::day_of;

/// What is deleted can be taken back for this long.
pub const KEPT_DAYS: i64 = 7;
pub const KEPT_MS: i64 = KEPT_DAYS * 24 * 60 * 60 * 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    #[default]
    Active,
    /// It is read and exported, and takes no commands.
    Frozen,
    /// Closed for everyone, until its Owner takes it back or it is gone.
    Deleted { gone_at_ms: i64 },
    /// Closed for everyone, its Owner included, by whoever runs the instance.
    Locked,
}

/// The furthest standing in which a workspace still takes an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenWhile {
    /// A query goes on while the workspace is frozen; a command does not.
    Usual,
    /// Such as the command that ends it.
    Frozen,
    /// What takes a deletion back, and nothing else.
    Deleted,
}

/// What the directory says of a workspace beside where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Life {
    pub standing: Standing,
    /// Stored bytes that it may have; `None` is the instance's usual limit.
    pub bytes_max: Option<i64>,
    /// It is on its way to be erased, or is: it must not be opened again.
    pub is_ending: bool,
}

/// How much a workspace has stored, and how much it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    pub bytes_used: i64,
    /// `None` is no limit.
    pub bytes_max: Option<i64>,
}

/// The lives of all workspaces of which there is anything to say.
pub type Lives = Vec<(WorkspaceId, Life)>;

impl Standing {
    /// Nobody comes in, to read or otherwise.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Deleted { .. } | Self::Locked)
    }

    pub fn takes(self, operation: &Operation) -> bool {
        match self {
            _ if !operation.in_workspace() => true,
            Self::Active => true,
            Self::Frozen => !operation.stops_while_frozen(),
            Self::Deleted { .. } => !operation.stops_while_deleted(),
            Self::Locked => false,
        }
    }

    /// What whoever is known there is told.
    pub fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Active => None,
            Self::Frozen => Some(Refusal::Conflict(
                "This workspace is frozen: it can be read and exported, and nothing in it changes \
                 until its Owner ends that."
                    .to_owned(),
            )),
            Self::Deleted { gone_at_ms } => Some(Refusal::Forbidden(format!(
                "This workspace is deleted and will be gone on {}. Until then its Owner can take \
                 it back.",
                day_of(gone_at_ms)
            ))),
            Self::Locked => Some(Refusal::Forbidden(
                "This workspace is locked by whoever runs this instance. Ask them.".to_owned(),
            )),
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Frozen => "frozen",
            Self::Deleted { .. } => "deleted",
            Self::Locked => "locked",
        }
    }
}

impl Usage {
    pub fn is_beyond(self, bytes: i64) -> bool {
        self.bytes_max.is_some_and(|max| bytes > max)
    }
}
