//! The upright axis: from values to pixels, with ticks on round numbers.

use super::{PLOT_HEIGHT, TOP};
use crate::money::grouped;

/// How many spaces between ticks are aimed at.
const SPACES: f64 = 4.0;

/// A value on the axis and how it is written.
pub struct Tick {
    pub value: f64,
    pub label: String,
}

/// The axis; it always holds nought, because a column without its foot deceives.
pub struct Scale {
    low: f64,
    high: f64,
    pub ticks: Vec<Tick>,
}

impl Scale {
    pub fn over(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let high = if high > low { high } else { low + 1.0 };
        let step = nice_step((high - low) / SPACES);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let mut ticks = Vec::new();
        let mut at = first;
        while at <= last {
            let value = at * step;
            ticks.push(Tick {
                value,
                label: label(value, step),
            });
            at += 1.0;
        }
        Self {
            low: first * step,
            high: last * step,
            ticks,
        }
    }

    /// Pixels from the top of the drawing.
    pub fn y(&self, value: f64) -> f64 {
        TOP + (self.high - value) / (self.high - self.low) * PLOT_HEIGHT
    }
}

/// The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `raw`.
fn nice_step(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.log10().floor());
    let nice = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|nice| nice * power >= raw * 0.999_999);
    nice.unwrap_or(10.0) * power
}

/// Thousands and millions are shortened, because an axis is read and not copied.
fn label(value: f64, step: f64) -> String {
    let (divisor, letter) = match step {
        step if step >= 250_000.0 => (1e6, "m"),
        step if step >= 250.0 => (1e3, "k"),
        _ => (1.0, ""),
    };
    if value == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{:.2}", value / divisor);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{}{letter}", grouped(text))
}

/// A count as a floating number; more than four thousand million things are never drawn.
pub fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn labels(values: &[f64]) -> Vec<String> {
        let scale = Scale::over(values.iter().copied());
        scale.ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_and_hold_nought() {
        assert_eq!(labels(&[3.0, 9.5]), ["0", "2.5", "5", "7.5", "10"]);
        assert_eq!(labels(&[41_234.0]), ["0", "20k", "40k", "60k"]);
        assert_eq!(
            labels(&[-900.0, 2_100.0]),
            ["\u{2212}1k", "0", "1k", "2k", "3k"]
        );
        assert_eq!(labels(&[]), ["0", "0.25", "0.5", "0.75", "1"]);
        assert_eq!(labels(&[3_900_000.0]), ["0", "1m", "2m", "3m", "4m"]);
    }

    #[test]
    fn greater_is_higher() {
        let scale = Scale::over([-5.0, 10.0].into_iter());
        assert!(scale.y(10.0) < scale.y(0.0) && scale.y(0.0) < scale.y(-5.0));
        assert!((scale.y(scale.low) - TOP - PLOT_HEIGHT).abs() < 1e-9);
    }
}
