//! Statements that are made of the store's own table names. The door takes texts
//! that live as long as the program, so each is made once and kept: there are as
//! many as tables times a few, whatever is carried.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

use crate::store::lock;

static KEPT: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

/// The text, for as long as the program lives.
pub(super) fn keep(text: String) -> &'static str {
    let mut kept = lock(&KEPT);
    if let Some(found) = kept.get(text.as_str()) {
        return found;
    }
    let text: &'static str = Box::leak(text.into_boxed_str());
    kept.insert(text);
    text
}
