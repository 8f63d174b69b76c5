//! A clock that stands still until it is set.

use std::sync::atomic::{AtomicI64, Ordering};

use daybook_kernel::Clock;
use jiff::{SignedDuration, Timestamp};

pub struct FakeClock(AtomicI64);

impl FakeClock {
    pub fn at(instant: &str) -> Self {
        let instant: Timestamp = instant.parse().expect("an instant");
        Self(AtomicI64::new(instant.as_millisecond()))
    }

    pub fn set(&self, instant: &str) {
        let instant: Timestamp = instant.parse().expect("an instant");
        self.0.store(instant.as_millisecond(), Ordering::SeqCst);
    }

    pub fn advance(&self, by: SignedDuration) {
        let by = i64::try_from(by.as_millis()).expect("a short time");
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).expect("an instant")
    }
}
