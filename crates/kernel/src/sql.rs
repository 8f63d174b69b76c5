//! The door to a store. Domain code writes one SQL text, on the subset that
//! SQLite and PostgreSQL share, with `$1`, `$2` … as parameters. A text is
//! `&'static str`: what a caller typed can never become part of it, and no text
//! names a schema or another database: the connection *is* the workspace.

use crate::error::Error;

/// A value on its way into the store.
#[derive(Debug, Clone, Copy)]
pub enum Param<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
    /// A Confidential text. The embedded file is encrypted as a whole; on
    /// PostgreSQL the text is sealed under the workspace's key, bound to the
    /// `table.column` named here.
    Sealed {
        column: &'static str,
        text: &'a str,
    },
}

/// One row of an answer. Columns count from 0.
pub trait Row {
    fn int(&self, column: usize) -> Result<i64, Error>;
    fn maybe_int(&self, column: usize) -> Result<Option<i64>, Error>;
    fn text(&self, column: usize) -> Result<&str, Error>;
    fn maybe_text(&self, column: usize) -> Result<Option<&str>, Error>;
    fn bytes(&self, column: usize) -> Result<&[u8], Error>;
    fn maybe_bytes(&self, column: usize) -> Result<Option<&[u8]>, Error>;
    /// The text that was put in as [`Param::Sealed`] for this `table.column`;
    /// NULL reads as the empty text.
    fn sealed(&self, column: usize, name: &'static str) -> Result<String, Error>;
}

/// A transaction on one workspace's database, or on the instance's.
pub trait Connection {
    fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error>;
    /// Runs a statement and answers how many rows it touched.
    fn run(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Error>;
    /// Runs one statement for each row of parameters, in order, and answers how
    /// many rows each touched. A store at the end of a wire sends them together.
    fn run_each(&mut self, sql: &'static str, rows: &[Vec<Param<'_>>]) -> Result<Vec<u64>, Error> {
        rows.iter().map(|params| self.run(sql, params)).collect()
    }
    /// Runs a statement whose count nobody looks at. It may travel with what
    /// follows it: its failure is told at the latest by the next question or by
    /// the release of the savepoint, as that command's.
    fn run_later(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<(), Error> {
        self.run(sql, params).map(|_| ())
    }
    /// Runs one statement for each row of parameters, as [`Connection::run_later`].
    fn run_each_later(&mut self, sql: &'static str, rows: &[Vec<Param<'_>>]) -> Result<(), Error> {
        self.run_each(sql, rows).map(|_| ())
    }
    /// Asks one question for each row of parameters; the callback is told which
    /// of them a found row answers.
    fn each_of(
        &mut self,
        sql: &'static str,
        rows: &[Vec<Param<'_>>],
        row: &mut dyn FnMut(usize, &dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for (at, params) in rows.iter().enumerate() {
            self.each(sql, params, &mut |found| row(at, found))?;
        }
        Ok(())
    }
    /// How many bytes the database has stored, where that costs nothing to ask.
    fn bytes_used(&mut self) -> Result<Option<i64>, Error> {
        Ok(None)
    }
    fn savepoint(&mut self) -> Result<(), Error>;
    fn release(&mut self) -> Result<(), Error>;
    fn roll_back_to_savepoint(&mut self) -> Result<(), Error>;
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
