//! What the program and its tests share: the list of features and the wiring.

pub mod features;
