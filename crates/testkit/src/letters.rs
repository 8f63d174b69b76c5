//! The letters of an instance, as its operator sees them: what has not left can
//! be printed, with the link in it.

use daybook_engine::Engine;
use serde_json::{Value, json};

use crate::Instance;

/// What a workspace and the instance tell each other arrives once the answer has
/// gone, so it is waited for: so many questions take longer than any delivery.
const QUESTIONS_MAX: usize = 20_000;

impl Instance {
    /// Every letter, the newest first.
    pub fn letters(&self) -> Vec<Value> {
        let listed = self.operator().ok("identity.list_mails", json!({}));
        listed["mails"].as_array().expect("mails").clone()
    }

    /// The letters to this address, the newest first, once there are so many.
    #[track_caller]
    pub fn letters_to(&self, to: &str, count: usize) -> Vec<Value> {
        let mut found = Vec::new();
        until(&format!("{to} has {count} letters"), || {
            found = self.letters();
            found.retain(|letter| letter["to"] == to);
            found.len() >= count
        });
        found
    }

    /// What the newest of so many letters to this address says.
    #[track_caller]
    pub fn letter(&self, to: &str, count: usize) -> String {
        let letters = self.letters_to(to, count);
        let printed = self
            .operator()
            .ok("identity.print_mail", json!({"id": letters[0]["id"]}));
        printed["text"].as_str().expect("a text").to_owned()
    }

    /// The token at the end of the link in the newest of so many letters.
    #[track_caller]
    pub fn link(&self, to: &str, count: usize) -> String {
        link_in(&self.letter(to, count))
    }

    /// Another process on the same PostgreSQL database.
    pub fn another_process(&self) -> Engine {
        let settings = self.settings();
        let doors = self.doors();
        let product = self.product();
        let engine = Engine::open(settings, product.features, product.directory, doors);
        engine.expect("an engine")
    }
}

/// Asks until it is so.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..QUESTIONS_MAX {
        if is_so() {
            return;
        }
        std::thread::yield_now();
    }
    panic!("it never was so that {what}");
}

/// The token at the end of the one link with a token in a text.
#[track_caller]
pub fn link_in(text: &str) -> String {
    let words = text.split_whitespace();
    let link = words
        .filter(|word| word.starts_with(crate::SITE_ORIGIN))
        .find_map(|word| word.rsplit('/').next().filter(|end| end.len() == 64));
    link.unwrap_or_else(|| panic!("no link in: {text}"))
        .to_owned()
}
