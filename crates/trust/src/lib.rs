//! Trust: what a workspace remembers of everything that was done in it, and the
//! proof that nothing of it was changed. The engine writes the log; here it is
//! read.

pub mod activity;
pub mod advisories;
pub mod exports;
pub mod log;
pub mod promises;
pub mod secrets;

use daybook_kernel::{Feature, Shows, Sight};

pub const FEATURES: &[Feature] = &[
    activity::FEATURE,
    advisories::FEATURE,
    exports::FEATURE,
    log::FEATURE,
    promises::FEATURE,
    secrets::FEATURE,
];

/// What is remembered is shown by who asks, not by what is assigned: an operation reads one's own
/// records, or is not for Members at all.
pub const SIGHTS: &[Sight] = &[
    open("promise_checks", "promises say nothing of the books"),
    open("carried_logs", "only who oversees reads them"),
    open("carried_log_lines", "only who oversees reads them"),
];

const fn open(table: &'static str, why: &'static str) -> Sight {
    Sight {
        table,
        shows: Shows::Everything(why),
    }
}
