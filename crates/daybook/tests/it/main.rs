//! The stories: what Daybook promises, told through its public doors, on both
//! stores. The names of the tests are named by the files of `promises/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a test says what it means by panicking"
)]

mod activity;
mod api;
mod balances;
mod books;
mod carry;
mod compile;
mod forgery;
mod isolation;
mod logs;
mod policies;
mod proofs;
mod random;
mod records;
mod registry;
mod roles;
mod scene;
mod secrets;
mod stores;
mod strangers;
