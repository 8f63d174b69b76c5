//! How much a database has stored.

use daybook_kernel::Error;

use super::{Backend, Database};

/// What the tables of the schema take on the disk, with their indexes. It asks the
/// file system, so it is asked now and then.
const SIZE: &str = "\
    SELECT CAST(COALESCE(sum(pg_total_relation_size(oid)), 0) AS BIGINT) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = CAST(current_schema() AS regnamespace)";

impl Database {
    /// How many bytes are stored.
    pub fn measure(&self) -> Result<i64, Error> {
        match &self.backend {
            Backend::Embedded { .. } => self.read(|store| Ok(store.bytes_used()?.unwrap_or(0))),
            Backend::Postgres { .. } => self.read(|store| {
                let mut bytes = 0;
                store.each(SIZE, &[], &mut |row| {
                    bytes = row.int(0)?;
                    Ok(())
                })?;
                Ok(bytes)
            }),
        }
    }
}
