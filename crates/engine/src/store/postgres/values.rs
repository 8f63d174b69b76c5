//! Values on their way to PostgreSQL and back: what is confidential is sealed
//! before it is sent, and opened where it is read.

use std::error::Error as StdError;

use daybook_kernel::{Error, Param, Row, Vault};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut};

use super::store_error;

pub(super) fn bind(vault: &dyn Vault, params: &[Param<'_>]) -> Result<Vec<Bound>, Error> {
    params
        .iter()
        .map(|param| {
            Ok(match *param {
                Param::Null => Bound::Null,
                Param::Int(value) => Bound::Int(value),
                Param::Text(text) => Bound::Text(text.to_owned()),
                Param::Bytes(bytes) => Bound::Bytes(bytes.to_vec()),
                Param::Sealed { column, text } => {
                    Bound::Bytes(vault.seal(column, text.as_bytes())?)
                }
            })
        })
        .collect()
}

/// A parameter as it goes over the wire: what is confidential is sealed already.
#[derive(Debug)]
pub(super) enum Bound {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl ToSql for Bound {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) if *ty == Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
            Self::Int(value) => value.to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Bytes(bytes) => bytes.to_sql(ty, out),
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
            Self::Null => true,
            Self::Int(_) => *ty == Type::INT8 || *ty == Type::INT4,
            Self::Text(_) => *ty == Type::TEXT,
            Self::Bytes(_) => *ty == Type::BYTEA,
        };
        if !fits {
            return Err(format!("a parameter does not fit the column's type {ty}").into());
        }
        self.to_sql(ty, out)
    }
}

pub(super) struct Found<'a> {
    pub row: &'a tokio_postgres::Row,
    pub vault: &'a dyn Vault,
}

impl Found<'_> {
    fn get<'s, T: FromSql<'s>>(&'s self, column: usize) -> Result<T, Error> {
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
