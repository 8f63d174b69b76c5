//! Opening workspaces: on demand, each once, and no more at a time than fit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use daybook_kernel::road::{Registry, WorkspaceEntry, founding_record};
use daybook_kernel::{Entropy, Error, Standing, WorkspaceId};

use super::Shared;
use crate::audit::{Log, Witness};
use crate::desk::{Desk, Task};
use crate::keys::{KeyOwner, RootKey, WorkspaceKey};
use crate::store::{Opening, Place, Store, lock};

/// The workspaces that are open, and the names they were asked for by.
pub struct Workspaces {
    known: Mutex<Known>,
    open_max: usize,
}

#[derive(Default)]
struct Known {
    /// By slug and by id. What changes of a workspace is not in its entry: how it
    /// stands is asked of `lives` each time.
    names: HashMap<String, Arc<WorkspaceEntry>>,
    cells: HashMap<WorkspaceId, Arc<Cell>>,
}

/// Where one workspace is opened, while others go on.
#[derive(Default)]
pub struct Cell(pub Mutex<Option<Arc<Desk>>>);

#[derive(Clone)]
pub struct Open {
    pub entry: Arc<WorkspaceEntry>,
    pub desk: Arc<Desk>,
}

impl Workspaces {
    pub fn new(open_max: usize) -> Self {
        Self {
            known: Mutex::default(),
            open_max: open_max.max(1),
        }
    }

    /// A workspace that is open already.
    pub fn get(&self, slug: &str) -> Option<Open> {
        let known = lock(&self.known);
        let entry = Arc::clone(known.names.get(slug)?);
        let cell = Arc::clone(known.cells.get(&entry.id)?);
        drop(known);
        let desk = lock(&cell.0).clone()?;
        Some(Open { entry, desk })
    }

    pub fn desks(&self) -> Vec<Arc<Desk>> {
        let cells: Vec<Arc<Cell>> = lock(&self.known).cells.values().cloned().collect();
        cells
            .iter()
            .filter_map(|cell| lock(&cell.0).clone())
            .collect()
    }

    /// Takes in a workspace that is open already, under no name.
    pub fn adopt(&self, id: WorkspaceId, desk: &Arc<Desk>) {
        let cell = Cell(Mutex::new(Some(Arc::clone(desk))));
        lock(&self.known).cells.insert(id, Arc::new(cell));
    }

    pub fn disown(&self, id: WorkspaceId) {
        lock(&self.known).cells.remove(&id);
    }

    /// Closes a workspace, if it has nothing to do.
    pub fn close_idle(&self, id: WorkspaceId) {
        let mut known = lock(&self.known);
        if known
            .cells
            .get(&id)
            .is_some_and(|cell| used(cell).is_some())
        {
            known.cells.remove(&id);
        }
    }

    /// Has the directory asked anew by what names these workspaces go.
    pub fn forget_names(&self, ids: &[WorkspaceId]) {
        let mut known = lock(&self.known);
        known.names.retain(|_, entry| !ids.contains(&entry.id));
    }

    pub fn open_count(&self) -> usize {
        lock(&self.known).cells.len()
    }

    fn cell(&self, slug: &str, entry: &Arc<WorkspaceEntry>) -> Arc<Cell> {
        let mut known = lock(&self.known);
        known.names.insert(slug.to_owned(), Arc::clone(entry));
        if !known.cells.contains_key(&entry.id) {
            self.make_room(&mut known);
        }
        Arc::clone(known.cells.entry(entry.id).or_default())
    }

    /// Where a workspace is opened and closed, whether it is open or not.
    pub fn cell_of(&self, id: WorkspaceId) -> Arc<Cell> {
        Arc::clone(lock(&self.known).cells.entry(id).or_default())
    }

    /// A workspace that is gone is found by no name any more.
    pub fn forget(&self, id: WorkspaceId) {
        let mut known = lock(&self.known);
        known.names.retain(|_, entry| entry.id != id);
        known.cells.remove(&id);
    }

    /// Closes the workspace that was used longest ago, if too many are open and
    /// it has nothing to do. Two desks for one database must never be: only what
    /// nobody else holds is closed.
    fn make_room(&self, known: &mut Known) {
        if known.cells.len() < self.open_max {
            return;
        }
        let idle = known
            .cells
            .iter()
            .filter_map(|(id, cell)| Some((*id, used(cell)?)));
        if let Some((oldest, _)) = idle.min_by_key(|(_, used_at_ms)| *used_at_ms) {
            known.cells.remove(&oldest);
        }
    }
}

/// When it was used last, if nobody holds it.
fn used(cell: &Arc<Cell>) -> Option<i64> {
    if Arc::strong_count(cell) > 1 {
        return None;
    }
    let desk = lock(&cell.0);
    let desk = desk.as_ref()?;
    (Arc::strong_count(desk) == 1).then(|| desk.used_at_ms())
}

impl Shared {
    pub(super) fn open_workspace(&self, slug: &str) -> Result<Open, Error> {
        let known = self.workspaces.get(slug);
        // Where it is locked another may have its place and its address.
        if let Some(open) = known.filter(|it| self.life(it.entry.id).standing != Standing::Locked) {
            return Ok(open);
        }
        let entry = self
            .in_instance(|tx| (self.directory.workspace)(tx, slug))?
            .ok_or_else(Error::not_found)?;
        let entry = Arc::new(entry);
        let cell = self.workspaces.cell(slug, &entry);
        let mut place = lock(&cell.0);
        if let Some(desk) = &*place {
            return Ok(Open {
                entry,
                desk: Arc::clone(desk),
            });
        }
        // It may have ended while this waited.
        self.in_instance(|tx| (self.directory.workspace)(tx, &entry.id.to_string()))?
            .ok_or_else(Error::not_found)?;
        let desk = self.found(&entry)?;
        *place = Some(Arc::clone(&desk));
        drop(place);
        // What a crash left undelivered. It may be for a workspace that has
        // something for this one, so nothing is locked meanwhile.
        self.deliver_or_log(&desk);
        Ok(Open { entry, desk })
    }

    /// Opens the database of a workspace and, the first time, makes its Owner.
    fn found(&self, entry: &WorkspaceEntry) -> Result<Arc<Desk>, Error> {
        let vault = &self.instance.database.opening.vault;
        let key = WorkspaceKey::open(&**vault, entry.id, &entry.wrapped_key)?;
        let opening = opening(&key, Place::Workspace(entry.id), &self.entropy);
        let desk = open_desk(
            (&self.data, &entry.slug),
            &self.store,
            opening,
            &self.registry,
            &self.root,
        )?;
        let desk = Arc::new(desk);
        if self
            .in_desk(&desk, |tx| (self.directory.first_owner)(tx))?
            .is_none()
        {
            self.now(&desk, self.founding(entry)?)?;
        }
        Ok(desk)
    }

    /// Makes the Owner of a workspace that has nobody yet.
    pub(super) fn founding(&self, entry: &WorkspaceEntry) -> Result<Task, Error> {
        let founder = entry.founder.clone();
        let found = self.directory.found;
        let request = self.request()?;
        Ok(Box::new(move |tx| {
            let change = found(tx, &founder)?;
            Ok(Some(founding_record(tx, request, change)))
        }))
    }
}

pub fn opening(key: &WorkspaceKey, place: Place, entropy: &Arc<dyn Entropy>) -> Opening {
    let vault = Arc::new(key.vault(Arc::clone(entropy)));
    Opening {
        place,
        raw_key: Arc::new(key.database_key()),
        vault,
    }
}

/// Opens a database in this data folder, for the workspace of this address.
pub fn open_desk(
    (data, address): (&std::path::Path, &str),
    store: &Arc<Store>,
    opening: Opening,
    registry: &Registry,
    root: &RootKey,
) -> Result<Desk, Error> {
    let place = opening.place;
    let signer = root.checkpoint_signer(match place {
        Place::Instance => KeyOwner::Instance,
        Place::Workspace(id) | Place::Remains(id) => KeyOwner::Workspace(id),
    })?;
    let mut witness = Witness::open(data, &place.name(), signer.key())?;
    let database = store.open(opening, registry)?;
    let (log, finding) =
        database.read(|store| Ok((Log::load(store, signer.key())?, witness.compare(store)?)))?;
    if let Some(finding) = finding {
        tracing::error!(database = place.name(), finding = %finding, "the audit log was changed outside Daybook");
        // An empty one in the place of one that was lost: to go on in it would be
        // to found the workspace anew.
        if log.size() == 0 {
            return Err(Error::Damaged(format!("{} is gone", place.name())));
        }
    }
    let bytes_used = database.measure()?;
    Ok(Desk::new(
        database,
        (log, witness, signer),
        bytes_used,
        address,
    ))
}
