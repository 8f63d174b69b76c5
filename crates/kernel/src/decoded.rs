//! An input that was read: what it is about, what is wrong with it, and the
//! work, ready for the road.

use serde::de::DeserializeOwned;

use crate::caller::{Caller, Origin, SessionFacts};
use crate::error::{Error, Faults};
use crate::id::{PersonId, RequestId};
use crate::operation::{Change, Command, File, Given, Permit, Query, Target, Wanted};
use crate::ports::Entropy;
use crate::spec::Spec;
use crate::table::Table;
use crate::transaction::{Read, Write};

/// An input on its way down the road: what it is about, what is wrong with it,
/// and the work, if it could be read at all.
pub struct Decoded {
    pub(crate) target: Target,
    pub(crate) faults: Faults,
    pub(crate) work: Option<Work>,
}

/// Who asks, before any transaction has judged it.
pub struct Asker<'a> {
    pub person: Option<PersonId>,
    pub session: Option<&'a SessionFacts>,
    pub origin: &'a Origin,
}

impl Decoded {
    /// What could not be read, or not as its schema says.
    pub(crate) fn unread(example: Target, error: &serde_json::Error) -> Self {
        let (field, message) = explain(error);
        Self {
            target: unreadable(example),
            faults: Faults::one(field, message),
            work: None,
        }
    }

    /// Counts a try, durably, before anything secret is compared. Nothing is
    /// counted for an input that has faults.
    pub fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error> {
        match &mut self.work {
            Some(Work::Command(work)) if self.faults.is_empty() => work.charge(tx, asker),
            _ => Ok(()),
        }
    }

    /// The slow part, outside of any transaction.
    pub fn prepare(&mut self, entropy: &dyn Entropy) -> Result<(), Error> {
        match &mut self.work {
            Some(Work::Command(work)) if self.faults.is_empty() => work.prepare(entropy),
            _ => Ok(()),
        }
    }
}

pub(crate) enum Work {
    Command(Box<dyn CommandWork>),
    Query(Box<dyn QueryWork>),
}

/// What a run leaves: the answer as JSON, and the change for the log.
pub(crate) struct Ran {
    pub output: Vec<u8>,
    pub change: Change,
}

pub(crate) trait CommandWork: Send {
    fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error>;
    fn prepare(&mut self, entropy: &dyn Entropy) -> Result<(), Error>;
    fn run(
        self: Box<Self>,
        tx: &mut Write<'_>,
        caller: &Caller,
        request: RequestId,
    ) -> Result<Ran, Error>;
}

pub(crate) trait QueryWork: Send {
    fn run(
        self: Box<Self>,
        tx: &mut Read<'_>,
        caller: &Caller,
        request: RequestId,
        wanted: Wanted,
    ) -> Result<Given, Error>;
}

impl<C: Command> CommandWork for C {
    fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error> {
        Command::charge(self, tx, asker)
    }

    fn prepare(&mut self, entropy: &dyn Entropy) -> Result<(), Error> {
        Command::prepare(self, entropy)
    }

    fn run(
        self: Box<Self>,
        tx: &mut Write<'_>,
        caller: &Caller,
        request: RequestId,
    ) -> Result<Ran, Error> {
        let done = self.apply(tx, Permit::new(caller, request))?;
        let output = serde_json::to_vec(&done.output).map_err(Error::ours)?;
        Ok(Ran {
            output,
            change: done.change,
        })
    }
}

impl<Q: Query> QueryWork for Q {
    fn run(
        self: Box<Self>,
        tx: &mut Read<'_>,
        caller: &Caller,
        request: RequestId,
        wanted: Wanted,
    ) -> Result<Given, Error> {
        let output = self.answer(tx, Permit::new(caller, request))?;
        let no_table = || Error::fault("format", "This answer is not a table. Ask for JSON.");
        match wanted {
            Wanted::Json => serde_json::to_vec(&output)
                .map(Given::Json)
                .map_err(Error::ours),
            Wanted::Table => Q::table(&output).map(Given::Table).ok_or_else(no_table),
            Wanted::File => Q::file(&output)
                .or_else(|| Q::table(&output).map(|table| rows_of(&Q::SPEC, &table)))
                .map(Given::File)
                .ok_or_else(no_table),
        }
    }
}

fn rows_of(spec: &Spec, table: &Table) -> File {
    File {
        name: format!("{}.csv", spec.name),
        media: "text/csv; charset=utf-8",
        text: table.csv(),
    }
}

pub(crate) fn decode<T: DeserializeOwned>(
    input: &[u8],
    target: fn(&T) -> Target,
    unreadable: fn() -> Target,
    check: fn(&T, &mut Faults),
    work: fn(T) -> Work,
) -> Decoded {
    let mut faults = Faults::default();
    if holds_nul(input) {
        let message = "A text holds the character U+0000, which no store keeps. Take it out.";
        faults.add("input", message);
        return Decoded {
            target: unreadable(),
            faults,
            work: None,
        };
    }
    match serde_json::from_slice::<T>(input) {
        Ok(read) => {
            check(&read, &mut faults);
            Decoded {
                target: target(&read),
                faults,
                work: Some(work(read)),
            }
        }
        Err(error) => Decoded::unread(unreadable(), &error),
    }
}

/// Whether a JSON text holds an escaped U+0000. A raw one is no JSON.
fn holds_nul(input: &[u8]) -> bool {
    const ESCAPED: &[u8] = b"\\u0000";
    let mut from = 0;
    while let Some(found) = input[from..]
        .windows(ESCAPED.len())
        .position(|it| it == ESCAPED)
    {
        let at = from + found;
        let before = input[..at]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        if before % 2 == 0 {
            return true;
        }
        from = at + ESCAPED.len();
    }
    false
}

pub(crate) fn unreadable(example: Target) -> Target {
    match example {
        Target::Whole => Target::Whole,
        Target::Record { .. } | Target::Unreadable => Target::Unreadable,
    }
}

/// serde's own words name the field; the place is told where it helps.
fn explain(error: &serde_json::Error) -> (String, String) {
    let text = error.to_string();
    let sentence = text.split(" at line ").next().unwrap_or(&text);
    let field = sentence.split('`').nth(1).unwrap_or("input");
    let place = format!("line {}, column {}", error.line(), error.column());
    (
        field.to_owned(),
        format!("The input could not be read: {sentence} ({place})."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_nul_is_found_and_an_escaped_backslash_is_not_one() {
        for (input, found) in [
            (r#"{"a":"\u0000"}"#, true),
            (r#"{"a":"x\\u0000"}"#, false),
            (r#"{"a":"x\\\u0000"}"#, true),
            (r#"{"a":"\u0001"}"#, false),
            ("", false),
        ] {
            assert_eq!(holds_nul(input.as_bytes()), found, "{input}");
        }
    }
}
