//! A workspace that is made anew beside the one that it is to replace. It is in
//! no directory, so nobody finds it, until one transaction of the instance puts
//! it in the other's place. Given up before that, it leaves nothing.

use std::sync::{Arc, mpsc};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use daybook_kernel::operation::{Given, Operation, Wanted};
use daybook_kernel::road::{Claim, Founder, Told, Trip, WorkspaceEntry, told_record};
use daybook_kernel::{Change, Connection, Error, Origin, PersonId, Read, WorkspaceId, Write};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Call, Engine, Shared, opening};
use crate::audit::Witness;
use crate::carry::{Along, Carrying, Rights, Rows, read_rights, refill};
use crate::desk::{Desk, Job, Untold, Whole, Work};
use crate::keys::{KeyOwner, WorkspaceKey};
use crate::store::Place;

pub struct Apart {
    /// As the directory will have it: the other's name and address, its own id and key.
    pub entry: WorkspaceEntry,
    pub desk: Arc<Desk>,
}

impl Apart {
    /// Its key, sealed under the instance's, in base64.
    pub fn sealed_key(&self) -> String {
        BASE64.encode(&self.entry.wrapped_key)
    }
}

/// What holds for every workspace that is replaced.
pub struct Replacing {
    pub along: Along,
    /// What is done in the one that is left, in the transaction that leaves it.
    pub leave: fn(&mut Write<'_>) -> Result<(), Error>,
}

impl Engine {
    /// Makes a fresh database under a fresh key, with this person as its Owner
    /// for as long as it is filled.
    pub fn make_apart(&self, old: &WorkspaceEntry, owner: Founder) -> Result<Apart, Error> {
        let shared = self.shared();
        let mut id = [0; 16];
        shared.entropy.fill(&mut id)?;
        let id = WorkspaceId::from_bytes(id);
        let mut key = Zeroizing::new([0; 32]);
        shared.entropy.fill(&mut *key)?;
        let entry = WorkspaceEntry {
            id,
            wrapped_key: WorkspaceKey::seal(shared.vault(), id, &key)?,
            founder: owner,
            ..old.clone()
        };
        let made = shared.open_apart(&entry);
        if made.is_err() {
            shared.destroy_or_log(id);
        }
        Ok(Apart { desk: made?, entry })
    }

    /// Runs a command in it, and loads in its transaction.
    pub fn carry_apart(
        &self,
        apart: &Apart,
        (operation, input): (&'static Operation, &[u8]),
        carrying: Carrying,
    ) -> Result<Vec<u8>, Error> {
        let trip = self.trip_apart(operation, input)?;
        self.carry(&apart.desk, trip, carrying)
    }

    /// Asks it, as whoever holds the data folder. That counts for nobody's limit.
    pub fn ask_apart(
        &self,
        apart: &Apart,
        (operation, input): (&'static Operation, &[u8]),
        wanted: Wanted,
    ) -> Result<Given, Error> {
        let trip = self.trip_apart(operation, input)?;
        let (sender, receiver) = mpsc::channel();
        self.shared()
            .read(&apart.desk, trip, wanted, move |result| {
                // Nobody waits any more if the receiver is gone.
                let _ = sender.send(result);
            });
        receiver.recv().map_err(Error::ours)?
    }

    fn trip_apart(&self, operation: &'static Operation, input: &[u8]) -> Result<Trip, Error> {
        Ok(Trip {
            operation,
            decoded: self.registry().decode(operation, input),
            claim: Claim::Local(None),
            origin: Arc::new(Origin::local()),
            request: self.new_request()?,
        })
    }

    /// Puts it in the place of the other by `call`, a command of the instance.
    /// The other is not written to meanwhile: who may do what goes along as it is
    /// at that moment. Answers what the command answers.
    pub fn put_in_place(
        &self,
        old: &WorkspaceEntry,
        apart: &Apart,
        (replacing, rights): (&'static Replacing, Rights),
        call: Call,
    ) -> Result<Vec<u8>, Error> {
        let shared = self.shared();
        let along = &replacing.along;
        match rights {
            Rights::Given(rows) => shared.switch(old.id, apart, (along, rows), call),
            Rights::AsTheyAre => {
                let output = shared.switch_from(old, apart, replacing, call);
                // It goes by another address when it is opened next.
                shared.workspaces.close_idle(old.id);
                output
            }
        }
    }

    /// Leaves nothing of a workspace that took nobody's place.
    pub fn give_up(&self, apart: Apart) {
        let Apart { entry, desk } = apart;
        drop(desk);
        self.shared().destroy_or_log(entry.id);
    }

    /// Whoever has been Owner of a workspace for longest.
    pub fn first_owner(&self, workspace: &WorkspaceEntry) -> Result<Founder, Error> {
        let shared = self.shared();
        let desk = shared.desk(Some(&workspace.id.to_string()))?;
        let owner = shared.in_desk(&desk, |tx| (shared.directory.first_owner)(tx))?;
        let owner = owner.ok_or_else(Error::not_found)?;
        Ok(Founder {
            person: owner.person,
            email: owner.email,
            workspace_name: workspace.name.clone(),
        })
    }

    /// Whether somebody's list of workspaces has this one.
    pub fn is_listed(&self, person: PersonId, workspace: WorkspaceId) -> Result<bool, Error> {
        let shared = self.shared();
        shared.in_instance(|tx| (shared.directory.is_listed)(tx, person, workspace))
    }

    /// The public key of the log of a workspace of this instance, there or gone.
    pub fn log_key(&self, workspace: WorkspaceId) -> Result<String, Error> {
        let owner = KeyOwner::Workspace(workspace);
        let signer = self.shared().root.checkpoint_signer(owner)?;
        Ok(signer.key().to_vkey())
    }
}

impl Shared {
    fn open_apart(&self, entry: &WorkspaceEntry) -> Result<Arc<Desk>, Error> {
        let key = WorkspaceKey::open(self.vault(), entry.id, &entry.wrapped_key)?;
        let opening = opening::opening(&key, Place::Workspace(entry.id), &self.entropy);
        let place = (&*self.data, entry.slug.as_str());
        let desk = opening::open_desk(place, &self.store, opening, &self.registry, &self.root)?;
        let desk = Arc::new(desk);
        let found = self.founding(entry)?;
        // What it leaves in its outbox is about nobody: it goes nowhere.
        self.alone(&desk, Work::Task(found))?;
        Ok(desk)
    }

    /// With the writer of the one that is left in hand.
    fn switch_from(
        self: &Arc<Self>,
        old: &WorkspaceEntry,
        apart: &Apart,
        replacing: &'static Replacing,
        call: Call,
    ) -> Result<Vec<u8>, Error> {
        let desk = self.desk(Some(&old.id.to_string()))?;
        let along = &replacing.along;
        let (sender, receiver) = mpsc::channel();
        let (shared, left) = (Arc::clone(self), Arc::clone(&desk));
        let apart = Apart {
            entry: apart.entry.clone(),
            desk: Arc::clone(&apart.desk),
        };
        let (id, slug) = (old.id, old.slug.clone());
        let whole: Whole = Box::new(move |store: &mut dyn Connection| {
            let (request, operation) = (call.request, call.operation.spec.name);
            let around = left.surroundings(&shared);
            let mut tx = Write::new(store, around, &*shared.entropy, &Untold);
            (replacing.leave)(&mut tx)?;
            let pending = tx.into_pending();
            let rows = read_rights(store, along.tables, left.database.is_embedded())?;
            let output = shared.switch(id, &apart, (along, rows), call)?;
            // From here on it is done, whatever becomes of the other's log.
            let told = left_behind(operation, id, &slug, &output);
            let _ = sender.send(output);
            let record = told_record(&Read::new(store, around), request, told?);
            Ok((Some(record), pending))
        });
        let left = self.alone(&desk, Work::Whole(whole));
        match (receiver.try_recv(), left) {
            (Ok(output), left) => {
                if let Err(error) = left {
                    tracing::error!(error = ?error, "the workspace that was replaced could not note it");
                }
                self.deliver_or_log(&desk);
                Ok(output)
            }
            (Err(_), Err(error)) => Err(error),
            (Err(_), Ok(())) => Err(Error::ours("the work ended without an answer")),
        }
    }

    /// Gives it who may do what, and has the directory lead to it.
    fn switch(
        self: &Arc<Self>,
        old: WorkspaceId,
        apart: &Apart,
        (along, rows): (&'static Along, Rows),
        call: Call,
    ) -> Result<Vec<u8>, Error> {
        let is_embedded = apart.desk.database.is_embedded();
        let (desk, shared) = (Arc::clone(&apart.desk), Arc::clone(self));
        let fill: Whole = Box::new(move |store: &mut dyn Connection| {
            refill(store, along, rows, is_embedded)?;
            let tx = Write::new(store, desk.surroundings(&shared), &*shared.entropy, &Untold);
            Ok((None, tx.into_pending()))
        });
        self.alone(&apart.desk, Work::Whole(fill))?;
        let (instance, trip) = self.prepare(call)?;
        // Whoever comes first once it is there finds it open: two desks of one
        // database must never be.
        self.workspaces.adopt(apart.entry.id, &apart.desk);
        let (sender, receiver) = mpsc::channel();
        let answer = Box::new(move |result| {
            // Nobody waits any more if the receiver is gone.
            let _ = sender.send(result);
        });
        let work = Work::Trip(Box::new(trip));
        instance.transact(self, vec![Job { work, answer }]);
        let result = receiver.recv().map_err(Error::ours)?;
        if result.is_err() {
            self.workspaces.disown(apart.entry.id);
        }
        self.workspaces.forget_names(&[old, apart.entry.id]);
        result
    }

    /// Runs one piece of work on this thread, and delivers nothing.
    fn alone(&self, desk: &Desk, work: Work) -> Result<(), Error> {
        let (sender, receiver) = mpsc::channel();
        let answer = Box::new(move |result: Result<Vec<u8>, Error>| {
            // Nobody waits any more if the receiver is gone.
            let _ = sender.send(result);
        });
        desk.transact(self, vec![Job { work, answer }]);
        receiver.recv().map_err(Error::ours)?.map(|_| ())
    }

    fn destroy_or_log(&self, id: WorkspaceId) {
        let place = Place::Workspace(id);
        let gone = self.store.destroy(place);
        let gone = gone.and_then(|()| Witness::remove(&self.data, &place.name()));
        if let Err(error) = gone {
            tracing::error!(error = ?error, "a workspace that took nobody's place could not be removed");
        }
    }
}

/// What its own log says of the workspace that was replaced.
fn left_behind(
    operation: &'static str,
    id: WorkspaceId,
    slug: &str,
    output: &[u8],
) -> Result<Told, Error> {
    let after: Value = serde_json::from_slice(output).map_err(Error::ours)?;
    Ok(Told {
        operation,
        whose: None,
        change: Change::updated("Workspace", id.to_string(), &json!({"slug": slug}), &after),
    })
}
