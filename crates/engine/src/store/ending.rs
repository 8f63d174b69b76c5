//! The end of a database: whether it is there, and taking it away with all that
//! was its own. Taking away what is not there is no fault.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use daybook_kernel::Error;

use super::postgres::eraser;
use super::{Place, Store};

/// What lies beside the file of a database. The file itself goes first: while it
/// is there, so is all that belongs to it.
const BESIDE: [&str; 4] = ["db", "db-wal", "db-shm", "before-migration.db"];

impl Store {
    pub fn exists(&self, place: Place) -> Result<bool, Error> {
        let name = place.name();
        if let Some(path) = self.file(place) {
            return path.try_exists().map_err(|error| failed(&path, &error));
        }
        let mut connection = self.take(&name)?;
        let there = connection.has_schema(&name)?;
        self.give_back(connection);
        Ok(there)
    }

    pub fn destroy(&self, place: Place) -> Result<(), Error> {
        let name = place.name();
        if let Self::Embedded { folder } = self {
            for end in BESIDE {
                let path = folder.join(format!("{name}.{end}"));
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(failed(&path, &error));
                    }
                    _ => {}
                }
            }
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            return synced.map_err(|error| failed(folder, &error));
        }
        let mut connection = self.take(&name)?;
        connection.batch(&format!("DROP SCHEMA IF EXISTS {name} CASCADE"))?;
        for role in [eraser(&name), name] {
            connection.batch(&format!(
                "DO $$ BEGIN
                   IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
                     DROP OWNED BY {role}; DROP ROLE {role};
                   END IF;
                 END $$"
            ))?;
        }
        self.give_back(connection);
        Ok(())
    }

    /// Runs work that one process at a time may do, over all that share the store.
    pub fn alone<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        if !self.is_shared() {
            return work();
        }
        let mut connection = self.take("")?;
        connection.batch("BEGIN; SELECT pg_advisory_xact_lock(hashtext('daybook ends'))")?;
        let done = work();
        connection.batch("COMMIT")?;
        self.give_back(connection);
        done
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::ours(format!("{}: {error}", path.display()))
}
