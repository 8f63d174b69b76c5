//! How often somebody may start work that is paid by the piece, as a language
//! model's is: so many in any five minutes, of which only what was accepted
//! counts. Kept in memory; a restart forgets it.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use daybook_kernel::{Clock, Error, Refusal};

use super::Bucket;
use crate::store::lock;

/// The span in which starts are counted.
pub const SPAN_SECONDS: u32 = 5 * 60;

pub struct Starts {
    most: NonZeroU32,
    clock: Arc<dyn Clock>,
    /// When each caller's latest began, in Unix milliseconds.
    begun: Mutex<HashMap<Bucket, VecDeque<i64>>>,
}

/// One start that was taken; it comes back by [`Starts::give_back`].
pub struct Start {
    caller: Bucket,
    at_ms: i64,
}

impl Starts {
    pub fn new(most: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        Self {
            most,
            clock,
            begun: Mutex::default(),
        }
    }

    /// Takes one of the caller's, or says how long to wait.
    pub fn take(&self, caller: Bucket) -> Result<Start, Error> {
        let now = self.clock.now().as_millisecond();
        let mut begun = lock(&self.begun);
        let times = begun.entry(caller.clone()).or_default();
        forget(times, now);
        let full = times.len() >= usize::try_from(self.most.get()).unwrap_or(usize::MAX);
        if let Some(first) = times.front().filter(|_| full) {
            let wait_ms = first + i64::from(SPAN_SECONDS) * 1_000 - now;
            let seconds = wait_ms.div_euclid(1_000).saturating_add(1);
            return Err(Refusal::TooMany {
                retry_after_seconds: u32::try_from(seconds).unwrap_or(SPAN_SECONDS),
            }
            .into());
        }
        times.push_back(now);
        Ok(Start { caller, at_ms: now })
    }

    /// What was taken and then not accepted does not count.
    pub fn give_back(&self, start: &Start) {
        let mut begun = lock(&self.begun);
        if let Some(times) = begun.get_mut(&start.caller)
            && let Some(place) = times.iter().position(|at| *at == start.at_ms)
        {
            times.remove(place);
        }
    }

    /// Forgets callers who have started nothing for a while.
    pub fn tidy(&self) {
        let now = self.clock.now().as_millisecond();
        lock(&self.begun).retain(|_, times| {
            forget(times, now);
            !times.is_empty()
        });
    }
}

fn forget(times: &mut VecDeque<i64>, now: i64) {
    while times
        .front()
        .is_some_and(|at| now - at >= i64::from(SPAN_SECONDS) * 1_000)
    {
        times.pop_front();
    }
}
