//! Rust text seen as code, with comments and literals blanked so that a rule can look for words
//! without being misled by prose. This is a scanner and not a parser: the rules need names,
//! braces and lines, and a scanner needs no dependency that every build would pay for.

use std::ops::Range;

use crate::tree::File;

/// A string literal, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    pub line: usize,
    /// Where its opening quote (or the `r` before it) stands in the text.
    pub at: usize,
    pub text: String,
}

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
    pub in_test: bool,
}

#[derive(Debug, Clone)]
pub struct RustSource {
    /// As long as the text, byte for byte: comments and literals are spaces, line ends are kept.
    pub code: String,
    /// The same with every `#[cfg(test)] mod` blanked too.
    pub production: String,
    pub literals: Vec<Literal>,
    /// From the `mod` under `#[cfg(test)]` to its closing brace.
    tests: Vec<Range<usize>>,
}

impl RustSource {
    pub fn scan(file: &File) -> Self {
        let (code, literals) = mask(&file.text);
        let whole = 0..code.len();
        let tests = if is_test_path(&file.path) {
            vec![whole]
        } else {
            test_modules(&code)
        };
        let production = tests.iter().fold(code.clone(), |code, test| {
            blank(&code, test.start, test.end)
        });
        Self {
            code,
            production,
            literals,
            tests,
        }
    }

    pub fn line_of(&self, at: usize) -> usize {
        line_of(&self.code, at)
    }

    pub fn is_production(&self, at: usize) -> bool {
        !self.tests.iter().any(|test| test.contains(&at))
    }

    /// Every place where the words stand in production code, as whole words.
    pub fn production_uses(&self, words: &str) -> Vec<usize> {
        whole_words(&self.production, words)
    }

    pub fn functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        for at in whole_words(&self.code, "fn") {
            let name: String = self.code[at + 2..]
                .trim_start()
                .chars()
                .take_while(|c| is_word(*c))
                .collect();
            let Some(open) = body_of(&self.code, at) else {
                continue;
            };
            let (line, last) = (
                line_of(&self.code, at),
                line_of(&self.code, closing(&self.code, open)),
            );
            if !name.is_empty() {
                functions.push(Function {
                    name,
                    line,
                    lines: last - line + 1,
                    in_test: !self.is_production(at),
                });
            }
        }
        functions
    }

    /// Lines outside test modules; comments count, since they are read too.
    pub fn production_lines(&self) -> usize {
        let lines_of = |test: &Range<usize>| {
            self.line_of(test.end.saturating_sub(1)) + 1 - self.line_of(test.start)
        };
        self.code.lines().count() - self.tests.iter().map(lines_of).sum::<usize>()
    }
}

/// Integration tests, test modules in files of their own, benches, and the crate made for tests.
pub fn is_test_path(path: &str) -> bool {
    path.starts_with("crates/testkit/")
        || path
            .split('/')
            .any(|part| matches!(part, "tests" | "tests.rs" | "benches" | "examples"))
}

pub fn line_of(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].matches('\n').count() + 1
}

/// Places of `words` in `text` that are not part of a longer name.
pub fn whole_words(text: &str, words: &str) -> Vec<usize> {
    let edge_before = words.chars().next().is_some_and(is_word);
    let edge_after = words.chars().next_back().is_some_and(is_word);
    text.match_indices(words)
        .map(|(at, _)| at)
        .filter(|at| !edge_before || !text[..*at].chars().next_back().is_some_and(is_word))
        .filter(|at| !edge_after || !text[at + words.len()..].chars().next().is_some_and(is_word))
        .collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The brace that opens the body of the item at `at`; `None` for one that ends in a semicolon.
fn body_of(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, byte) in code.as_bytes()[at..].iter().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(at + offset),
            b';' if depth == 0 => return None,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    None
}

/// The brace that closes the one at `open`, or the end of an unfinished text.
fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_i32;
    for (offset, byte) in code.as_bytes()[open..].iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return open + offset;
        }
    }
    code.len().saturating_sub(1)
}

fn test_modules(code: &str) -> Vec<Range<usize>> {
    let mut modules = Vec::new();
    for (start, item) in test_items(code) {
        if item.starts_with("mod ")
            && let Some(open) = body_of(code, start + "#[cfg(test)]".len())
        {
            modules.push(start..closing(code, open) + 1);
        }
    }
    modules
}

/// Each item under `#[cfg(test)]`: where the attribute begins, and the item's text.
pub fn test_items(code: &str) -> Vec<(usize, &str)> {
    code.match_indices("#[cfg(test)]")
        .map(|(at, attribute)| (at, item_after(&code[at + attribute.len()..])))
        .collect()
}

fn item_after(mut rest: &str) -> &str {
    loop {
        rest = rest.trim_start();
        let Some(attribute) = rest.strip_prefix("#[") else {
            return rest
                .strip_prefix("pub(crate) ")
                .or_else(|| rest.strip_prefix("pub "))
                .unwrap_or(rest);
        };
        let mut depth = 1_i32;
        let end = attribute.find(|c| {
            depth += i32::from(c == '[') - i32::from(c == ']');
            depth == 0
        });
        rest = end.map_or("", |end| &attribute[end + 1..]);
    }
}

fn blank(text: &str, from: usize, to: usize) -> String {
    let blanked: String = text[from..to]
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    format!("{}{blanked}{}", &text[..from], &text[to..])
}

/// Blanks comments and literals, and collects the string literals.
fn mask(text: &str) -> (String, Vec<Literal>) {
    let mut code = String::with_capacity(text.len());
    let mut literals = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let (length, content) = match token(rest, code.chars().next_back().is_some_and(is_word)) {
            Token::Comment(length) | Token::Char(length) => (length, None),
            Token::Text { length, from, to } => (length, Some(&rest[from..to])),
            Token::Code(c) => {
                code.push(c);
                at += c.len_utf8();
                continue;
            }
        };
        if let Some(content) = content {
            literals.push(Literal {
                line: line_of(text, at),
                at,
                text: content.to_owned(),
            });
        }
        code.push_str(&blank(&rest[..length], 0, length));
        at += length;
    }
    (code, literals)
}

enum Token {
    Comment(usize),
    Char(usize),
    Text {
        length: usize,
        from: usize,
        to: usize,
    },
    Code(char),
}

fn token(rest: &str, in_word: bool) -> Token {
    let first = rest.chars().next().unwrap_or(' ');
    if rest.starts_with("//") {
        return Token::Comment(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Token::Comment(block_comment(rest));
    }
    // `br"…"`, `c"…"` and `b"…"` begin as words do; only a letter that no word goes on before opens them.
    let prefix = if in_word {
        0
    } else {
        rest.bytes()
            .take_while(|byte| matches!(byte, b'b' | b'c' | b'r'))
            .count()
    };
    if prefix <= 2 {
        let hashes = rest[prefix..]
            .bytes()
            .take_while(|byte| *byte == b'#')
            .count();
        let raw = rest[..prefix].ends_with('r');
        let quoted = rest[prefix + hashes..].starts_with('"');
        if quoted && (raw || hashes == 0) {
            return string(rest, prefix + hashes + 1, raw.then_some(hashes));
        }
    }
    match first {
        '\'' => character(rest).map_or(Token::Code(first), Token::Char),
        first => Token::Code(first),
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_u32, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// A string whose content begins at `from`: raw with so many hashes, or with escapes.
fn string(rest: &str, from: usize, raw: Option<usize>) -> Token {
    if let Some(hashes) = raw {
        let end = format!("\"{}", "#".repeat(hashes));
        let to = rest[from..]
            .find(&end)
            .map_or(rest.len(), |found| from + found);
        return Token::Text {
            length: (to + end.len()).min(rest.len()),
            from,
            to,
        };
    }
    let mut escaped = false;
    for (offset, c) in rest[from..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                return Token::Text {
                    length: from + offset + 1,
                    from,
                    to: from + offset,
                };
            }
            _ => {}
        }
    }
    Token::Text {
        length: rest.len(),
        from,
        to: rest.len(),
    }
}

/// The length of a character literal; `None` for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut inside = rest[1..].chars();
    let first = inside.next()?;
    if first == '\\' {
        let end = rest[3..].find('\'')?;
        return Some(3 + end + 1);
    }
    (inside.next() == Some('\'')).then(|| first.len_utf8() + 2)
}

#[cfg(test)]
mod tests;
