//! The store past one machine: PostgreSQL, with a schema and a role per
//! workspace. A connection belongs to the pool and to no workspace: each
//! transaction takes the workspace's role for its own length, and with it loses
//! the right to look at any other schema.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::Arc;

use daybook_kernel::{Connection as Door, Error, Param, Row, Vault};
use postgres::types::{IsNull, ToSql, Type, private::BytesMut};
use postgres::{Client, NoTls, Statement};

pub struct Postgres {
    client: Client,
    statements: HashMap<usize, Statement>,
}

/// A connection inside one transaction of one schema, sealing under its keys.
pub struct PostgresTransaction<'a> {
    pub connection: &'a mut Postgres,
    pub vault: &'a Arc<dyn Vault>,
}

impl Postgres {
    pub fn connect(url: &str) -> Result<Self, Error> {
        let client = Client::connect(url, NoTls).map_err(|error| store_error(&error))?;
        Ok(Self {
            client,
            statements: HashMap::new(),
        })
    }

    pub fn batch(&mut self, sql: &str) -> Result<(), Error> {
        self.client
            .batch_execute(sql)
            .map_err(|error| store_error(&error))
    }

    /// Begins a transaction that sees one schema, with that schema's role.
    pub fn begin(&mut self, schema: &str, read_only: bool) -> Result<(), Error> {
        let mode = if read_only {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        } else {
            "BEGIN"
        };
        self.batch(&format!(
            "{mode}; SET LOCAL ROLE {schema}; SET LOCAL search_path = {schema}"
        ))
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub const fn raw(&mut self) -> &mut Client {
        &mut self.client
    }

    fn statement(&mut self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(&sql.as_ptr().addr()) {
            return Ok(statement.clone());
        }
        let statement = self
            .client
            .prepare(sql)
            .map_err(|error| in_statement(sql, &error))?;
        self.statements
            .insert(sql.as_ptr().addr(), statement.clone());
        Ok(statement)
    }
}

impl Door for PostgresTransaction<'_> {
    fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let statement = self.connection.statement(sql)?;
        let bound = bind(self.vault.as_ref(), params)?;
        let bound: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|it| it as _).collect();
        let rows = self
            .connection
            .client
            .query(&statement, &bound)
            .map_err(|error| in_statement(sql, &error))?;
        for found in &rows {
            row(&Found {
                row: found,
                vault: self.vault.as_ref(),
            })?;
        }
        Ok(())
    }

    fn run(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Error> {
        let statement = self.connection.statement(sql)?;
        let bound = bind(self.vault.as_ref(), params)?;
        let bound: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|it| it as _).collect();
        self.connection
            .client
            .execute(&statement, &bound)
            .map_err(|error| in_statement(sql, &error))
    }

    fn savepoint(&mut self) -> Result<(), Error> {
        self.connection.batch("SAVEPOINT command")
    }

    fn release(&mut self) -> Result<(), Error> {
        self.connection.batch("RELEASE command")
    }

    fn roll_back_to_savepoint(&mut self) -> Result<(), Error> {
        self.connection.batch("ROLLBACK TO command")
    }
}

fn bind<'a>(vault: &dyn Vault, params: &[Param<'a>]) -> Result<Vec<Bound<'a>>, Error> {
    params
        .iter()
        .map(|param| {
            Ok(match *param {
                Param::Sealed { column, text } => {
                    Bound::Owned(vault.seal(column, text.as_bytes())?)
                }
                plain => Bound::Plain(plain),
            })
        })
        .collect()
}

#[derive(Debug)]
enum Bound<'a> {
    Plain(Param<'a>),
    Owned(Vec<u8>),
}

impl ToSql for Bound<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Owned(bytes) => bytes.as_slice().to_sql(ty, out),
            Self::Plain(Param::Null) => Ok(IsNull::Yes),
            Self::Plain(Param::Int(value)) if *ty == Type::INT4 => {
                i32::try_from(*value)?.to_sql(ty, out)
            }
            Self::Plain(Param::Int(value)) => value.to_sql(ty, out),
            Self::Plain(Param::Text(text)) => text.to_sql(ty, out),
            Self::Plain(Param::Bytes(bytes)) => bytes.to_sql(ty, out),
            Self::Plain(Param::Sealed { .. }) => Err("a sealed text reached the wire open".into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4 | Type::TEXT | Type::BYTEA)
    }

    fn to_sql_checked(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let fits = match self {
            Self::Plain(Param::Null) => true,
            Self::Plain(Param::Int(_)) => *ty == Type::INT8 || *ty == Type::INT4,
            Self::Plain(Param::Text(_)) => *ty == Type::TEXT,
            Self::Owned(_) | Self::Plain(Param::Bytes(_) | Param::Sealed { .. }) => {
                *ty == Type::BYTEA
            }
        };
        if !fits {
            return Err(format!("a parameter does not fit the column's type {ty}").into());
        }
        self.to_sql(ty, out)
    }
}

struct Found<'a> {
    row: &'a postgres::Row,
    vault: &'a dyn Vault,
}

impl Found<'_> {
    fn get<'s, T: postgres::types::FromSql<'s>>(&'s self, column: usize) -> Result<T, Error> {
        self.row
            .try_get(column)
            .map_err(|error| store_error(&error))
    }
}

impl Row for Found<'_> {
    fn int(&self, column: usize) -> Result<i64, Error> {
        self.get(column)
    }
    fn maybe_int(&self, column: usize) -> Result<Option<i64>, Error> {
        self.get(column)
    }
    fn text(&self, column: usize) -> Result<&str, Error> {
        self.get(column)
    }
    fn maybe_text(&self, column: usize) -> Result<Option<&str>, Error> {
        self.get(column)
    }
    fn bytes(&self, column: usize) -> Result<&[u8], Error> {
        self.get(column)
    }
    fn maybe_bytes(&self, column: usize) -> Result<Option<&[u8]>, Error> {
        self.get(column)
    }
    fn sealed(&self, column: usize, name: &'static str) -> Result<String, Error> {
        let Some(sealed) = self.maybe_bytes(column)? else {
            return Ok(String::new());
        };
        String::from_utf8(self.vault.open(name, sealed)?).map_err(Error::ours)
    }
}

/// The chain of causes: the driver's own text is only "db error".
fn store_error(error: &postgres::Error) -> Error {
    let cause = error
        .source()
        .map(|source| format!(": {source}"))
        .unwrap_or_default();
    Error::ours(format!("PostgreSQL: {error}{cause}"))
}

fn in_statement(sql: &str, error: &postgres::Error) -> Error {
    let cause = error
        .source()
        .map(|source| format!(": {source}"))
        .unwrap_or_default();
    Error::ours(format!("PostgreSQL: {error}{cause} in: {sql}"))
}
