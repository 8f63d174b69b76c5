//! A feature is a folder: its operations, pages, tables, guards and policies,
//! named in one value. The binary lists the features; all else is made from
//! that list.

use crate::error::Error;
use crate::operation::Operation;
use crate::page::Page;
use crate::spec::Scope;
use crate::transaction::{Read, Write};

#[derive(Clone, Copy)]
pub struct Feature {
    pub name: &'static str,
    pub scope: Scope,
    pub operations: &'static [Operation],
    pub pages: &'static [Page],
    pub migrations: &'static [Migration],
    pub guards: &'static [Guard],
    pub resources: &'static [ResourceKind],
    /// Cedar text; each policy has an `@id`.
    pub policy: &'static str,
    pub deliveries: &'static [Delivery],
}

/// A numbered step forward of a feature's tables. Never changed once shipped.
#[derive(Clone, Copy)]
pub struct Migration {
    pub number: i64,
    pub sql: &'static str,
}

/// A rule that the store itself keeps, whatever code runs: a statement for
/// which the condition holds is refused. `NEW` and `OLD` name the row.
#[derive(Clone, Copy)]
pub struct Guard {
    pub name: &'static str,
    pub table: &'static str,
    pub on: GuardEvent,
    /// A condition in the common SQL, or `1 = 1` for always.
    pub refuse_if: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardEvent {
    Insert,
    Update,
    Delete,
}

/// Finds a record by its id and answers with its attributes.
pub type LoadAttributes = fn(&mut Read<'_>, id: &str) -> Result<Option<Vec<String>>, Error>;

/// A kind of record that operations aim at.
#[derive(Clone, Copy)]
pub struct ResourceKind {
    pub name: &'static str,
    /// The attributes that policies may ask for; all are texts.
    pub attributes: &'static [&'static str],
    /// The values of the attributes, in their order, or nothing if it is not there.
    pub load: LoadAttributes,
}

/// Takes what a workspace left in its outbox, in the instance's transaction; of
/// a workspace's feature, what the instance left for it: JSON that names the
/// `workspace`, perhaps twice and not always in order.
#[derive(Clone, Copy)]
pub struct Delivery {
    pub kind: &'static str,
    pub deliver: fn(&mut Write<'_>, payload: &str) -> Result<(), Error>,
}
