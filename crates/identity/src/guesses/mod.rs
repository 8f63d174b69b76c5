//! Guesses at passwords, counted in the store: exact over restarts and over
//! processes, and before anything is compared. A counter is a keyed hash of
//! what it counts, so that nobody reads from the store whose door was tried;
//! accounts that do not exist are counted like those that do.

mod counter;
mod spread;
mod waits;
mod window;

use daybook_kernel::{Error, Feature, Migration, Origin, Refusal, Scope, Write};

pub(crate) use counter::Counter;

use crate::alerts::{Alert, AlertKind, raise};
use crate::factors::{NoticeKind, is_noted, note_on_page};
use crate::people::{normalise, person};

/// Nobody mistypes so often.
const GUESSES_IN_A_ROW: i64 = 10;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

pub const FEATURE: Feature = Feature {
    name: "guesses",
    scope: Scope::Instance,
    operations: &[],
    pages: &[],
    migrations: &[
        Migration {
            number: 1,
            sql: include_str!("0001_guesses.sql"),
        },
        Migration {
            number: 2,
            sql: include_str!("0002_guesses.sql"),
        },
    ],
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
    if *origin == Origin::local() {
        return waits::charge(tx, &account).map(|_| ());
    }
    let network = network(origin);
    window::charge(tx, &network)?;
    window::charge(tx, &account)?;
    let failures = waits::charge(tx, &account)?;
    spread::note(tx, &network, &account, origin)?;
    if failures > GUESSES_IN_A_ROW {
        alarm(tx, email, origin)?;
    }
    Ok(())
}

/// Forgets the failures of an account, once its password was right or was
/// chosen anew by its owner.
pub(crate) fn clear_password(
    tx: &mut Write<'_>,
    email: &str,
    origin: Option<&Origin>,
) -> Result<(), Error> {
    let account = account(email);
    if let Some(origin) = origin {
        spread::clear(tx, &network(origin), &account)?;
    }
    waits::clear(tx, &account)
}

/// So many passwords of one account were wrong, whether or not it is there.
fn alarm(tx: &mut Write<'_>, email: &str, origin: &Origin) -> Result<(), Error> {
    let person = person(tx, email)?.map(|it| it.person);
    let alert = Alert {
        kind: AlertKind::PasswordGuessing,
        subject: &normalise(email),
        person,
        address: &origin.address,
    };
    raise(tx, &alert)?;
    let Some(person) = person else {
        return Ok(());
    };
    // No letter: an outsider could have one sent each day.
    let since_ms = tx.now().as_millisecond() - DAY_MS;
    if !is_noted(tx, person, NoticeKind::PasswordTries, since_ms)? {
        note_on_page(tx, person, NoticeKind::PasswordTries, &origin.address)?;
    }
    Ok(())
}

fn network(origin: &Origin) -> Counter {
    Counter::new("password.network", origin.network())
}

fn account(email: &str) -> Counter {
    Counter::new("password.account", normalise(email))
}

/// What refuses a try until then. The log is told of the first refusal of a wait: an
/// attacker must not fill it.
fn refuse(
    tx: &mut Write<'_>,
    counter: &Counter,
    until_ms: i64,
    why: &'static str,
) -> Result<Error, Error> {
    let now = tx.now().as_millisecond();
    if counter.tell_until(tx, until_ms)? {
        tx.record_refusal(why);
    }
    let wait_ms = (until_ms - now).max(0);
    let refusal = Refusal::TooMany {
        retry_after_seconds: u32::try_from((wait_ms + 999) / 1_000)
            .unwrap_or(u32::MAX)
            .max(1),
    };
    Ok(refusal.into())
}
