//! The end of a workspace. Once its days are over the skeleton of its log is
//! copied into a small database under a key of its own; then the workspace's
//! database goes, and its key with the name. A database that is there is whole,
//! so an end that broke off begins anew, and one that is gone was copied before.

use std::sync::Arc;

use daybook_kernel::ending::{Dying, Remains};
use daybook_kernel::road::{Registry, Swept, swept_record};
use daybook_kernel::{Error, WorkspaceId, Write};

use super::opening::opening;
use super::{Engine, Shared};
use crate::audit::retention::KEPT_MS;
use crate::audit::{self, Verdict, Witness, copy_skeleton};
use crate::keys::{KeyOwner, WorkspaceKey};
use crate::store::{Database, Opening, Place, Store, lock};

type End = fn(&mut Write<'_>, WorkspaceId) -> Result<Swept, Error>;

impl Engine {
    /// What is left of workspaces that were erased.
    pub fn remains(&self) -> Result<Vec<Remains>, Error> {
        let shared = &self.shared;
        shared.in_instance(|tx| (shared.directory.ending.remains)(tx))
    }

    /// Whether what is left of a log is whole, held against its witness.
    pub fn verify_remains(&self, remains: &Remains) -> Result<Verdict, Error> {
        self.shared.verify_remains(remains)
    }

    /// Ends what is due here, and copies what is left of others to another store.
    pub fn carry_remains(&self, target: &Arc<Store>) -> Result<(), Error> {
        let shared = &self.shared;
        shared.end_workspaces()?;
        let dying = shared.in_instance(|tx| (shared.directory.ending.dying)(tx))?;
        if !dying.is_empty() {
            return Err(Error::conflict(
                "A workspace is being erased. Start the server once, and move then.",
            ));
        }
        let registry = Registry::new(&[]);
        for remains in self.remains()? {
            let opening = shared.opening_of(remains.id, &remains.wrapped_key, Place::Remains)?;
            let from = shared.store.open(opening.clone(), &registry)?;
            let to = target.open(opening, &registry)?;
            from.read(|from| to.write(|to| copy_skeleton(from, to)))?;
        }
        Ok(())
    }
}

impl Shared {
    /// Ends what is due; one that cannot be ended keeps no other from it.
    pub(super) fn end_workspaces(&self) -> Result<(), Error> {
        for dying in self.in_instance(|tx| (self.directory.ending.dying)(tx))? {
            if let Err(error) = self.store.alone(|| self.end(&dying)) {
                let workspace = dying.id.to_string();
                tracing::error!(workspace, error = ?error, "a workspace could not be erased");
            }
        }
        Ok(())
    }

    /// Once a day: what was left for a year goes, too.
    pub(super) fn forget_remains(&self) -> Result<(), Error> {
        let ending = &self.directory.ending;
        let before_ms = self.clock.now().as_millisecond() - KEPT_MS;
        for remains in self.in_instance(|tx| (ending.remains)(tx))? {
            if remains.erased_at_ms > before_ms {
                continue;
            }
            let place = Place::Remains(remains.id);
            self.store.destroy(place)?;
            // What a process that came too late may have made anew.
            self.store.destroy(Place::Workspace(remains.id))?;
            Witness::remove(&self.data, &place.name())?;
            self.tell_end(ending.forget, remains.id)?;
        }
        Ok(())
    }

    fn end(&self, dying: &Dying) -> Result<(), Error> {
        let cell = self.workspaces.cell_of(dying.id);
        // Nobody opens it meanwhile, and nobody has it open.
        let mut place = lock(&cell.0);
        drop(place.take_if(|desk| Arc::strong_count(desk) == 1));
        if place.is_some() {
            return Ok(());
        }
        let id = dying.id;
        let sealed = Arc::new(std::sync::Mutex::new(None));
        let (inside, seal) = (Arc::clone(&sealed), self.directory.ending.seal);
        let task = move |tx: &mut Write<'_>| {
            *lock(&inside) = Some(seal(tx, id)?);
            Ok(None)
        };
        self.now(&self.instance, Box::new(task))?;
        let key = lock(&sealed).take().unwrap_or_default();
        let whole = Place::Workspace(id);
        if self.store.exists(whole)? {
            self.keep_skeleton(dying, &key)?;
        }
        self.store.destroy(whole)?;
        Witness::rename(&self.data, &whole.name(), &Place::Remains(id).name())?;
        self.tell_end(self.directory.ending.erase, id)
    }

    fn keep_skeleton(&self, dying: &Dying, key: &[u8]) -> Result<(), Error> {
        self.store.destroy(Place::Remains(dying.id))?;
        let whole = self.opening_of(dying.id, &dying.wrapped_key, Place::Workspace)?;
        let whole = self.store.open(whole, &self.registry)?;
        let left = self.open_remains(dying.id, key)?;
        whole.read(|from| left.write(|to| copy_skeleton(from, to)))?;
        let signer = self.root.checkpoint_signer(KeyOwner::Workspace(dying.id))?;
        let verdict = left.read(|store| audit::verify(store, signer.key(), None))?;
        if !verdict.is_whole() {
            // What the log was is what is left: a finding is no reason to keep the rest.
            tracing::error!(finding = %verdict, "the log of an erased workspace is not whole");
        }
        Ok(())
    }

    fn verify_remains(&self, remains: &Remains) -> Result<Verdict, Error> {
        let left = self.open_remains(remains.id, &remains.wrapped_key)?;
        let signer = self
            .root
            .checkpoint_signer(KeyOwner::Workspace(remains.id))?;
        let name = Place::Remains(remains.id).name();
        let witness = Witness::open(&self.data, &name, signer.key())?;
        left.read(|store| audit::verify(store, signer.key(), Some(&witness)))
    }

    fn open_remains(&self, id: WorkspaceId, wrapped_key: &[u8]) -> Result<Database, Error> {
        // It has the engine's own tables and no other.
        let registry = Registry::new(&[]);
        let opening = self.opening_of(id, wrapped_key, Place::Remains)?;
        self.store.open(opening, &registry)
    }

    fn opening_of(
        &self,
        id: WorkspaceId,
        wrapped_key: &[u8],
        place: fn(WorkspaceId) -> Place,
    ) -> Result<Opening, Error> {
        let vault = &self.instance.database.opening.vault;
        let key = WorkspaceKey::open(&**vault, id, wrapped_key)?;
        Ok(opening(&key, place(id), &self.entropy))
    }

    fn tell_end(&self, end: End, id: WorkspaceId) -> Result<(), Error> {
        let request = self.request()?;
        let task = move |tx: &mut Write<'_>| {
            let swept = end(tx, id)?;
            Ok(Some(swept_record(tx, request, swept)))
        };
        self.now(&self.instance, Box::new(task))
    }
}
