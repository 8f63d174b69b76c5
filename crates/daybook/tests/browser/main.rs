//! The stories of the pages, told in a real browser: what a person sees, types
//! and clicks, against the real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it means by panicking"
)]

mod address_change;
mod assignments;
mod downloads;
mod drill_down;
mod grants;
mod imports;
mod invitations;
mod keyboard;
mod known_devices;
mod lives;
mod member_alerts;
mod pages;
mod passkeys;
mod policies;
mod print;
mod providers;
mod scene;
mod scriptless;
mod second_factors;
mod sign_in;
mod templates;
mod undo;
