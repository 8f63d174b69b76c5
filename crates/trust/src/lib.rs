//! Trust: what a workspace remembers of everything that was done in it, and the
//! proof that nothing of it was changed. The engine writes the log; here it is
//! read.

pub mod activity;
pub mod log;

use daybook_kernel::Feature;

pub const FEATURES: &[Feature] = &[activity::FEATURE, log::FEATURE];
