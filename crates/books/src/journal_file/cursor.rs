//! Walks over text byte by byte and line by line without copying it.

/// A place in one line.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub fn peek_after(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + offset).copied()
    }

    pub fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub fn position(&self) -> usize {
        self.at
    }

    pub fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    pub fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.skip(expected.len());
        }
        found
    }

    /// Skips blanks, among them the two no-break spaces that spreadsheets leave in numbers.
    pub fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(0xC2) if self.peek_after(1) == Some(0xA0) => self.at += 2,
                Some(0xE2) if self.rest().starts_with('\u{202f}') => self.at += 3,
                _ => return,
            }
        }
    }

    pub fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> &'t str {
        let start = self.at;
        while self.peek().is_some_and(&keep) {
            self.at += 1;
        }
        self.since(start)
    }

    /// The text up to `end`, which is passed over; `None` (nothing moves) if it is missing.
    pub fn take_until(&mut self, end: &str) -> Option<&'t str> {
        let length = self.rest().find(end)?;
        let start = self.at;
        self.at += length;
        let found = self.since(start);
        self.at += end.len();
        Some(found)
    }
}

/// The lines of a text, numbered from 1, without their line ends.
#[derive(Clone, Debug)]
pub(super) struct Lines<'t> {
    rest: &'t str,
    next: Option<&'t str>,
    number: u32,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t str) -> Self {
        let mut lines = Self {
            rest: text.strip_prefix('\u{feff}').unwrap_or(text),
            next: None,
            number: 0,
        };
        lines.advance();
        lines
    }

    pub fn peek(&self) -> Option<&'t str> {
        self.next
    }

    /// The number of the line that was taken last.
    pub fn number(&self) -> u32 {
        self.number
    }

    pub fn take(&mut self) -> Option<&'t str> {
        let line = self.next?;
        self.number = self.number.saturating_add(1);
        self.advance();
        Some(line)
    }

    /// Takes the next line if it is indented and not blank.
    pub fn take_indented(&mut self) -> Option<&'t str> {
        let line = self.next?;
        if line.starts_with([' ', '\t']) && !line.trim_ascii().is_empty() {
            self.take()
        } else {
            None
        }
    }

    fn advance(&mut self) {
        if self.rest.is_empty() {
            self.next = None;
            return;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.next = Some(line.strip_suffix('\r').unwrap_or(line));
        self.rest = rest;
    }
}
