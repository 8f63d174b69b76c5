//! What an operation holds while it runs: a reading view of its store, or a
//! writing one. Both know the time and the keys; nothing is ambient.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use jiff::Timestamp;

use crate::error::Error;
use crate::id::{PersonId, WorkspaceId};
use crate::money::Currency;
use crate::ports::{Entropy, Outside, Passwords, People, Progress, Vault};
use crate::road::SignedIn;
use crate::sight::{Narrowed, View};
use crate::sql::{Connection, Param, Row};
use crate::standing::{Standing, Usage};

pub struct Read<'a> {
    pub(crate) store: &'a mut dyn Connection,
    surroundings: Surroundings<'a>,
    /// Whose sight it has; `None` is all.
    view: Option<View>,
    shows_part: bool,
}

pub struct Write<'a> {
    read: Read<'a>,
    entropy: &'a dyn Entropy,
    progress: &'a dyn Progress,
    pub(crate) pending: Pending,
}

/// What both views know besides the store.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub now: Timestamp,
    pub vault: &'a dyn Vault,
    pub people: &'a dyn People,
    pub passwords: &'a Arc<dyn Passwords>,
    pub outside: &'a Arc<dyn Outside>,
    /// The instance's origin as it is configured, such as `https://books.example.com`.
    pub site: &'a str,
    /// `None` on the instance.
    pub workspace: Option<WorkspaceId>,
    /// The workspace's name in addresses; empty on the instance.
    pub address: &'a str,
    pub standing: Standing,
    pub usage: Usage,
}

/// A kept sum that many commands of a batch add to. The additions of a batch
/// are merged by key and written once before the commit.
#[derive(Debug)]
pub struct Tally {
    pub name: &'static str,
    /// Writes what moved, each key once and in the order of the keys.
    pub settle: fn(&mut dyn Connection, &[Addition]) -> Result<(), Error>,
}

/// What a batch adds to one key: the amount and the base amount.
pub type Addition = (TallyKey, [i64; 2]);

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TallyKey {
    pub account: i64,
    pub currency: Currency,
    pub bucket: i64,
}

/// What one command leaves for the end of its batch.
#[derive(Default)]
pub struct Pending {
    pub tallies: Vec<(&'static Tally, TallyKey, [i64; 2])>,
    pub outbox: bool,
    /// The outbox is delivered before the answer leaves.
    pub is_urgent: bool,
    /// The directory says something else of a workspace than before.
    pub lives_changed: bool,
    /// Who a visitor says they are, for the log.
    pub(crate) actor: Option<SignedIn>,
    /// Why a try was refused, if the log is to be told.
    pub(crate) refusal: Option<&'static str>,
}

impl<'a> Read<'a> {
    pub fn new(store: &'a mut dyn Connection, surroundings: Surroundings<'a>) -> Self {
        Self {
            store,
            surroundings,
            view: None,
            shows_part: false,
        }
    }

    /// The instant of this transaction.
    pub const fn now(&self) -> Timestamp {
        self.surroundings.now
    }

    pub const fn vault(&self) -> &'a dyn Vault {
        self.surroundings.vault
    }

    pub const fn workspace(&self) -> Option<WorkspaceId> {
        self.surroundings.workspace
    }

    /// The workspace's name in addresses; empty on the instance.
    pub const fn address(&self) -> &'a str {
        self.surroundings.address
    }

    /// How the workspace stands now; the instance is always active.
    pub const fn standing(&self) -> Standing {
        self.surroundings.standing
    }

    /// How much the workspace has stored, as it was known a moment ago.
    pub const fn usage(&self) -> Usage {
        self.surroundings.usage
    }

    /// The instance's origin, as it is configured: no request can change it.
    pub const fn site(&self) -> &'a str {
        self.surroundings.site
    }

    /// What the instance asks of passwords; a command takes it along to where
    /// it prepares.
    pub const fn passwords(&self) -> &'a Arc<dyn Passwords> {
        self.surroundings.passwords
    }

    /// Whom the instance asks outside. Nothing is asked inside a transaction: a
    /// command takes this along to where it prepares.
    pub const fn outside(&self) -> &'a Arc<dyn Outside> {
        self.surroundings.outside
    }

    pub fn find_person(&self, email: &str) -> Result<Option<PersonId>, Error> {
        self.surroundings.people.find(email)
    }

    /// The one key of an address, however it is written.
    pub fn address_key(&self, email: &str) -> String {
        self.surroundings.people.address_key(email)
    }

    /// The road alone says whose sight a transaction has.
    pub(crate) fn see_as(&mut self, view: Option<View>) {
        self.view = view;
    }

    /// Whether the caller sees all, and not only what is assigned to them.
    pub const fn sees_all(&self) -> bool {
        self.view.is_none()
    }

    pub(crate) const fn shows_part(&self) -> bool {
        self.shows_part
    }

    /// Asks past what the caller sees, where the work itself needs it and nothing of it is told.
    /// A tidy rule names the places.
    pub fn seeing_all<T>(
        &mut self,
        ask: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let view = self.view.take();
        let answer = ask(self);
        self.view = view;
        answer
    }

    /// Calls back for each row.
    pub fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        mut row: impl FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some(view) = &self.view else {
            return self.store.each(sql, params, &mut row);
        };
        let Narrowed::Text(sql, by_person) = view.narrow(sql, params.len())? else {
            return self.store.each(sql, params, &mut row);
        };
        self.shows_part = true;
        let mut params = params.to_vec();
        params.extend(by_person.then_some(Param::Text(&view.person)));
        self.store.each(sql, &params, &mut row)
    }

    /// Every row, read into a type.
    pub fn all<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        mut read: impl FnMut(&dyn Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        self.each(sql, params, |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row for each row of parameters, if there is one.
    pub fn first_of_each<T>(
        &mut self,
        sql: &'static str,
        rows: &[Vec<Param<'_>>],
        mut read: impl FnMut(usize, &dyn Row) -> Result<T, Error>,
    ) -> Result<Vec<Option<T>>, Error> {
        let mut found: Vec<Option<T>> = rows.iter().map(|_| None).collect();
        let mut keep = |at: usize, row: &dyn Row| {
            if let Some(first @ None) = found.get_mut(at) {
                *first = Some(read(at, row)?);
            }
            Ok(())
        };
        let (Some(view), Some(first)) = (&self.view, rows.first()) else {
            self.store.each_of(sql, rows, &mut keep)?;
            return Ok(found);
        };
        let Narrowed::Text(sql, by_person) = view.narrow(sql, first.len())? else {
            self.store.each_of(sql, rows, &mut keep)?;
            return Ok(found);
        };
        self.shows_part = true;
        let person = by_person.then_some(Param::Text(&view.person));
        let rows: Vec<Vec<Param<'_>>> = rows
            .iter()
            .map(|params| params.iter().copied().chain(person).collect())
            .collect();
        self.store.each_of(sql, &rows, &mut keep)?;
        Ok(found)
    }

    /// The first row, if there is one.
    pub fn first<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        mut read: impl FnMut(&dyn Row) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut first = None;
        self.each(sql, params, |row| {
            if first.is_none() {
                first = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(first)
    }
}

impl<'a> Write<'a> {
    pub fn new(
        store: &'a mut dyn Connection,
        surroundings: Surroundings<'a>,
        entropy: &'a dyn Entropy,
        progress: &'a dyn Progress,
    ) -> Self {
        let read = Read::new(store, surroundings);
        Self {
            read,
            entropy,
            progress,
            pending: Pending::default(),
        }
    }

    pub fn run(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Error> {
        self.read.store.run(sql, params)
    }

    /// Runs a statement whose count nobody looks at; see
    /// [`Connection::run_later`].
    pub fn run_later(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<(), Error> {
        self.read.store.run_later(sql, params)
    }

    /// The same for each row of parameters.
    pub fn run_each_later(
        &mut self,
        sql: &'static str,
        rows: &[Vec<Param<'_>>],
    ) -> Result<(), Error> {
        self.read.store.run_each_later(sql, rows)
    }

    pub fn random<const N: usize>(&self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Adds to a kept sum, at the end of the batch.
    pub fn tally(&mut self, tally: &'static Tally, key: TallyKey, amounts: [i64; 2]) {
        self.pending.tallies.push((tally, key, amounts));
    }

    /// Leaves a message for the outside, delivered after the commit and again
    /// until it is taken: the receiver must not mind a second one.
    pub fn post_to_outbox(&mut self, kind: &'static str, payload: &str) -> Result<(), Error> {
        self.pending.outbox = true;
        let at = self.now().as_millisecond();
        self.run(
            "INSERT INTO outbox (kind, payload, posted_at_ms) VALUES ($1, $2, $3)",
            &[
                kind.into(),
                Param::Sealed {
                    column: "outbox.payload",
                    text: payload,
                },
                at.into(),
            ],
        )?;
        Ok(())
    }

    /// The same, delivered before the answer leaves: what it tells holds from the
    /// next request on. If it cannot be delivered it waits like any other.
    pub fn post_urgently(&mut self, kind: &'static str, payload: &str) -> Result<(), Error> {
        self.pending.is_urgent = true;
        self.post_to_outbox(kind, payload)
    }

    /// In the instance: says that the directory says something else of how a
    /// workspace stands. The engine learns it before the answer leaves.
    pub const fn lives_changed(&mut self) {
        self.pending.lives_changed = true;
    }

    /// Names the account that a visitor claims, so that the log can say whose
    /// door was tried, and who came in.
    pub fn name_actor(&mut self, who: &SignedIn) {
        self.pending.actor = Some(who.clone());
    }

    /// Has a refused try recorded. Whoever refuses many in a row says so once,
    /// as an attacker could fill the log otherwise.
    pub fn record_refusal(&mut self, why: &'static str) {
        self.pending.refusal = Some(why);
    }

    pub fn report_progress(&self, done: u64, total: u64) {
        self.progress.report(done, total);
    }

    pub fn into_pending(self) -> Pending {
        self.pending
    }
}

impl<'a> Deref for Write<'a> {
    type Target = Read<'a>;
    fn deref(&self) -> &Read<'a> {
        &self.read
    }
}

impl<'a> DerefMut for Write<'a> {
    fn deref_mut(&mut self) -> &mut Read<'a> {
        &mut self.read
    }
}
