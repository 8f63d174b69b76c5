//! A store in memory, which also plays the attacker's database tool.

use daybook_kernel::{Connection, Error, Param, Row};
use rusqlite::types::Value;

use crate::store::sqlite::Found;

pub(in super::super) struct TestStore(pub rusqlite::Connection);

impl TestStore {
    pub fn new() -> Self {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(super::MIGRATION).unwrap();
        Self(connection)
    }

    /// What somebody with all rights over the file may do.
    pub fn tamper(&self, sql: &str) {
        self.0.execute_batch(sql).unwrap();
    }

    /// A copy of the whole database, as a backup would be.
    pub fn copy(&self, path: &std::path::Path) -> Self {
        self.0
            .execute("VACUUM INTO ?1", [path.to_str().unwrap()])
            .unwrap();
        Self(rusqlite::Connection::open(path).unwrap())
    }
}

fn value(param: &Param<'_>) -> Value {
    match param {
        Param::Null => Value::Null,
        Param::Int(number) => Value::Integer(*number),
        Param::Text(text) | Param::Sealed { text, .. } => Value::Text((*text).to_owned()),
        Param::Bytes(bytes) => Value::Blob(bytes.to_vec()),
    }
}

impl Connection for TestStore {
    fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let sql = sql.replace('$', "?");
        let mut statement = self.0.prepare_cached(&sql).map_err(Error::ours)?;
        let values = params.iter().map(value);
        let mut rows = statement
            .query(rusqlite::params_from_iter(values))
            .map_err(Error::ours)?;
        while let Some(found) = rows.next().map_err(Error::ours)? {
            row(&Found(found))?;
        }
        Ok(())
    }

    fn run(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Error> {
        let sql = sql.replace('$', "?");
        let mut statement = self.0.prepare_cached(&sql).map_err(Error::ours)?;
        let values = params.iter().map(value);
        let touched = statement
            .execute(rusqlite::params_from_iter(values))
            .map_err(Error::ours)?;
        Ok(touched as u64)
    }

    fn savepoint(&mut self) -> Result<(), Error> {
        self.0
            .execute_batch("SAVEPOINT command")
            .map_err(Error::ours)
    }

    fn release(&mut self) -> Result<(), Error> {
        self.0.execute_batch("RELEASE command").map_err(Error::ours)
    }

    fn roll_back_to_savepoint(&mut self) -> Result<(), Error> {
        self.0
            .execute_batch("ROLLBACK TO command")
            .map_err(Error::ours)
    }
}
