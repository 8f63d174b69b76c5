//! How many requests a caller may make: a bucket a caller and rate class, in
//! memory. What must hold across restarts is counted in the store as well.

use std::num::NonZeroU32;

use daybook_kernel::{Error, Rate, Refusal};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

#[derive(Debug, Clone, Copy)]
pub struct Allowances {
    /// Everyday operations a second for one caller; the burst is the same.
    pub requests_per_second: NonZeroU32,
    /// Tries at a secret a minute from one address.
    pub guesses_per_minute: NonZeroU32,
    /// Imports and exports a minute for one caller.
    pub heavy_per_minute: NonZeroU32,
}

impl Default for Allowances {
    fn default() -> Self {
        let or_one = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Self {
            requests_per_second: or_one(20),
            guesses_per_minute: or_one(10),
            heavy_per_minute: or_one(10),
        }
    }
}

pub struct Limits {
    standard: DefaultKeyedRateLimiter<String>,
    guess: DefaultKeyedRateLimiter<String>,
    heavy: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl Limits {
    pub fn new(allowances: Allowances) -> Self {
        let second = Quota::per_second(allowances.requests_per_second);
        Self {
            standard: DefaultKeyedRateLimiter::keyed(second),
            guess: DefaultKeyedRateLimiter::keyed(Quota::per_minute(allowances.guesses_per_minute)),
            heavy: DefaultKeyedRateLimiter::keyed(Quota::per_minute(allowances.heavy_per_minute)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts one request of this caller, or says how long to wait.
    pub fn count(&self, rate: Rate, caller: &str) -> Result<(), Error> {
        let limiter = match rate {
            Rate::Standard => &self.standard,
            Rate::Guess => &self.guess,
            Rate::Heavy => &self.heavy,
        };
        limiter.check_key(&caller.to_owned()).map_err(|wait| {
            let wait = wait.wait_time_from(self.clock.now());
            let seconds = wait.as_secs().saturating_add(1);
            let retry_after_seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
            Refusal::TooMany {
                retry_after_seconds,
            }
            .into()
        })
    }

    /// Forgets callers whose buckets are full again.
    pub fn tidy(&self) {
        for limiter in [&self.standard, &self.guess, &self.heavy] {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}
