//! What somebody sees who sees only what is assigned to them. Each table says once which of its
//! rows that are, and every question asked for such a caller meets the narrowed tables under the
//! names of the whole ones: a question cannot forget it. For all others nothing is changed.
//!
//! A narrowed question is the same text behind `WITH lines AS (…)`, a name that hides the table's
//! own on both stores.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use crate::caller::Caller;
use crate::error::Error;

/// What is shown of one table.
#[derive(Debug, Clone, Copy)]
pub struct Sight {
    pub table: &'static str,
    pub shows: Shows,
}

#[derive(Debug, Clone, Copy)]
pub enum Shows {
    /// These columns of the rows for which the condition holds. In both texts `whole__lines` is
    /// the table as it is kept, `lines` what is shown of it, and `$person` who asks. A table is
    /// narrowed by those that are declared before it.
    Part {
        columns: &'static str,
        rows: &'static str,
    },
    /// Every row, for this reason.
    Everything(&'static str),
}

/// What stands before the name of a table that is meant as it is kept. The stores know it.
pub const WHOLE: &str = "whole__";

/// Questions as they are asked for who sees in part; each is put together once.
#[derive(Debug, Default)]
pub struct Narrowings(RwLock<HashMap<(&'static str, usize), Narrowed>>);

/// Whose sight a transaction has.
#[derive(Clone)]
pub(crate) struct View {
    pub person: String,
    sights: &'static [&'static [Sight]],
    narrowings: Arc<Narrowings>,
}

/// A question and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Narrowed {
    /// It names no table that is shown in part.
    Same,
    /// Another text, and whether the person is its last parameter.
    Text(&'static str, bool),
}

impl View {
    /// The sight of this caller; `None` is all.
    pub fn of(
        caller: &Caller,
        sights: &'static [&'static [Sight]],
        narrowings: &Arc<Narrowings>,
    ) -> Option<Self> {
        caller.role.filter(|role| role.sees_assigned_only())?;
        Some(Self {
            // Of somebody without a name nothing is assigned.
            person: caller
                .person
                .map(|person| person.to_string())
                .unwrap_or_default(),
            sights,
            narrowings: Arc::clone(narrowings),
        })
    }

    /// The text of a question with that many parameters, as this caller asks it.
    pub fn narrow(&self, sql: &'static str, params: usize) -> Result<Narrowed, Error> {
        let known = self
            .narrowings
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&(sql, params)) {
            return Ok(*known);
        }
        drop(known);
        let narrowed = narrowed(sql, params, self.sights)?;
        self.narrowings
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((sql, params), narrowed);
        Ok(narrowed)
    }
}

fn narrowed(sql: &'static str, params: usize, all: &[&[Sight]]) -> Result<Narrowed, Error> {
    let verb: String = sql
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    match verb.to_ascii_uppercase().as_str() {
        "SELECT" => {}
        // What is written comes back as it was written.
        "INSERT" | "UPDATE" | "DELETE" => return Ok(Narrowed::Same),
        _ => {
            let why = format!("this cannot be asked for who sees in part: {sql}");
            return Err(Error::ours(why));
        }
    }
    let mut wanted = words(sql);
    let mut shown = Vec::new();
    // From the last back: a table is narrowed by those before it.
    for sight in all.iter().flat_map(|some| some.iter()).rev() {
        if let Shows::Part { columns, rows } = sight.shows
            && wanted.contains(sight.table)
        {
            wanted.extend(words(columns));
            wanted.extend(words(rows));
            shown.push(format!(
                "{} AS NOT MATERIALIZED (SELECT {columns} FROM {WHOLE}{} WHERE {rows})",
                sight.table, sight.table
            ));
        }
    }
    if shown.is_empty() {
        return Ok(Narrowed::Same);
    }
    shown.reverse();
    let text = format!("WITH {} {sql}", shown.join(", "));
    let by_person = text.contains("$person");
    let text = text.replace("$person", &format!("${}", params + 1));
    // As many as there are statements, which are part of the program.
    Ok(Narrowed::Text(Box::leak(text.into_boxed_str()), by_person))
}

/// The names in a text of SQL, in small letters.
fn words(sql: &str) -> BTreeSet<String> {
    sql.to_ascii_lowercase()
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const SIGHTS: &[&[Sight]] = &[&[
        Sight {
            table: "accounts",
            shows: Shows::Part {
                columns: "*",
                rows: "id IN (SELECT a.account FROM whole__given a WHERE a.person = $person)",
            },
        },
        Sight {
            table: "lines",
            shows: Shows::Part {
                columns: "*",
                rows: "account IN (SELECT id FROM accounts)",
            },
        },
        Sight {
            table: "files",
            shows: Shows::Part {
                columns: "*",
                rows: "1 = 0",
            },
        },
        Sight {
            table: "journals",
            shows: Shows::Everything("they hold nothing"),
        },
    ]];

    #[test]
    fn a_question_is_asked_of_the_narrowed_tables() {
        for (sql, begins, by_person) in [
            (
                "SELECT 1 FROM lines WHERE id = $1",
                "WITH accounts AS NOT MATERIALIZED (SELECT * FROM whole__accounts WHERE id IN (SELECT a.account FROM whole__given a WHERE a.person = $2)), lines AS NOT MATERIALIZED (SELECT * FROM whole__lines WHERE account IN (SELECT id FROM accounts)) SELECT 1",
                true,
            ),
            (
                "select 1 from \"Files\"",
                "WITH files AS NOT MATERIALIZED (SELECT * FROM whole__files WHERE 1 = 0) select",
                false,
            ),
        ] {
            let params = usize::from(sql.contains("$1"));
            let Narrowed::Text(text, named) = narrowed(sql, params, SIGHTS).unwrap() else {
                panic!("{sql} is not narrowed");
            };
            assert!(text.starts_with(begins), "{text}");
            assert_eq!(named, by_person, "{text}");
        }
    }

    #[test]
    fn what_names_nothing_of_it_stays_as_it_is() {
        for sql in [
            "SELECT 1 FROM journals",
            "INSERT INTO lines (id) VALUES ($1) RETURNING id",
        ] {
            assert_eq!(narrowed(sql, 0, SIGHTS).unwrap(), Narrowed::Same, "{sql}");
        }
        let sql = "WITH x AS (SELECT 1 FROM lines) SELECT 1 FROM x";
        narrowed(sql, 0, SIGHTS).unwrap_err();
    }
}
