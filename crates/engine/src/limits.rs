//! How many requests a caller may make: a bucket a caller and rate class, in
//! memory. What must hold across restarts is counted in the store as well.

mod starts;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use daybook_kernel::{Clock, Error, PersonId, Rate, Refusal};
use governor::clock::{Clock as Ticks, DefaultClock, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use starts::Starts;
pub use starts::{SPAN_SECONDS, Start};

#[derive(Debug, Clone, Copy)]
pub struct Allowances {
    /// Everyday operations a second for one caller; the burst is the same.
    pub requests_per_second: NonZeroU32,
    /// Tries at a secret a minute from one address.
    pub guesses_per_minute: NonZeroU32,
    /// Imports and exports a minute for one caller.
    pub heavy_per_minute: NonZeroU32,
    /// Starts of a language model's work in five minutes for one person.
    pub generations_per_five_minutes: NonZeroU32,
}

impl Default for Allowances {
    fn default() -> Self {
        let or_one = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Self {
            requests_per_second: or_one(20),
            guesses_per_minute: or_one(10),
            heavy_per_minute: or_one(10),
            generations_per_five_minutes: or_one(5),
        }
    }
}

impl Allowances {
    /// A twentieth of a second's requests, and one at least: where many are
    /// allowed, two that come together are no burst.
    fn at_once_after_a_start(self) -> NonZeroU32 {
        NonZeroU32::new(self.requests_per_second.get() / 20).unwrap_or(NonZeroU32::MIN)
    }

    /// What the members of one workspace may ask a second, all together: as
    /// much as ten people at their limit.
    fn of_workspace(self) -> NonZeroU32 {
        const PEOPLE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
        self.requests_per_second.saturating_mul(PEOPLE)
    }
}

/// Whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// All sessions and tokens of one person, from wherever.
    Person(PersonId),
    /// Whoever is not known, by network.
    Network(String),
    /// Whoever holds the data folder.
    Local,
}

type Limiter<K, C> = RateLimiter<K, DashMapStateStore<K>, C, NoOpMiddleware<<C as Ticks>::Instant>>;

pub struct Limits {
    standard: Limiter<Bucket, DefaultClock>,
    /// The standard one with next to no burst, for the first second after a start:
    /// whoever had emptied a bucket does not find it full again.
    opening: Limiter<Bucket, DefaultClock>,
    workspace: Limiter<String, DefaultClock>,
    guess: Limiter<Bucket, Minutes>,
    heavy: Limiter<Bucket, Minutes>,
    starts: Starts,
    ticks: DefaultClock,
    started: <DefaultClock as Ticks>::Instant,
    minutes: Minutes,
}

/// A minute is told by the clock of the instance.
#[derive(Clone)]
struct Minutes(Arc<dyn Clock>);

impl Ticks for Minutes {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let ms = self.0.now().as_millisecond();
        Nanos::from(Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
    }
}

impl Limits {
    pub fn new(allowances: Allowances, clock: Arc<dyn Clock>) -> Self {
        let second = Quota::per_second(allowances.requests_per_second);
        let team = Quota::per_second(allowances.of_workspace());
        let (ticks, minutes) = (DefaultClock::default(), Minutes(Arc::clone(&clock)));
        Self {
            standard: RateLimiter::dashmap_with_clock(second, ticks.clone()),
            opening: RateLimiter::dashmap_with_clock(
                second.allow_burst(allowances.at_once_after_a_start()),
                ticks.clone(),
            ),
            workspace: RateLimiter::dashmap_with_clock(team, ticks.clone()),
            guess: RateLimiter::dashmap_with_clock(
                Quota::per_minute(allowances.guesses_per_minute),
                minutes.clone(),
            ),
            heavy: RateLimiter::dashmap_with_clock(
                Quota::per_minute(allowances.heavy_per_minute),
                minutes.clone(),
            ),
            starts: Starts::new(allowances.generations_per_five_minutes, clock),
            started: ticks.now(),
            ticks,
            minutes,
        }
    }

    /// Counts one request of this caller, in this workspace if it is a known
    /// caller's, or says how long to wait.
    pub fn count(&self, rate: Rate, caller: &Bucket, workspace: Option<&str>) -> Result<(), Error> {
        match rate {
            Rate::Standard | Rate::Generation => {
                // Whoever holds the data folder may start what they like.
                if *caller != Bucket::Local && self.is_opening() {
                    check(&self.opening, caller, &self.ticks)?;
                }
                check(&self.standard, caller, &self.ticks)?;
            }
            Rate::Guess => check(&self.guess, caller, &self.minutes)?,
            Rate::Heavy => check(&self.heavy, caller, &self.minutes)?,
        }
        match (caller, workspace) {
            // A stranger must not use up what the members have.
            (Bucket::Person(_), Some(workspace)) => {
                check(&self.workspace, &workspace.to_owned(), &self.ticks)
            }
            _ => Ok(()),
        }
    }

    /// Takes one of a caller's starts of a language model's work.
    pub fn start(&self, caller: Bucket) -> Result<Start, Error> {
        self.starts.take(caller)
    }

    /// What was not accepted was no start.
    pub fn give_back(&self, start: &Start) {
        self.starts.give_back(start);
    }

    fn is_opening(&self) -> bool {
        let passed = self.ticks.now().duration_since(self.started);
        passed < Nanos::from(Duration::from_secs(1))
    }

    /// Forgets callers whose buckets are full again.
    pub fn tidy(&self) {
        for limiter in [&self.standard, &self.opening] {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        for limiter in [&self.guess, &self.heavy] {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        self.workspace.retain_recent();
        self.workspace.shrink_to_fit();
        self.starts.tidy();
    }
}

fn check<K, C>(limiter: &Limiter<K, C>, key: &K, clock: &C) -> Result<(), Error>
where
    K: std::hash::Hash + Eq + Clone,
    C: Ticks,
{
    limiter.check_key(key).map_err(|wait| {
        let wait = wait.wait_time_from(clock.now());
        let seconds = wait.as_secs().saturating_add(1);
        let retry_after_seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        Refusal::TooMany {
            retry_after_seconds,
        }
        .into()
    })
}
