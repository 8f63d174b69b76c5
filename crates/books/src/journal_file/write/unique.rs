//! Gives every name a spelling that the target allows, and no two the same.

use std::collections::{HashMap, HashSet};

#[derive(Debug, Default)]
pub(super) struct Spellings {
    by_name: HashMap<String, String>,
    used: HashSet<String>,
}

impl Spellings {
    /// Spells all names. Those that may stay as they are come first, so that a name is
    /// never displaced by another that is only like it once spelled.
    pub fn of<'n>(
        names: impl Iterator<Item = &'n str> + Clone,
        length_max: usize,
        spell: impl Fn(&str) -> String,
    ) -> Self {
        let mut spellings = Self::default();
        for keep in [true, false] {
            for name in names.clone() {
                if spellings.by_name.contains_key(name) {
                    continue;
                }
                let wanted = spell(name);
                if (wanted == name) == keep {
                    let spelling = spellings.free(wanted, length_max);
                    spellings.used.insert(spelling.clone());
                    spellings.by_name.insert(name.to_owned(), spelling);
                }
            }
        }
        spellings
    }

    pub fn get<'s>(&'s self, name: &'s str) -> &'s str {
        self.by_name.get(name).map_or(name, String::as_str)
    }

    fn free(&self, wanted: String, length_max: usize) -> String {
        let mut spelling = wanted.clone();
        let mut count = 2u32;
        while self.used.contains(&spelling) {
            let ending = format!("-{count}");
            let kept: String = wanted
                .chars()
                .take(length_max.saturating_sub(ending.len()))
                .collect();
            spelling = kept + &ending;
            count += 1;
        }
        spelling
    }
}
