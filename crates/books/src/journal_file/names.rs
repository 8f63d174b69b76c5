//! Keeps each account, commodity and file name once, however often it is written.

use std::collections::HashSet;

use super::model::Name;

#[derive(Debug, Default)]
pub(super) struct Names(HashSet<Name>);

/// Commodities in one journal at most: more than any portfolio holds, and totals by
/// commodity are lists that are searched.
pub(super) const COMMODITIES_MAX: usize = 2_000;

impl Names {
    /// The name, unless it would be one too many.
    pub fn get_within(&mut self, text: &str, count_max: usize) -> Option<Name> {
        if self.0.len() >= count_max && !self.0.contains(text) {
            return None;
        }
        Some(self.get(text))
    }

    pub fn get(&mut self, text: &str) -> Name {
        if let Some(name) = self.0.get(text) {
            return name.clone();
        }
        let name = Name::from(text);
        self.0.insert(name.clone());
        name
    }
}
