//! The embedded store: one SQLCipher file per database. The file is opened
//! with a raw 256-bit key; another key, or another workspace's file, does not
//! open and says so.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use daybook_kernel::sight::WHOLE;
use daybook_kernel::{Connection as Door, Error, Param, Row};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql};

/// Statements kept prepared per connection: more than one workspace's hot set.
const STATEMENTS_MAX: usize = 128;
/// Pages kept in memory while a connection works, in KiB. Given back when idle.
const CACHE_KIB: i64 = 8_192;

/// What SQLCipher makes a page where nothing else is asked of it.
const PAGE_BYTES: i64 = 4_096;
const PAGES: [&str; 2] = ["PRAGMA page_count", "PRAGMA freelist_count"];

pub struct Sqlite {
    connection: Connection,
    /// `$n` texts as `?n`. SQLite numbers `$n` by first appearance, which would
    /// silently swap parameters. Keyed by address: the texts are static.
    texts: HashMap<usize, Arc<str>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Write,
    Read,
}

impl Sqlite {
    pub fn open(path: &Path, key: &[u8; 32], access: Access) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX
            | match access {
                Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
                Access::Read => OpenFlags::SQLITE_OPEN_READ_WRITE,
            };
        let connection = Connection::open_with_flags(path, flags)
            .map_err(|error| failed(&error, format!("{}: {error}", path.display())))?;
        unlock(&connection, path, key)?;
        connection
            .execute_batch(&format!(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
                 PRAGMA cache_size = -{CACHE_KIB}; \
                 PRAGMA wal_autocheckpoint = 4000; PRAGMA trusted_schema = OFF; \
                 PRAGMA query_only = {};",
                i32::from(access == Access::Read)
            ))
            .map_err(store_error)?;
        if access == Access::Write {
            settle_log(&connection)?;
        }
        connection
            .execute_batch("PRAGMA busy_timeout = 5000;")
            .map_err(store_error)?;
        // Without the stability guarantee a statement with a range is planned anew
        // for each value that is bound.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(store_error)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        Ok(Self {
            connection,
            texts: HashMap::new(),
        })
    }

    pub fn batch(&self, sql: &str) -> Result<(), Error> {
        self.connection.execute_batch(sql).map_err(store_error)
    }

    pub fn begin_write(&self) -> Result<(), Error> {
        self.batch("BEGIN IMMEDIATE")
    }

    pub fn begin_read(&self) -> Result<(), Error> {
        self.batch("BEGIN DEFERRED")
    }

    pub fn commit(&self) -> Result<(), Error> {
        self.batch("COMMIT")
    }

    pub fn roll_back(&self) -> Result<(), Error> {
        self.batch("ROLLBACK")
    }

    /// Gives back the memory of a connection that has nothing to do.
    pub fn rest(&self) {
        self.connection.flush_prepared_statement_cache();
        // Memory that is not given back is no reason to fail.
        let _ = self.batch("PRAGMA shrink_memory");
    }

    /// The raw connection, for copying whole tables between stores.
    pub const fn raw(&self) -> &Connection {
        &self.connection
    }

    fn text(&mut self, sql: &'static str) -> Arc<str> {
        self.texts
            .entry(sql.as_ptr().addr())
            .or_insert_with(|| number_parameters(sql))
            .clone()
    }
}

fn unlock(connection: &Connection, path: &Path, key: &[u8; 32]) -> Result<(), Error> {
    let mut raw = format!("x'{}'", daybook_kernel::id::hex(key));
    let keyed = connection.pragma_update(None, "key", &raw);
    zeroize::Zeroize::zeroize(&mut raw);
    keyed.map_err(store_error)?;
    connection
        // Each page is authenticated by HMAC-SHA-256, which processors compute in
        // hardware; with SQLCipher's usual SHA-512, sealing pages was a quarter
        // of the writers' time (perf under `cargo xtask bench posting`).
        .execute_batch(
            "PRAGMA cipher_log_level = NONE; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;",
        )
        .map_err(store_error)?;
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(|error| {
            let cause = format!(
                "{} does not open with this workspace's key: it is another workspace's file, \
                 or it is damaged. Put the right file back, or restore it. ({error})",
                path.display()
            );
            failed(&error, cause)
        })
}

/// Moves what a write-ahead log was left with into the database file.
///
/// After a sync that failed, the system may show pages that never reached the
/// disk: a log that is read back with them and written on would be cut there by
/// a power loss, with all that was acknowledged since. Pages that are written
/// into the file anew are truly synced. A log that another process is using is
/// left to that process.
fn settle_log(connection: &Connection) -> Result<(), Error> {
    connection
        .busy_timeout(std::time::Duration::ZERO)
        .map_err(store_error)?;
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(store_error)
}

/// `$2 … $1` becomes `?2 … ?1`. A table that is meant as it is kept is named with its schema,
/// as SQLite takes a name within its own definition for a circle.
fn number_parameters(sql: &str) -> Arc<str> {
    sql.replace('$', "?").replace(WHOLE, "main.").into()
}

impl Door for Sqlite {
    fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let text = self.text(sql);
        let mut statement = self
            .connection
            .prepare_cached(&text)
            .map_err(|error| in_statement(sql, &error))?;
        bind(&mut statement, sql, params)?;
        let mut rows = statement.raw_query();
        while let Some(found) = rows.next().map_err(|error| in_statement(sql, &error))? {
            row(&Found(found))?;
        }
        Ok(())
    }

    fn run(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Error> {
        let text = self.text(sql);
        let mut statement = self
            .connection
            .prepare_cached(&text)
            .map_err(|error| in_statement(sql, &error))?;
        bind(&mut statement, sql, params)?;
        let touched = statement
            .raw_execute()
            .map_err(|error| in_statement(sql, &error))?;
        u64::try_from(touched).map_err(Error::ours)
    }

    fn run_each(&mut self, sql: &'static str, rows: &[Vec<Param<'_>>]) -> Result<Vec<u64>, Error> {
        let text = self.text(sql);
        let mut statement = self
            .connection
            .prepare_cached(&text)
            .map_err(|error| in_statement(sql, &error))?;
        let mut touched = Vec::with_capacity(rows.len());
        for params in rows {
            bind(&mut statement, sql, params)?;
            let count = statement
                .raw_execute()
                .map_err(|error| in_statement(sql, &error))?;
            touched.push(u64::try_from(count).map_err(Error::ours)?);
        }
        Ok(touched)
    }

    /// Pages in use; those that are free are used first.
    fn bytes_used(&mut self) -> Result<Option<i64>, Error> {
        let mut numbers = [0; 2];
        for (number, sql) in numbers.iter_mut().zip(PAGES) {
            self.each(sql, &[], &mut |row| {
                *number = row.int(0)?;
                Ok(())
            })?;
        }
        let [pages, free] = numbers;
        Ok(Some((pages - free) * PAGE_BYTES))
    }

    fn savepoint(&mut self) -> Result<(), Error> {
        self.run("SAVEPOINT command", &[]).map(|_| ())
    }

    fn release(&mut self) -> Result<(), Error> {
        self.run("RELEASE command", &[]).map(|_| ())
    }

    fn roll_back_to_savepoint(&mut self) -> Result<(), Error> {
        self.run("ROLLBACK TO command", &[]).map(|_| ())
    }
}

fn bind(
    statement: &mut rusqlite::Statement<'_>,
    sql: &str,
    params: &[Param<'_>],
) -> Result<(), Error> {
    for (index, param) in params.iter().enumerate() {
        statement
            .raw_bind_parameter(index + 1, Bound(*param))
            .map_err(|error| in_statement(sql, &error))?;
    }
    Ok(())
}

struct Bound<'a>(Param<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Param::Null => ValueRef::Null,
            Param::Int(value) => ValueRef::Integer(value),
            Param::Text(text) | Param::Sealed { text, .. } => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

pub(crate) struct Found<'a>(pub &'a rusqlite::Row<'a>);

impl Found<'_> {
    fn value(&self, column: usize) -> Result<ValueRef<'_>, Error> {
        self.0.get_ref(column).map_err(store_error)
    }
}

impl Row for Found<'_> {
    fn int(&self, column: usize) -> Result<i64, Error> {
        self.value(column)?.as_i64().map_err(Error::ours)
    }
    fn maybe_int(&self, column: usize) -> Result<Option<i64>, Error> {
        self.value(column)?.as_i64_or_null().map_err(Error::ours)
    }
    fn text(&self, column: usize) -> Result<&str, Error> {
        self.value(column)?.as_str().map_err(Error::ours)
    }
    fn maybe_text(&self, column: usize) -> Result<Option<&str>, Error> {
        self.value(column)?.as_str_or_null().map_err(Error::ours)
    }
    fn bytes(&self, column: usize) -> Result<&[u8], Error> {
        self.value(column)?.as_bytes().map_err(Error::ours)
    }
    fn maybe_bytes(&self, column: usize) -> Result<Option<&[u8]>, Error> {
        self.value(column)?.as_bytes_or_null().map_err(Error::ours)
    }
    fn sealed(&self, column: usize, _name: &'static str) -> Result<String, Error> {
        Ok(self.maybe_text(column)?.unwrap_or_default().to_owned())
    }
}

pub(super) fn store_error(error: rusqlite::Error) -> Error {
    failed(&error, format!("embedded store: {error}"))
}

fn in_statement(sql: &str, error: &rusqlite::Error) -> Error {
    failed(error, format!("embedded store: {error} in: {sql}"))
}

fn failed(error: &rusqlite::Error, cause: String) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::CannotOpen) => {
            Error::Damaged(cause)
        }
        // The migrations would have made it.
        _ if cause.contains("no such table") => Error::Damaged(cause),
        _ => Error::ours(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_keep_their_numbers() {
        assert_eq!(&*number_parameters("SELECT $2, $1"), "SELECT ?2, ?1");
        let kept = number_parameters("SELECT 1 FROM whole__lines");
        assert_eq!(&*kept, "SELECT 1 FROM main.lines");
    }
}
