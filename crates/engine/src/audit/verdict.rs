//! What a verification says, in words.

use std::fmt;

/// The outcome of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The number of the last record.
    pub records: u64,
    /// How many of them have lost their content.
    pub erased: u64,
    /// The size that the log's own checkpoint signs, if its signature holds.
    pub signed: Option<u64>,
    /// The largest size that a witness has seen.
    pub witnessed: Option<u64>,
    /// The first thing that is wrong.
    pub finding: Option<Finding>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub place: Place,
    pub damage: Damage,
    /// An earlier record may be bad as well, from this one on: nothing signed
    /// vouches for those between.
    pub doubt_from: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Record(i64),
    /// No more can be known than that no record before this one is bad.
    AtOrAfter(i64),
    /// No record, but what is kept about them.
    Log,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// The record is not what its hashes say.
    Edited,
    Missing,
    /// Here stands what was logged under another number.
    OutOfOrder {
        logged_as: i64,
    },
    /// No checkpoint covers it, so Daybook did not write it.
    Added,
    /// The log's own checkpoint covers more records than there are.
    Truncated {
        signed: u64,
    },
    /// The witness has seen more records than there are.
    RolledBack {
        witnessed: u64,
    },
    /// The hashes agree among themselves and not with what was signed.
    Rewritten,
    /// The records are whole; the stored tree above them is not.
    Tiles,
    /// The head is not there, not signed by this log's key, or disagrees with
    /// its signature.
    Head,
}

impl Verdict {
    pub const fn is_whole(&self) -> bool {
        self.finding.is_none()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(finding) = &self.finding {
            return finding.fmt(f);
        }
        let records = self.records;
        match records {
            0 => f.write_str("The log is empty.")?,
            1 => f.write_str("The one record is whole.")?,
            _ => write!(f, "All {records} records are whole and in order.")?,
        }
        if self.erased > 0 {
            write!(f, " The content of {} was erased.", self.erased)?;
        }
        match self.witnessed {
            Some(size) if size > 0 => write!(f, " The witness agrees up to record {size}."),
            _ => f.write_str(
                " No witness was asked: a log cut back to an older state would look the same.",
            ),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Record(seq) => write!(f, "Record {seq}")?,
            Place::AtOrAfter(seq) => write!(f, "At or after record {seq}, the log")?,
            Place::Log => f.write_str("The log")?,
        }
        match &self.damage {
            Damage::Edited => f.write_str(" was edited: it is not what its hashes say."),
            Damage::Missing => f.write_str(" is missing."),
            Damage::OutOfOrder { logged_as } => {
                write!(f, " is out of order: what stands there was logged as record {logged_as}.")
            }
            Damage::Added => f.write_str(" was added outside Daybook: no checkpoint covers it."),
            Damage::Truncated { signed } => {
                write!(f, " is missing and all after it: the log was truncated. Its checkpoint signs {signed} records.")
            }
            Damage::RolledBack { witnessed } => {
                write!(f, " is missing and all after it: the log was rolled back or truncated. Its witness has seen {witnessed} records.")
            }
            Damage::Rewritten => {
                f.write_str(" was rewritten: its hashes agree among themselves, but not with what was signed.")
            }
            Damage::Tiles => f.write_str(" has damaged tiles; the records themselves are whole. Proofs cannot be made from them."),
            Damage::Head => f.write_str(" has a head that this log's key did not sign so. Nothing signed vouches for what follows."),
        }?;
        match self.doubt_from {
            Some(from) => write!(
                f,
                " Nothing signed vouches for the records from {from} on, so an earlier one may be bad too."
            ),
            None => Ok(()),
        }
    }
}
