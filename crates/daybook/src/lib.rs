//! What the program and its tests share: the list of features and the wiring.

pub mod exported;
pub mod features;
pub mod restoring;
