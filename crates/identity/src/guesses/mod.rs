//! Guesses at passwords, counted in the store: exact over restarts and over
//! processes, and before anything is compared. A counter is a keyed hash of
//! what it counts, so that nobody reads from the store whose door was tried;
//! accounts that do not exist are counted like those that do.

mod counter;
mod waits;
mod window;

use daybook_kernel::{Error, Feature, Migration, Origin, Refusal, Scope, Write};

pub(crate) use counter::Counter;

use crate::people::normalise;

pub const FEATURE: Feature = Feature {
    name: "guesses",
    scope: Scope::Instance,
    operations: &[],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_guesses.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: "",
    deliveries: &[],
};

/// Counts a try at the password of an account, from somewhere, or refuses it.
pub(crate) fn charge_password(
    tx: &mut Write<'_>,
    email: &str,
    origin: &Origin,
) -> Result<(), Error> {
    let account = account(email);
    // Whoever holds the data folder need not guess.
    if *origin != Origin::local() {
        let network = Counter::new("password.network", origin.network());
        window::charge(tx, &network)?;
        window::charge(tx, &account)?;
    }
    waits::charge(tx, &account)
}

/// Forgets the failures of an account, once its password was right or was
/// chosen anew by its owner.
pub(crate) fn clear_password(tx: &mut Write<'_>, email: &str) -> Result<(), Error> {
    waits::clear(tx, &account(email))
}

fn account(email: &str) -> Counter {
    Counter::new("password.account", normalise(email))
}

/// Refuses a try until then. The log is told of the first refusal of a wait: an
/// attacker must not fill it.
fn refuse(
    tx: &mut Write<'_>,
    counter: &Counter,
    until_ms: i64,
    why: &'static str,
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    if counter.tell_until(tx, until_ms)? {
        tx.record_refusal(why);
    }
    let wait_ms = (until_ms - now).max(0);
    Err(Refusal::TooMany {
        retry_after_seconds: u32::try_from((wait_ms + 999) / 1_000)
            .unwrap_or(u32::MAX)
            .max(1),
    }
    .into())
}
