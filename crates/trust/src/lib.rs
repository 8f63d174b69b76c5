//! Trust: what a workspace remembers of everything that was done in it, and the
//! proof that nothing of it was changed. The engine writes the log; here it is
//! read.

pub mod activity;
pub mod advisories;
pub mod exports;
pub mod log;
pub mod promises;
pub mod secrets;

use daybook_kernel::Feature;

pub const FEATURES: &[Feature] = &[
    activity::FEATURE,
    advisories::FEATURE,
    exports::FEATURE,
    log::FEATURE,
    promises::FEATURE,
    secrets::FEATURE,
];
