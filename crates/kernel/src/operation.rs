//! What an operation is. A command changes something, a query reads; both are
//! declared once, in their slice, and every surface is made from that.

use std::marker::PhantomData;

use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::caller::Caller;
use crate::decoded::{Asker, Decoded, Work, decode, unreadable};
use crate::error::{Error, Faults};
use crate::id::RequestId;
use crate::ports::Entropy;
use crate::spec::{Rate, Scope, Spec};
use crate::standing::OpenWhile;
pub use crate::table::{Column, Table};
use crate::transaction::{Read, Write};

pub trait Command: Serialize + DeserializeOwned + JsonSchema + Send + Sized + 'static {
    const SPEC: Spec;
    /// Whether `charge` and `prepare` come before the transaction: for whatever
    /// compares or keeps a secret that people choose.
    const PREPARED: bool = false;
    /// Whether `prepare` asks somebody outside: it then waits on threads of its
    /// own, so that a slow answer keeps nobody from hashing.
    const REACHES_OUT: bool = false;
    /// Whether the answer holds the `token` of a new session, which the edge
    /// gives to the browser as a cookie and to nobody otherwise.
    const OPENS_SESSION: bool = false;
    type Output: Serialize + JsonSchema;
    /// Feeds the API document, the command line's help and the tests.
    fn example() -> Self;
    /// What the policies judge.
    fn target(&self) -> Target;
    /// Faults that the input shows by itself, told only to those who may act.
    fn check(&self, faults: &mut Faults);
    /// In a transaction of its own that is durable before anything is compared:
    /// counts the try, or refuses it, and looks up what `prepare` works with.
    fn charge(&mut self, _: &mut Write<'_>, _: &Asker<'_>) -> Result<(), Error> {
        Ok(())
    }
    /// Slow work on a thread of its own, such as hashing. It decides nothing:
    /// `apply` does, once the policies have spoken.
    fn prepare(&mut self, _: &dyn Entropy) -> Result<(), Error> {
        Ok(())
    }
    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Self::Output>, Error>;
}

pub trait Query: Serialize + DeserializeOwned + JsonSchema + Send + Sized + 'static {
    const SPEC: Spec;
    type Output: Serialize + JsonSchema;
    fn example() -> Self;
    fn target(&self) -> Target;
    fn check(&self, faults: &mut Faults);
    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<Self::Output, Error>;
    /// The answer as rows, where that is what it is: CSV and text come from it.
    fn table(_output: &Self::Output) -> Option<Table> {
        None
    }
    /// The answer as a file, where it is one of its own kind; else the rows are
    /// what is taken away.
    fn file(_output: &Self::Output) -> Option<File> {
        None
    }
}

/// Proof that the policies allowed this operation to this caller, here and now.
/// The road alone makes one, so nothing can be applied around it.
pub struct Permit<O> {
    caller: Caller,
    request: RequestId,
    operation: PhantomData<fn() -> O>,
}

impl<O> Permit<O> {
    pub(crate) fn new(caller: &Caller, request: RequestId) -> Self {
        Self {
            caller: caller.clone(),
            request,
            operation: PhantomData,
        }
    }

    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    pub const fn request(&self) -> RequestId {
        self.request
    }
}

/// A success. It cannot be built without saying what changed, so none goes
/// unaudited.
pub struct Done<T> {
    pub(crate) output: T,
    pub(crate) change: Change,
}

impl<T> Done<T> {
    pub const fn new(output: T, change: Change) -> Self {
        Self { output, change }
    }
}

/// A thing before and after. Secrets and Restricted values are left out by
/// whoever builds it.
pub struct Change {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

impl Change {
    pub fn created(kind: &'static str, id: impl ToString, after: &impl Serialize) -> Self {
        Self {
            kind,
            id: id.to_string(),
            before: None,
            after: Some(json(after)),
        }
    }

    pub fn updated(
        kind: &'static str,
        id: impl ToString,
        before: &impl Serialize,
        after: &impl Serialize,
    ) -> Self {
        Self {
            kind,
            id: id.to_string(),
            before: Some(json(before)),
            after: Some(json(after)),
        }
    }

    pub fn removed(kind: &'static str, id: impl ToString, before: &impl Serialize) -> Self {
        Self {
            kind,
            id: id.to_string(),
            before: Some(json(before)),
            after: None,
        }
    }
}

fn json(value: &impl Serialize) -> String {
    // A derived `Serialize` fails only on maps with odd keys, which no Change has.
    serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"unreadable\":\"{error}\"}}"))
}

/// The thing that an operation is about, before it is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The workspace (or the instance) as a whole.
    Whole,
    /// One record, loaded inside the transaction by its kind's loader.
    Record { kind: &'static str, id: String },
    /// The input could not be read, and would have named a record.
    Unreadable,
}

impl Target {
    pub fn record(kind: &'static str, id: impl ToString) -> Self {
        Self::Record {
            kind,
            id: id.to_string(),
        }
    }
}

/// A loaded target, as the policies see it.
#[derive(Debug, Clone)]
pub struct Resource {
    pub kind: &'static str,
    pub id: String,
    /// Attribute names and values, as the kind declares them.
    pub attributes: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Command,
    Query,
}

/// An operation without its type: what the registry holds.
#[derive(Clone, Copy)]
pub struct Operation {
    pub spec: Spec,
    pub kind: Kind,
    pub input: fn() -> Schema,
    pub output: fn() -> Schema,
    pub example: fn() -> Value,
    /// What the example aims at: the kind that the policies are checked against.
    pub target: fn() -> Target,
    pub prepared: bool,
    pub reaches_out: bool,
    pub opens_session: bool,
    /// The furthest standing in which a workspace still takes it.
    pub open_while: OpenWhile,
    pub(crate) decode: fn(&[u8]) -> Decoded,
}

impl Operation {
    pub const fn command<C: Command>() -> Self {
        Self {
            spec: C::SPEC,
            kind: Kind::Command,
            input: || schemars::schema_for!(C),
            output: || schemars::schema_for!(C::Output),
            example: || example_json(&C::example()),
            target: || C::example().target(),
            prepared: C::PREPARED,
            reaches_out: C::REACHES_OUT,
            opens_session: C::OPENS_SESSION,
            open_while: OpenWhile::Usual,
            decode: |bytes| {
                let unread = || unreadable(C::example().target());
                decode::<C>(bytes, C::target, unread, C::check, |it| {
                    Work::Command(Box::new(it))
                })
            },
        }
    }

    pub const fn query<Q: Query>() -> Self {
        const {
            assert!(
                !matches!(Q::SPEC.rate, Rate::Generation),
                "starting a language model's work is a command"
            );
        }
        Self {
            spec: Q::SPEC,
            kind: Kind::Query,
            input: || schemars::schema_for!(Q),
            output: || schemars::schema_for!(Q::Output),
            example: || example_json(&Q::example()),
            target: || Q::example().target(),
            prepared: false,
            reaches_out: false,
            opens_session: false,
            open_while: OpenWhile::Usual,
            decode: |bytes| {
                let unread = || unreadable(Q::example().target());
                decode::<Q>(bytes, Q::target, unread, Q::check, |it| {
                    Work::Query(Box::new(it))
                })
            },
        }
    }

    /// The same, taken by a workspace in that standing too.
    #[must_use]
    pub const fn open_while(mut self, standing: OpenWhile) -> Self {
        self.open_while = standing;
        self
    }

    pub fn stops_while_frozen(&self) -> bool {
        self.in_workspace() && self.is_command() && self.open_while == OpenWhile::Usual
    }

    pub fn stops_while_deleted(&self) -> bool {
        self.in_workspace() && self.open_while != OpenWhile::Deleted
    }

    pub fn in_workspace(&self) -> bool {
        self.spec.scope == Scope::Workspace
    }
}

/// The form in which a query's answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Json,
    Table,
    /// To be taken away and kept.
    File,
}

pub enum Given {
    Json(Vec<u8>),
    Table(Table),
    File(File),
}

/// An answer that is taken away.
pub struct File {
    /// What it is called: letters, digits, `.`, `-` and `_`.
    pub name: String,
    /// Such as `text/csv; charset=utf-8`.
    pub media: &'static str,
    pub text: String,
}

fn example_json(example: &impl Serialize) -> Value {
    serde_json::to_value(example).unwrap_or(Value::Null)
}
