//! How much a database has stored, as its desk knows it: an embedded one tells
//! at the end of each batch, `PostgreSQL` is asked now and then.

use std::sync::atomic::{AtomicI64, Ordering};

use daybook_kernel::transaction::Surroundings;

use crate::store::Database;

/// Where somebody writes, `PostgreSQL` is asked this often, for the limit and for
/// the page that shows it.
const LIMITED_EVERY_MS: i64 = 5_000;
const SHOWN_EVERY_MS: i64 = 60_000;
/// And before each batch when the limit is as near as this.
const NEAR_BYTES: i64 = 8 << 20;

pub struct Stored {
    bytes: AtomicI64,
    measured_at_ms: AtomicI64,
}

impl Stored {
    pub const fn new(bytes: i64) -> Self {
        Self {
            bytes: AtomicI64::new(bytes),
            measured_at_ms: AtomicI64::new(0),
        }
    }

    pub fn bytes(&self) -> i64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub fn note(&self, bytes: i64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    /// Before a batch: asks, where it is time to.
    pub fn measure_if_due(&self, database: &Database, around: &Surroundings<'_>) {
        let (usage, now_ms) = (around.usage, around.now.as_millisecond());
        if database.is_embedded() {
            return;
        }
        let every_ms = usage.bytes_max.map_or(SHOWN_EVERY_MS, |_| LIMITED_EVERY_MS);
        let age_ms = now_ms - self.measured_at_ms.load(Ordering::Relaxed);
        let is_near = usage.is_beyond(usage.bytes_used.saturating_add(NEAR_BYTES));
        if (0..every_ms).contains(&age_ms) && !is_near {
            return;
        }
        match database.measure() {
            Ok(bytes) => {
                self.note(bytes);
                self.measured_at_ms.store(now_ms, Ordering::Relaxed);
            }
            // What was known goes on to count.
            Err(error) => tracing::error!(error = ?error, "a workspace could not be measured"),
        }
    }
}
