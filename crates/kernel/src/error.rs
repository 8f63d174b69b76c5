//! An error is one of three: a fault that the caller can mend, a refusal, or
//! our own. Faults name the field and say what to do; refusals say no more than
//! the caller may know; ours are logged once and shown as a reference.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::caller::Role;

/// At most this many faults are told at once: more would not be read.
pub const FAULTS_MAX: usize = 1_000;

/// Something in the input that the caller can mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fault {
    /// The field (`lines[1].amount`) or the place in a file (`2026.journal:12`).
    pub field: String,
    /// What is wrong and what to do, as a sentence.
    pub message: String,
}

/// The faults of one input, in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

/// Why something is not done for this caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody is signed in: 401.
    Unauthenticated,
    /// The password was right, and the second factor is owed: 401.
    SecondFactorDue,
    /// Allowed to this role, once a factor is shown again: 403.
    StepUpRequired,
    /// Signed in, and not allowed: 403. The sentence says who may.
    Forbidden(String),
    /// This role would do, and nothing less: 403. Said by the work itself, where the
    /// input alone shows it.
    RoleLacking(Role, String),
    /// Allowed, and barred by a policy of the workspace's own that one can meet: 403.
    Demanded(Demand, String),
    /// Not there, or not to be known of: 404, the same bytes for both.
    NotFound,
    /// Too many at once: 429, with the seconds to wait.
    TooMany { retry_after_seconds: u32 },
    /// Not now, as the state of the books forbids it: 409.
    Conflict(String),
    /// The workspace has as much stored as it may: 507.
    Full(String),
    /// More work of one kind than fits waits already: 503, with the seconds to wait.
    Busy { retry_after_seconds: u32 },
    /// The store is full or going down: 503.
    Unavailable(String),
}

/// What a workspace's own policy asks for, where whoever it bars can bring it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    SecondFactor,
    /// A device that the workspace knows.
    Device,
    /// A factor once more: the last was shown too long ago, or the session was
    /// left alone since.
    Proof,
}

#[derive(Debug, Clone)]
pub enum Error {
    Faults(Faults),
    Refused(Refusal),
    /// Our fault: what happened, with its causes, for the log.
    Ours(String),
    /// A database that is damaged or gone: 503. The same, and whoever works in it
    /// is told, as only restoring it helps.
    Damaged(String),
}

impl Faults {
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        if self.0.len() < FAULTS_MAX {
            self.0.push(Fault {
                field: field.into(),
                message: message.into(),
            });
        }
    }

    pub fn one(field: impl Into<String>, message: impl Into<String>) -> Self {
        let mut faults = Self::default();
        faults.add(field, message);
        faults
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }

    /// Nothing, or these faults as an error.
    pub fn into_result(self) -> Result<(), Error> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Error::Faults(self))
        }
    }

    /// A text that must be there and must not be longer than the column takes.
    pub fn text(&mut self, field: &str, value: &str, length_max: usize) {
        if value.trim().is_empty() {
            self.add(field, "This is empty. Fill it in.");
        }
        self.length(field, value, length_max);
    }

    /// A text that may be left out.
    pub fn length(&mut self, field: &str, value: &str, length_max: usize) {
        let length = value.chars().count();
        if length > length_max {
            self.add(
                field,
                format!("This has {length} characters; at most {length_max} fit. Shorten it."),
            );
        }
    }
}

impl Error {
    pub fn fault(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Faults(Faults::one(field, message))
    }

    pub fn ours(what: impl fmt::Display) -> Self {
        Self::Ours(what.to_string())
    }

    pub fn conflict(why: impl Into<String>) -> Self {
        Self::Refused(Refusal::Conflict(why.into()))
    }

    pub const fn not_found() -> Self {
        Self::Refused(Refusal::NotFound)
    }
}

impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        Self::Faults(faults)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthenticated => f.write_str("Sign in first."),
            Self::SecondFactorDue => f.write_str("Show your second factor first."),
            Self::StepUpRequired => f.write_str(
                "This needs a fresh proof that it is you. Confirm it and send it again.",
            ),
            Self::Busy {
                retry_after_seconds,
            } => {
                write!(f, "Busy. Try again in {retry_after_seconds} s.")
            }
            Self::Forbidden(why)
            | Self::RoleLacking(_, why)
            | Self::Demanded(_, why)
            | Self::Conflict(why)
            | Self::Full(why)
            | Self::Unavailable(why) => f.write_str(why),
            Self::NotFound => f.write_str("There is nothing here that you can see."),
            Self::TooMany {
                retry_after_seconds,
            } => {
                write!(
                    f,
                    "Too many requests. Try again in {retry_after_seconds} s."
                )
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faults(faults) => {
                for (index, fault) in faults.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "\n" };
                    write!(f, "{separator}{}: {}", fault.field, fault.message)?;
                }
                Ok(())
            }
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Ours(_) => f.write_str("Something failed on our side. Nothing was changed."),
            Self::Damaged(_) => f.write_str(
                "The database of this workspace cannot be opened: it is damaged or gone. Whoever \
                 runs this instance finds the cause in its log, and can restore the workspace.",
            ),
        }
    }
}

impl std::error::Error for Error {}
