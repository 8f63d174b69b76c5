//! What an operation declares of itself. There is no `Default`: whoever writes
//! an operation answers every question here.

use serde::Serialize;

#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// `domain.verb_noun`, the one name on every surface.
    pub name: &'static str,
    /// One sentence, as help and as documentation.
    pub summary: &'static str,
    pub scope: Scope,
    pub rate: Rate,
    pub data: DataClass,
    pub step_up: StepUp,
    pub exposure: Exposure,
}

/// Where an operation acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Scope {
    /// Inside one business.
    Workspace,
    /// People, sessions and the directory of workspaces.
    Instance,
}

/// Which limit an operation counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Rate {
    /// Everyday work.
    Standard,
    /// Guessing a secret would come this way.
    Guess,
    /// Work measured in seconds: imports and exports.
    Heavy,
    /// Starts the work of a language model, which is paid by the piece. It counts
    /// as everyday work too.
    Generation,
}

/// The most sensitive thing that the input or the output holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum DataClass {
    Internal,
    Confidential,
    /// Secrets, and what would harm a person: each read is audited.
    Restricted,
}

/// Whether a fresh factor is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum StepUp {
    NotNeeded,
    Fresh,
}

/// Who reaches an operation at all, before any policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Exposure {
    /// Anybody who connects: the short list that a test prints.
    Public,
    /// People who have shown a password, even if they still owe the second factor.
    Halfway,
    /// People who are signed in, on every surface; not API tokens.
    Session,
    /// People and API tokens.
    SignedIn,
    /// People whom the workspace has invited, and who are no members of it yet.
    Invited,
    /// Only whoever holds the data folder, by the command line.
    Local,
}
