//! Beancount's journals, versions 2 and 3.
//!
//! All files are read first; then the entries are booked by date, so that lots are matched,
//! missing numbers worked out and balances checked in the order in which things happened.

mod amount;
mod booking;
mod check;
mod directive;
mod entry;
mod interpolate;
mod lots;
mod options;
mod working;

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::civil::Date;

use super::BYTES_MAX;
use super::cursor::Lines;
use super::model::{AccountKind, Amount, Journal, Name, Place, Status, Transaction};
use super::names::Names;
use super::quantity::{OutOfRange, Quantity};
use super::sources::{self, FILES_MAX, Sources};
use options::Options;

pub(super) fn read(path: &str, text: &str, sources: &mut dyn Sources) -> Journal {
    let mut names = Names::default();
    let mut reader = Reader {
        sources,
        file: names.get(path),
        names,
        commodities: Names::default(),
        journal: Journal::default(),
        options: Options::default(),
        tags: Vec::new(),
        metas: Vec::new(),
        entries: Vec::new(),
        accounts: HashMap::new(),
        open: vec![path.to_owned()],
        files: 1,
        bytes: text.len(),
    };
    reader.lines(text);
    reader.book_all();
    reader.journal
}

struct Reader<'s> {
    sources: &'s mut dyn Sources,
    names: Names,
    commodities: Names,
    file: Name,
    journal: Journal,
    options: Options,
    /// What `pushtag` and `pushmeta` add to every transaction.
    tags: Vec<String>,
    metas: Vec<(String, String)>,
    entries: Vec<Entry>,
    accounts: HashMap<Name, Opened>,
    open: Vec<String>,
    files: usize,
    bytes: usize,
}

/// A directive that waits for its day.
struct Entry {
    date: Date,
    place: Place,
    what: What,
}

enum What {
    Open {
        account: Name,
        commodities: Vec<Name>,
        booking: Option<Booking>,
    },
    Close {
        account: Name,
    },
    Balance {
        account: Name,
        amount: Amount,
        tolerance: Option<Quantity>,
    },
    Pad {
        account: Name,
        source: Name,
    },
    Transaction(Box<Draft>),
}

impl What {
    /// On one day accounts open first, balances are counted before anything moves.
    fn rank(&self) -> u8 {
        match self {
            Self::Open { .. } => 0,
            Self::Balance { .. } => 1,
            Self::Transaction(_) | Self::Pad { .. } => 2,
            Self::Close { .. } => 3,
        }
    }
}

/// Which lots a reduction takes when its braces leave a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Booking {
    Strict,
    StrictWithSize,
    None,
    Fifo,
    Lifo,
    Hifo,
}

/// An account while its days are walked through.
struct Opened {
    /// Where in `journal.accounts` it stands.
    index: usize,
    commodities: Vec<Name>,
    booking: Booking,
    open: bool,
}

struct Draft {
    transaction: Transaction,
    postings: Vec<DraftPosting>,
    broken: bool,
}

#[derive(Clone)]
struct DraftPosting {
    account: Name,
    number: Option<Quantity>,
    commodity: Option<Name>,
    cost: Option<CostSpec>,
    price: Option<PriceSpec>,
    status: Status,
    tags: Vec<(String, String)>,
    place: Place,
}

/// What the braces of a posting say.
#[derive(Clone, Default)]
struct CostSpec {
    unit: Option<Quantity>,
    total: Option<Quantity>,
    commodity: Option<Name>,
    date: Option<Date>,
    label: Option<String>,
}

#[derive(Clone)]
struct PriceSpec {
    total: bool,
    number: Option<Quantity>,
    commodity: Option<Name>,
}

struct Problem(String);

impl From<OutOfRange> for Problem {
    fn from(problem: OutOfRange) -> Self {
        Self(format!("Here {problem}; write it with fewer digits."))
    }
}

impl From<&str> for Problem {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

impl Reader<'_> {
    fn place(&self, line: u32) -> Place {
        Place {
            file: self.file.clone(),
            line,
        }
    }

    fn lines(&mut self, text: &str) {
        let mut lines = Lines::new(text);
        loop {
            let number = lines.number() + 1;
            let Some(line) = statement(&mut lines) else {
                return;
            };
            let place = self.place(number);
            if let Err(Problem(reason)) = self.top_line(&line, &mut lines, &place) {
                self.journal.fault(place, reason);
                while body_line(&mut lines).is_some() {}
            }
        }
    }

    fn top_line(
        &mut self,
        line: &str,
        lines: &mut Lines<'_>,
        place: &Place,
    ) -> Result<(), Problem> {
        match line.as_bytes().first() {
            None => Ok(()),
            Some(b'0'..=b'9') => self.dated(line, lines, place),
            Some(b' ' | b'\t') => match line.trim() {
                "" => Ok(()),
                text if text.starts_with(';') => Ok(()),
                text => Err(Problem(format!(
                    "The indented line \"{text}\" belongs to no directive; move it below one."
                ))),
            },
            Some(first) if first.is_ascii_lowercase() => self.undated(line, lines, place),
            // Headings of outline editors and other lines that begin with a mark are notes.
            Some(first) if first.is_ascii_punctuation() && *first != b'"' => Ok(()),
            Some(_) => Err(Problem(format!(
                "\"{}\" is not understood; a line begins with a date, a directive or a semicolon.",
                line.lines().next().unwrap_or_default()
            ))),
        }
    }

    fn include(&mut self, path: &str, place: &Place) -> Result<(), Problem> {
        let files = sources::included(self.sources, &self.open, path).map_err(Problem)?;
        for (path, text) in files {
            self.files += 1;
            self.bytes = self.bytes.saturating_add(text.len());
            if self.files > FILES_MAX || self.bytes > BYTES_MAX {
                let reason = format!(
                    "The journal has more than {FILES_MAX} files or {BYTES_MAX} bytes; import it in parts."
                );
                self.journal.fault(place.clone(), reason);
                return Ok(());
            }
            let outer = std::mem::replace(&mut self.file, self.names.get(&path));
            let (tags, metas) = (
                std::mem::take(&mut self.tags),
                std::mem::take(&mut self.metas),
            );
            self.open.push(path);
            self.lines(&text);
            self.open.pop();
            (self.file, self.tags, self.metas) = (outer, tags, metas);
        }
        Ok(())
    }

    /// Takes an account name and checks its root against the options.
    fn account(&mut self, written: &str) -> Result<Name, Problem> {
        let parts = written.split(':');
        let well_formed = written.contains(':')
            && parts.clone().all(|part| {
                part.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || !c.is_ascii())
            });
        if !well_formed || self.kind(written).is_none() {
            return Err(Problem(format!(
                "\"{written}\" is not an account; it begins with {} and has parts with capital letters.",
                self.options.roots.join(", ")
            )));
        }
        Ok(self.names.get(written))
    }

    fn kind(&self, account: &str) -> Option<AccountKind> {
        let root = account.split(':').next()?;
        let at = self.options.roots.iter().position(|name| name == root)?;
        let kinds = [
            AccountKind::Asset,
            AccountKind::Liability,
            AccountKind::Equity,
            AccountKind::Income,
            AccountKind::Expense,
        ];
        kinds.get(at).copied()
    }
}

/// Lines in one string at most. Beancount warns from 64 on; without a limit, a file of
/// nothing but strings that never close would be scanned to its end from every line.
const STRING_LINES_MAX: usize = 64;

/// Takes a line with as many more as an open string runs over.
fn statement<'t>(lines: &mut Lines<'t>) -> Option<Cow<'t, str>> {
    let first = lines.take()?;
    if !open_string(first) {
        return Some(Cow::Borrowed(first));
    }
    let mut whole = first.to_owned();
    let mut ahead = lines.clone();
    for _ in 0..STRING_LINES_MAX {
        let Some(line) = ahead.take() else {
            break;
        };
        whole.push('\n');
        whole.push_str(line);
        // Looking at the last line alone keeps long strings from being scanned again.
        if open_string(&format!("\"{line}")) {
            continue;
        }
        *lines = ahead;
        return Some(Cow::Owned(whole));
    }
    Some(Cow::Borrowed(first))
}

/// Whether a string begins in the text and does not end in it.
fn open_string(text: &str) -> bool {
    if !text.contains('"') {
        return false;
    }
    let (mut inside, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b';' if !inside => return false,
            _ => {}
        }
    }
    inside
}

/// Takes the next line that belongs to the directive above, passing over comments.
fn body_line<'t>(lines: &mut Lines<'t>) -> Option<(u32, Cow<'t, str>)> {
    let mut ahead = lines.clone();
    loop {
        let line = ahead.peek()?;
        let text = line.trim_ascii_start();
        if text.is_empty() || text.starts_with(';') {
            ahead.take();
            continue;
        }
        if !line.starts_with([' ', '\t']) {
            return None;
        }
        let number = ahead.number() + 1;
        let whole = statement(&mut ahead)?;
        *lines = ahead;
        return Some((number, whole));
    }
}
