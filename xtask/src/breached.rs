//! The list of passwords that attackers try first, made of a file of words: every stem with every
//! ending, written in three ways. What is kept is the first six bytes of each SHA-1, in order.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

/// The words, and what is made of them.
pub const WORDS: &str = "crates/engine/src/breached/words.txt";
pub const LIST: &str = "crates/engine/src/breached/common.bin";

/// Shorter ones are refused for their length.
const CHARACTERS_MIN: usize = 12;
const PREFIX_BYTES: usize = 6;

/// The list made of these words: a line a stem, a line that begins with `+` an ending.
pub fn list(words: &str) -> Vec<u8> {
    let lines = || {
        let lines = words.lines().map(str::trim_end);
        lines.filter(|line| !line.is_empty() && !line.starts_with("# "))
    };
    let endings: Vec<&str> = [""]
        .into_iter()
        .chain(lines().filter_map(|line| line.strip_prefix('+')))
        .collect();
    let mut found = BTreeSet::new();
    for stem in lines().filter(|line| !line.starts_with('+')) {
        for written in [stem.to_owned(), capitalised(stem), stem.to_uppercase()] {
            for ending in &endings {
                let password = format!("{written}{ending}");
                if password.chars().count() >= CHARACTERS_MIN {
                    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
                    found.insert(hash.as_ref()[..PREFIX_BYTES].to_vec());
                }
            }
        }
    }
    found.into_iter().flatten().collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_take_endings_and_short_ones_are_left_out() {
        let made = list("# a remark\npassword\nlet\n+1234\n+\n");
        assert_eq!(made.len(), 3 * PREFIX_BYTES, "password1234 in three ways");
        let one = digest(&SHA1_FOR_LEGACY_USE_ONLY, b"Password1234");
        assert!(
            made.chunks(PREFIX_BYTES)
                .any(|it| it == &one.as_ref()[..PREFIX_BYTES])
        );
    }

    #[test]
    fn the_list_in_the_tree_is_made_of_the_words_in_the_tree() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let words = std::fs::read_to_string(root.join(WORDS)).expect("the words");
        let kept = std::fs::read(root.join(LIST)).expect("the list");
        assert!(list(&words) == kept, "run cargo xtask breached");
    }
}
