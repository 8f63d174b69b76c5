//! Plain-text journals: reading what hledger, ledger and beancount write, and writing what
//! they read.
//!
//! Reading ends in balanced transactions with every amount worked out, or in faults that say
//! what was not understood; nothing is skipped in silence. The rules of balancing are those
//! of the program whose syntax it is: hledger 1.25, ledger 3.3 and beancount 3.

mod beancount;
mod cursor;
mod model;
mod names;
mod plain;
mod quantity;
mod report;
mod sources;
pub mod write;

pub use model::{
    AccountKind, Amount, Cost, CostWritten, Fault, Journal, Name, Place, Posting, Transaction,
};
pub use quantity::{Quantity, SCALE_MAX};
pub use sources::Sources;

use serde::{Deserialize, Serialize};

/// The three ways of writing a journal that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Syntax {
    Hledger,
    Ledger,
    Beancount,
}

/// Bytes in one journal with its included files at most: two decades of a busy shop.
pub const BYTES_MAX: usize = 256 * 1024 * 1024;

impl Syntax {
    /// Guesses from the file's name, and where that is shared from how the text is written.
    pub fn detect(file_name: &str, text: &str) -> Self {
        let ending = file_name.rsplit('.').next().unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "beancount" | "bean" => Self::Beancount,
            "hledger" | "journal" | "j" => Self::Hledger,
            "ledger" | "ldg" => Self::Ledger,
            _ => Self::from_text(text),
        }
    }

    fn from_text(text: &str) -> Self {
        let mut ledger = false;
        for line in text.lines().take(2_000) {
            let mut words = line.split_ascii_whitespace();
            let (first, second) = (
                words.next().unwrap_or_default(),
                words.next().unwrap_or_default(),
            );
            let dated = first.starts_with(|c: char| c.is_ascii_digit());
            let quoted = dated && matches!(second, "txn" | "*" | "!") && line.contains('"');
            if quoted
                || (dated && matches!(second, "open" | "commodity" | "pad" | "balance"))
                || (first == "option" && second.starts_with('"'))
            {
                return Self::Beancount;
            }
            ledger |= matches!(first, "bucket" | "A" | "N" | "define" | "test" | "tag")
                || line.starts_with(['!', '@'])
                || (line.starts_with([' ', '\t']) && line.contains(" {"));
        }
        if ledger { Self::Ledger } else { Self::Hledger }
    }
}

/// Reads the journal at `root_path` with all that it includes.
pub fn read(root_path: &str, syntax: Syntax, sources: &mut dyn Sources) -> Journal {
    let Some(text) = sources.text(root_path) else {
        let mut journal = Journal::default();
        let place = Place {
            file: Name::from(root_path),
            line: 1,
        };
        journal.fault(
            place,
            "This file was not handed over; choose it again and retry.",
        );
        return journal;
    };
    match syntax {
        Syntax::Hledger | Syntax::Ledger => plain::read(root_path, &text, syntax, sources),
        Syntax::Beancount => beancount::read(root_path, &text, sources),
    }
}

#[cfg(test)]
mod tests;
