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

mod access_policies;
mod activity;
mod address_change;
mod advisories;
mod alerts;
mod api;
mod arrivals;
mod assignments;
mod balances;
mod batches;
mod beside;
mod books;
mod carry;
mod compile;
mod confinement;
mod credentials;
mod edge;
mod entry_templates;
mod factors;
mod forgery;
mod generation;
mod grants;
mod guessing;
mod invitations;
mod isolation;
mod journals;
mod known_devices;
mod listeners;
mod lives;
mod logs;
mod lost_factors;
mod mail;
mod member_alerts;
mod members;
mod neighbours;
mod oidc;
mod passwords;
mod policies;
mod proofs;
mod provider_invitations;
mod random;
mod reader;
mod records;
mod registry;
mod replay;
mod reset;
mod restoring;
mod restricted;
mod retention;
mod roles;
mod scene;
mod schema;
mod second_factors;
mod secrets;
mod sessions;
mod step_up;
mod stores;
mod strangers;
mod wire;
