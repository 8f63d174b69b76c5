//! Tags and dates that hide in comments.

use jiff::civil::Date;

use super::super::Syntax;
use super::super::cursor::Cursor;
use super::{Problem, date};

/// What a comment says beside its words.
#[derive(Default)]
pub(super) struct Said {
    pub tags: Vec<(String, String)>,
    pub date: Option<Date>,
    pub secondary_date: Option<Date>,
}

pub(super) fn read(comment: &str, syntax: Syntax, year: Option<i16>) -> Result<Said, Problem> {
    let mut said = Said::default();
    if !comment.contains([':', '[']) {
        return Ok(said);
    }
    bracketed_dates(comment, year, &mut said)?;
    if syntax == Syntax::Hledger {
        hledger_tags(comment, year, &mut said)?;
    } else {
        ledger_tags(comment, &mut said);
    }
    Ok(said)
}

/// `[2024-01-31]`, `[=2024-01-31]` or both; other brackets are words.
fn bracketed_dates(comment: &str, year: Option<i16>, said: &mut Said) -> Result<(), Problem> {
    let Some(start) = comment.find('[') else {
        return Ok(());
    };
    let Some(length) = comment[start..].find(']') else {
        return Ok(());
    };
    let inside = &comment[start + 1..start + length];
    let date_like = !inside.is_empty()
        && inside.contains(|c: char| c.is_ascii_digit())
        && inside
            .chars()
            .all(|c| c.is_ascii_digit() || "-/.=".contains(c));
    if !date_like {
        return Ok(());
    }
    let mut cursor = Cursor::new(inside);
    if cursor.peek() != Some(b'=') {
        said.date = Some(date::take(&mut cursor, year)?);
    }
    if cursor.eat("=") {
        said.secondary_date = Some(date::take(&mut cursor, year)?);
    }
    Ok(())
}

/// `name:value, name:value`: a name has no blanks, a value ends at a comma.
fn hledger_tags(comment: &str, year: Option<i16>, said: &mut Said) -> Result<(), Problem> {
    for piece in comment.split(',') {
        // A value may hold further colons; the first word that ends in one is the name.
        let Some(colon) = piece.find(':') else {
            continue;
        };
        let name = piece[..colon]
            .rsplit([' ', '\t'])
            .next()
            .unwrap_or_default();
        if name.is_empty() {
            continue;
        }
        let value = piece[colon + 1..].trim();
        if matches!(name, "date" | "date2") {
            let found = date::take(&mut Cursor::new(value), year)?;
            if name == "date" {
                said.date = Some(found);
            } else {
                said.secondary_date = Some(found);
            }
        }
        said.tags.push((name.to_owned(), value.to_owned()));
    }
    Ok(())
}

/// `:one:two:` anywhere, or `Name: value` and `Name:: value` from the first word on.
fn ledger_tags(comment: &str, said: &mut Said) {
    let mut first = true;
    for word in comment.split_ascii_whitespace() {
        if word.len() > 2 && word.starts_with(':') && word.ends_with(':') {
            let names = word.split(':').filter(|name| !name.is_empty());
            said.tags
                .extend(names.map(|name| (name.to_owned(), String::new())));
        } else if first && word.len() > 1 && word.ends_with(':') {
            let name = word.trim_end_matches(':');
            let after = comment.find(word).map_or(0, |at| at + word.len());
            let value = comment[after..].trim();
            said.tags.push((name.to_owned(), value.to_owned()));
            return;
        }
        first = false;
    }
}
