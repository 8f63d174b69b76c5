//! The journals of hledger and of ledger, which share a grammar and differ in their rules.

mod amount;
mod annotation;
mod assertion;
mod balance;
mod comment;
mod date;
mod directive;
mod expression;
mod number;
mod posting;
mod resolve;
mod subdirective;
mod transaction;

use std::collections::HashMap;

use jiff::civil::Date;

use super::cursor::Lines;
use super::model::{Amount, DeclaredAccount, Journal, Lot, Name, Place, Status, Transaction};
use super::names::Names;
use super::quantity::OutOfRange;
use super::sources::{self, FILES_MAX, Sources};
use super::{BYTES_MAX, Syntax};
use assertion::Running;

pub(super) fn read(path: &str, text: &str, syntax: Syntax, sources: &mut dyn Sources) -> Journal {
    let mut names = Names::default();
    let mut reader = Reader {
        syntax,
        sources,
        file: names.get(path),
        bare: names.get(""),
        names,
        journal: Journal::default(),
        scope: Scope::default(),
        styles: HashMap::new(),
        commodity_aliases: HashMap::new(),
        account_aliases: Vec::new(),
        accounts: HashMap::new(),
        drafts: Vec::new(),
        running: Running::default(),
        entry_year: None,
        payee_rules: false,
        open: vec![path.to_owned()],
        files: 1,
        bytes: text.len(),
    };
    reader.lines(text);
    reader.resolve_rest();
    reader.journal
}

/// What is known while the files are read from top to bottom.
struct Reader<'s> {
    syntax: Syntax,
    sources: &'s mut dyn Sources,
    names: Names,
    /// The file being read, and the name of no commodity.
    file: Name,
    bare: Name,
    journal: Journal,
    scope: Scope,
    styles: HashMap<Name, Style>,
    commodity_aliases: HashMap<String, Name>,
    /// The aliases that ledger's `account` blocks give; the others are in the scope.
    account_aliases: Vec<(String, String)>,
    /// Where in `journal.accounts` an account stands.
    accounts: HashMap<Name, usize>,
    /// hledger's transactions, which are balanced once all files are read.
    drafts: Vec<Draft>,
    /// ledger's balances so far, by which its assertions go.
    running: Running,
    /// The year of the transaction being read, for dates in its comments.
    entry_year: Option<i16>,
    /// An account names payees that are to replace the account Unknown.
    payee_rules: bool,
    open: Vec<String>,
    files: usize,
    bytes: usize,
}

/// What directives say about the lines after them.
#[derive(Clone, Default)]
struct Scope {
    year: Option<i16>,
    decimal_mark: Option<u8>,
    default_commodity: Option<Name>,
    parents: Vec<String>,
    aliases: Vec<(String, String)>,
    tags: Vec<(String, String)>,
    /// What `apply` opened last is what `end` closes.
    applied: Vec<Applied>,
    years: Vec<Option<i16>>,
    fixed: Vec<(Name, Amount)>,
    bucket: Option<Name>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Applied {
    Account,
    Tag,
    Year,
    Fixed,
}

/// How a commodity's amounts are written.
#[derive(Clone, Copy, Default)]
struct Style {
    /// Decimals that decide what counts as balanced.
    precision: u8,
    /// Set by a directive: amounts no longer change it.
    declared: bool,
    decimal: Option<u8>,
    group: Option<u8>,
}

/// A transaction whose amounts are not all known yet.
struct Draft {
    transaction: Transaction,
    postings: Vec<DraftPosting>,
    broken: bool,
}

struct DraftPosting {
    account: Name,
    amount: Option<Amount>,
    cost: Option<DraftCost>,
    lot: Option<Lot>,
    assertion: Option<Assertion>,
    bracketed: bool,
    status: Status,
    date: Option<Date>,
    note: String,
    tags: Vec<(String, String)>,
    place: Place,
}

#[derive(Clone)]
enum DraftCost {
    Unit(Amount),
    Total(Amount),
}

/// `= X`: what the account should hold after the posting.
#[derive(Clone)]
struct Assertion {
    amount: Amount,
    /// A cost stands beside it, which is never compared.
    costed: bool,
    /// `==`: and nothing of any other commodity.
    sole: bool,
    /// `=*`: counting the accounts below.
    inclusive: bool,
}

/// Why a line is not understood, as a sentence.
struct Problem(String);

impl From<OutOfRange> for Problem {
    fn from(problem: OutOfRange) -> Self {
        Self(format!("Here {problem}; write it with fewer digits."))
    }
}

impl From<String> for Problem {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

impl From<&str> for Problem {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

impl Reader<'_> {
    fn hledger(&self) -> bool {
        self.syntax == Syntax::Hledger
    }

    fn place(&self, line: u32) -> Place {
        Place {
            file: self.file.clone(),
            line,
        }
    }

    fn lines(&mut self, text: &str) {
        let mut lines = Lines::new(text);
        while let Some(line) = lines.take() {
            self.top_line(line, &mut lines);
        }
    }

    fn top_line(&mut self, line: &str, lines: &mut Lines<'_>) {
        let Some(&first) = line.as_bytes().first() else {
            return;
        };
        match first {
            b'0'..=b'9' => self.transaction(line, lines),
            b';' | b'#' | b'*' => {}
            b'%' | b'|' if !self.hledger() => {}
            b' ' | b'\t' => self.stray_indented(line, lines.number()),
            b'~' => {
                let place = self.place(lines.number());
                self.journal.ignore(
                    place,
                    "~",
                    "a periodic transaction is a forecast or a budget",
                );
                while lines.take_indented().is_some() {}
            }
            b'=' => {
                let place = self.place(lines.number());
                self.journal.fault(place, "Automated postings (=) would change other transactions and are not followed; print the journal with them applied and import that.");
                while lines.take_indented().is_some() {}
            }
            b'!' | b'@' if line.len() > 1 => self.directive(&line[1..], lines),
            _ => self.directive(line, lines),
        }
    }

    fn stray_indented(&mut self, line: &str, number: u32) {
        let text = line.trim_ascii_start();
        if !(text.is_empty() || text.starts_with([';', '#', '*'])) {
            let place = self.place(number);
            self.journal.fault(
                place,
                format!("The indented line \"{text}\" belongs to no transaction or directive; move it below one, without a blank line between."),
            );
        }
    }

    fn include(&mut self, path: &str, place: Place) {
        let files = match sources::included(self.sources, &self.open, path) {
            Ok(files) => files,
            Err(reason) => return self.journal.fault(place, reason),
        };
        for (path, text) in files {
            self.files += 1;
            self.bytes = self.bytes.saturating_add(text.len());
            if self.files > FILES_MAX || self.bytes > BYTES_MAX {
                return self.journal.fault(place, format!("The journal has more than {FILES_MAX} files or {BYTES_MAX} bytes; import it in parts."));
            }
            self.included_file(path, &text);
        }
    }

    fn included_file(&mut self, path: String, text: &str) {
        let outer_file = std::mem::replace(&mut self.file, self.names.get(&path));
        let outer_scope = self.scope.clone();
        self.open.push(path);
        self.lines(text);
        self.open.pop();
        self.file = outer_file;
        let inner = std::mem::replace(&mut self.scope, outer_scope);
        if !self.hledger() {
            // In ledger only what `apply` opened ends with the file.
            self.scope.aliases = inner.aliases;
            self.scope.bucket = inner.bucket;
        }
    }

    /// The account with this full name, noting that it was declared where `declared` says.
    fn declare(&mut self, name: Name, place: Place) -> usize {
        if let Some(&index) = self.accounts.get(&name) {
            return index;
        }
        let index = self.journal.accounts.len();
        self.accounts.insert(name.clone(), index);
        self.journal.accounts.push(DeclaredAccount {
            kind: super::AccountKind::guess(&name),
            name,
            opened: None,
            closed: None,
            place,
        });
        index
    }
}
