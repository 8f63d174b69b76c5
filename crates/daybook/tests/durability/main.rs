//! What was acknowledged stays, whatever ends: the process, the power, the disk's
//! room or its word. A program of its own, as it lays a disk that forgets below
//! every SQLite database of its process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test says what it means by panicking, and prints its seed"
)]

mod kill;
mod ledger;
mod power;
mod trouble;

/// The number that a variable of the environment holds, or this one.
fn asked(name: &str, otherwise: u64) -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a loop that is run longer, or again with its seed"
    )]
    let text = std::env::var(name).ok();
    text.map_or(otherwise, |text| text.trim().parse().expect("a number"))
}
