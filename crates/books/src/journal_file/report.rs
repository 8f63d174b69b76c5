//! Collects what is to be said about a journal while it is read.

use super::model::{Fault, Ignored, Journal, Place};

/// Faults listed at most: more help nobody, and a file of another kind has one a line.
pub const FAULTS_MAX: usize = 1_000;

/// What was ignored, listed at most.
const IGNORED_MAX: usize = 10_000;

impl Journal {
    pub(super) fn fault(&mut self, place: Place, reason: impl Into<String>) {
        if self.faults.len() >= FAULTS_MAX {
            return;
        }
        let reason = if self.faults.len() + 1 == FAULTS_MAX {
            format!("There are {FAULTS_MAX} faults or more; this and later ones are not listed.")
        } else {
            reason.into()
        };
        self.faults.push(Fault { place, reason });
    }

    pub(super) fn warn(&mut self, place: Place, reason: impl Into<String>) {
        if self.warnings.len() < FAULTS_MAX {
            self.warnings.push(Fault {
                place,
                reason: reason.into(),
            });
        }
    }

    pub(super) fn ignore(&mut self, place: Place, directive: &str, why: &'static str) {
        if self.ignored.len() < IGNORED_MAX {
            self.ignored.push(Ignored {
                place,
                directive: directive.to_owned(),
                why,
            });
        }
    }
}
