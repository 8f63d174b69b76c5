//! What the tests stand on: an instance of Daybook in a folder that vanishes,
//! on either store, with a clock that is set and randomness from a seed; and
//! callers that go only through the doors that everybody has.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::format_push_string,
    clippy::return_self_not_must_use,
    reason = "a test that cannot go on says so by panicking"
)]

mod authenticator;
mod authority;
pub mod browser;
mod caller;
pub mod capture;
mod clock;
pub mod crash;
mod dice;
mod disk;
mod http;
mod instance;
mod letters;
pub mod lossy_disk;
mod postgres;
mod provider;
mod raw;
mod smtp;
pub mod tls;
mod totp;

pub use authenticator::Authenticator;
pub use authority::{Authority, Pair};
pub use caller::{Answer, Caller};
pub use clock::FakeClock;
pub use dice::Dice;
pub use disk::{files_holding, holds};
pub use http::{Request, Response};
pub use instance::{Instance, Options, PASSWORD, Product, Reached, SITE_ORIGIN};
pub use letters::{link_in, until};
pub use postgres::{Cluster, NetworkCluster};
pub use provider::{IdentityProvider, parameter};
pub use smtp::{Mail, Opening, Relayed};
pub use totp::totp;

/// Where a story runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Embedded,
    Postgres,
}

/// Tells a story twice, on the embedded store and on PostgreSQL.
pub fn for_both_stores(story: impl Fn(On)) {
    for on in [On::Embedded, On::Postgres] {
        let _named = SayWhere(on);
        story(on);
    }
}

struct SayWhere(On);

impl Drop for SayWhere {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("this was on {:?}", self.0);
        }
    }
}
