//! The house rules of Daybook, as functions over the text of the tree.
//!
//! Each rule takes what it reads as a parameter and answers with [`Finding`]s, so that its own test
//! can show it a bad example: a rule that cannot fail checks nothing. `tests/` runs them on the
//! real tree.

pub mod breached;
pub mod date;
pub mod finding;
pub mod passes;
pub mod promises;
pub mod rust_source;
pub mod supply_chain;
pub mod tidy;
pub mod tree;

pub use finding::Finding;
pub use tree::{File, Tree};
