//! The house rules of `docs` and `STYLE`: each is a function from the tree to findings.

pub mod arrows;
pub mod dependencies;
pub mod documents;
pub mod features;
pub mod lengths;
pub mod production;
pub mod sql;
pub mod words;

use crate::{Finding, Tree};

/// Where the code of a domain lies: it knows `kernel`, `ui` and other domains, and nothing below.
pub const DOMAINS: [&str; 9] = [
    "identity",
    "team",
    "books",
    "clients",
    "files",
    "messages",
    "bookings",
    "assistants",
    "trust",
];

pub fn is_domain(path: &str) -> bool {
    DOMAINS
        .iter()
        .any(|domain| path.starts_with(&format!("crates/{domain}/")))
}

/// Every rule over the text of the tree. The rules over cargo's own account of the workspace are in
/// [`arrows`] and [`features`], which need that account.
pub fn all(tree: &Tree) -> Vec<Finding> {
    [
        lengths::check,
        documents::check,
        dependencies::check,
        production::check,
        sql::check,
        words::check,
    ]
    .into_iter()
    .flat_map(|rule: fn(&Tree) -> Vec<Finding>| rule(tree))
    .collect()
}
