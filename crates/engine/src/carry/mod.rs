//! Carrying whole databases: out into files that their owner reads, in from such
//! files, and from one store to the other. It works on tables as the store itself
//! describes them, so a new feature's tables are carried without being named here.
//!
//! A cell is an integer, a text, bytes, or a sealed text. The embedded store keeps
//! a sealed text as TEXT in a BYTEA column, PostgreSQL as a ciphertext for
//! `table.column`; read through [`daybook_kernel::Row::sealed`] both are the same
//! text, and written through [`daybook_kernel::Param::Sealed`] each store keeps it
//! in its own way.

mod digest;
mod lines;
mod load;
mod relocate;
mod rights;
mod schema;
mod text;

#[cfg(test)]
mod tests;

use daybook_kernel::{Connection, Error, Write};

use daybook_kernel::road::Trip;

use crate::desk::{Desk, Job, Work};
use crate::engine::{Call, Engine};

pub use digest::{Digest, digests, sha256_hex};
pub use lines::{read_lines, write_lines};
pub use load::{Loading, is_pristine, load};
pub use relocate::{Moved, relocate};
pub use rights::{Along, Rights, Rows, read_rights, refill};
pub use schema::{Cell, Column, Kind, Table, tables};

/// What is loaded in the transaction of the command that allows it.
pub struct Carrying {
    pub load: Loaded,
    /// What the domains make of it, such as indexes under this workspace's key.
    pub finish: Finished,
}

type Loaded = Box<dyn FnOnce(&mut dyn Connection) -> Result<(), Error> + Send>;
type Finished = Box<dyn FnOnce(&mut Write<'_>) -> Result<(), Error> + Send>;

/// The tables of the engine's own that a workspace's files do not carry: its
/// steps and guards are the program's, and its log is its own.
pub fn is_the_engines(table: &str) -> bool {
    matches!(table, "migrations" | "guards" | "outbox") || table.starts_with("audit_")
}

impl Engine {
    /// Runs a command and, if it is allowed, loads in its transaction: both hold,
    /// or neither. Nobody else may have the store open.
    pub fn carry_in(&self, call: Call, carrying: Carrying) -> Result<Vec<u8>, Error> {
        let (desk, trip) = self.shared().prepare(call)?;
        self.carry(&desk, trip, carrying)
    }

    pub(crate) fn carry(
        &self,
        desk: &Desk,
        trip: Trip,
        carrying: Carrying,
    ) -> Result<Vec<u8>, Error> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let answer = Box::new(move |result| {
            // Nobody waits any more if the receiver is gone.
            let _ = sender.send(result);
        });
        let work = Work::Carry(Box::new(trip), Box::new(carrying));
        desk.transact(self.shared(), vec![Job { work, answer }]);
        receiver.recv().map_err(Error::ours)?
    }
}
