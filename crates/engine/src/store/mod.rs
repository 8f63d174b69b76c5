//! The two stores behind one door. A [`Store`] is where databases live; a
//! [`Database`] is one of them: the instance's, or one workspace's, opened with
//! its own keys and brought up to date.

mod ending;
mod measure;
mod migrate;
mod postgres;
pub(crate) mod sqlite;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use daybook_kernel::road::Registry;
use daybook_kernel::{Connection, Error, Scope, Vault, WorkspaceId};

pub use postgres::{Postgres, PostgresTransaction, Server};
pub use sqlite::{Access, Sqlite};

/// Readers kept open per embedded database; more are opened and dropped.
const READERS_KEPT: usize = 2;
/// PostgreSQL connections kept by one process.
const CONNECTIONS_KEPT: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    Instance,
    Workspace(WorkspaceId),
    /// What is left of the log of a workspace that was erased.
    Remains(WorkspaceId),
}

/// What opens a database: the raw key of an embedded file and the keys of its
/// sealed columns.
#[derive(Clone)]
pub struct Opening {
    pub place: Place,
    pub raw_key: Arc<zeroize::Zeroizing<[u8; 32]>>,
    pub vault: Arc<dyn Vault>,
}

pub enum Store {
    Embedded {
        folder: PathBuf,
    },
    Postgres {
        server: Box<Server>,
        idle: Mutex<Vec<Postgres>>,
    },
}

pub struct Database {
    pub opening: Opening,
    backend: Backend,
}

enum Backend {
    Embedded {
        path: PathBuf,
        writer: Mutex<Sqlite>,
        readers: Mutex<Vec<Sqlite>>,
    },
    Postgres {
        store: Arc<Store>,
        schema: String,
    },
}

impl Place {
    pub const fn scope(self) -> Scope {
        match self {
            Self::Instance => Scope::Instance,
            Self::Workspace(_) | Self::Remains(_) => Scope::Workspace,
        }
    }

    /// The name of the file and of the schema.
    pub fn name(self) -> String {
        match self {
            Self::Instance => "daybook_instance".to_owned(),
            Self::Workspace(id) => format!("ws_{id}"),
            Self::Remains(id) => format!("gone_{id}"),
        }
    }

    pub const fn workspace(self) -> Option<WorkspaceId> {
        match self {
            Self::Instance => None,
            Self::Workspace(id) | Self::Remains(id) => Some(id),
        }
    }
}

impl Store {
    pub fn embedded(data: &Path) -> Result<Self, Error> {
        let folder = data.join("databases");
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::File::open(data)?.sync_all())
            .map_err(|error| Error::ours(format!("{}: {error}", folder.display())))?;
        Ok(Self::Embedded { folder })
    }

    pub fn postgres(server: &Server) -> Result<Self, Error> {
        let first = Postgres::connect(server)?;
        Ok(Self::Postgres {
            server: Box::new(server.clone()),
            idle: Mutex::new(vec![first]),
        })
    }

    /// Whether other processes may write to the same databases.
    pub const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    /// Opens a database, making it if it is not there, and brings its tables
    /// up to date.
    pub fn open(
        self: &Arc<Self>,
        opening: Opening,
        registry: &Registry,
    ) -> Result<Database, Error> {
        let name = opening.place.name();
        let scope = opening.place.scope();
        let backend = match &**self {
            Self::Embedded { folder } => {
                let path = folder.join(format!("{name}.db"));
                let mut writer = Sqlite::open(&path, &opening.raw_key, Access::Write)?;
                migrate::embedded(&mut writer, &path, registry, scope)?;
                Backend::Embedded {
                    path,
                    writer: Mutex::new(writer),
                    readers: Mutex::default(),
                }
            }
            Self::Postgres { .. } => {
                let mut connection = self.take(&name)?;
                migrate::postgres(&mut connection, &name, registry, scope, &opening.vault)?;
                self.give_back(connection);
                Backend::Postgres {
                    store: Arc::clone(self),
                    schema: name,
                }
            }
        };
        Ok(Database { opening, backend })
    }

    /// The file of a database, where databases are files.
    pub fn file(&self, place: Place) -> Option<PathBuf> {
        match self {
            Self::Embedded { folder } => Some(folder.join(format!("{}.db", place.name()))),
            Self::Postgres { .. } => None,
        }
    }

    /// A connection, if it may be the one that worked for this schema last: the
    /// server plans each statement anew where the schema is another.
    fn take(&self, schema: &str) -> Result<Postgres, Error> {
        let Self::Postgres { server, idle } = self else {
            return Err(Error::ours("an embedded store has no connections to take"));
        };
        let kept = {
            let mut idle = lock(idle);
            idle.retain(|connection| !connection.is_closed());
            let known = idle.iter().position(|it| it.schema() == schema);
            // The first is the one that has been idle longest.
            let other = (idle.len() >= CONNECTIONS_KEPT).then_some(0);
            known.or(other).map(|at| idle.remove(at))
        };
        kept.map_or_else(|| Postgres::connect(server), Ok)
    }

    fn give_back(&self, connection: Postgres) {
        if let Self::Postgres { idle, .. } = self {
            let mut idle = lock(idle);
            if idle.len() < CONNECTIONS_KEPT {
                idle.push(connection);
            }
        }
    }
}

impl Database {
    /// Runs the work in a writing transaction: committed if it succeeds, rolled
    /// back if not. One at a time.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&mut dyn Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match &self.backend {
            Backend::Embedded { writer, .. } => {
                let mut writer = lock(writer);
                writer.begin_write()?;
                let done = work(&mut *writer).and_then(|done| writer.commit().map(|()| done));
                if done.is_err() {
                    // After a failed commit there may be nothing to roll back.
                    let _ = writer.roll_back();
                }
                done
            }
            Backend::Postgres { store, schema } => {
                let mut connection = store.take(schema)?;
                connection.begin(schema, false);
                let done = self.in_postgres(&mut connection, work);
                end(store, connection, done)
            }
        }
    }

    /// Runs the work in a writing transaction that may erase the content of
    /// records, and nothing else: on PostgreSQL by a role of its own.
    pub fn erase<T>(
        &self,
        work: impl FnOnce(&mut dyn Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match &self.backend {
            Backend::Embedded { .. } => self.write(work),
            Backend::Postgres { store, schema } => {
                let mut connection = store.take(schema)?;
                connection.begin_erasing(schema);
                let done = self.in_postgres(&mut connection, work);
                end(store, connection, done)
            }
        }
    }

    /// Runs the work on a snapshot.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&mut dyn Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match &self.backend {
            Backend::Embedded { path, readers, .. } => {
                let kept = lock(readers).pop();
                let mut reader = match kept {
                    Some(reader) => reader,
                    None => Sqlite::open(path, &self.opening.raw_key, Access::Read)?,
                };
                reader.begin_read()?;
                let done = work(&mut reader);
                let ended = reader.commit();
                let mut readers = lock(readers);
                if ended.is_ok() && readers.len() < READERS_KEPT {
                    readers.push(reader);
                }
                done
            }
            Backend::Postgres { store, schema } => {
                let mut connection = store.take(schema)?;
                connection.begin(schema, true);
                let done = self.in_postgres(&mut connection, work);
                end(store, connection, done)
            }
        }
    }

    /// Whether it is a file; else it is a schema of PostgreSQL.
    pub const fn is_embedded(&self) -> bool {
        matches!(self.backend, Backend::Embedded { .. })
    }

    /// Closes the readers and gives back the writer's memory.
    pub fn rest(&self) {
        if let Backend::Embedded {
            writer, readers, ..
        } = &self.backend
        {
            lock(readers).clear();
            if let Ok(writer) = writer.try_lock() {
                writer.rest();
            }
        }
    }

    fn in_postgres<T>(
        &self,
        connection: &mut Postgres,
        work: impl FnOnce(&mut dyn Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        work(&mut PostgresTransaction {
            connection,
            vault: &self.opening.vault,
        })
    }
}

fn end<T>(store: &Store, mut connection: Postgres, done: Result<T, Error>) -> Result<T, Error> {
    let ended = if done.is_ok() {
        connection.commit()
    } else {
        connection.roll_back()
    };
    if ended.is_ok() {
        store.give_back(connection);
    }
    done.and_then(|done| ended.map(|()| done))
}

/// A poisoned lock guards nothing half done here: transactions roll back.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
