//! The one place that reads the clock, and the one place that waits for time to pass.

use std::time::{Duration, Instant};

#[expect(
    clippy::disallowed_methods,
    reason = "a bench measures, and nothing depends on what it reads"
)]
pub fn now() -> Instant {
    Instant::now()
}

/// Runs something and answers how long it took.
pub fn time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = now();
    let done = work();
    (done, start.elapsed())
}

#[expect(
    clippy::disallowed_methods,
    reason = "an idle server is what is measured, and a starting one is waited for"
)]
pub fn idle(duration: Duration) {
    std::thread::sleep(duration);
}

/// The value below which this share of the samples lies; the samples are sorted by it.
pub fn quantile(samples: &mut [Duration], share: f64) -> Duration {
    samples.sort_unstable();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among some thousand samples"
    )]
    let at = ((samples.len().saturating_sub(1)) as f64 * share).round() as usize;
    samples.get(at).copied().unwrap_or_default()
}

/// The middle of some measurements.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
