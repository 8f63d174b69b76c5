//! What went wrong, in words: with its cause, as the driver's own text is only
//! "db error"; and whether it tells of a database that is damaged.

use std::error::Error as _;

use daybook_kernel::Error;
use tokio_postgres::error::SqlState;

pub(super) fn gone() -> Error {
    Error::ours("PostgreSQL: the connection is closed")
}

pub(super) fn store_error(error: &tokio_postgres::Error) -> Error {
    failed(error, format!("PostgreSQL: {}", chain(error)))
}

pub(super) fn in_statement(sql: &str, error: &tokio_postgres::Error) -> Error {
    failed(error, format!("PostgreSQL: {} in: {sql}", chain(error)))
}

/// With its cause: the driver's own text is only "db error".
pub(super) fn chain(error: &tokio_postgres::Error) -> String {
    let cause = error.source().map(|source| format!(": {source}"));
    format!("{error}{}", cause.unwrap_or_default())
}

/// A table, a column or a schema that is not there was there when the database
/// was opened, or the migrations would have made it.
fn failed(error: &tokio_postgres::Error, cause: String) -> Error {
    let is_damage = error.code().is_some_and(|code| {
        [
            SqlState::UNDEFINED_TABLE,
            SqlState::UNDEFINED_COLUMN,
            SqlState::INVALID_SCHEMA_NAME,
            SqlState::DATA_CORRUPTED,
            SqlState::INDEX_CORRUPTED,
        ]
        .contains(code)
    });
    if is_damage {
        Error::Damaged(cause)
    } else {
        Error::ours(cause)
    }
}
