//! The engine: one instance of Daybook at work. It opens databases, finds out
//! who calls, and sends each operation down the road on the threads of its pool.

mod abroad;
mod apart;
mod callers;
mod calls;
mod ending;
mod lives;
mod opening;
mod post;
mod preparing;
mod reading;
mod retention;
mod tasks;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use daybook_kernel::ports::{Outside, Provider};
use daybook_kernel::road::{Directory, LiveSession, Registry, Road, WorkspaceEntry};
use daybook_kernel::{
    Clock, Entropy, Error, Feature, PasswordScheme, Passwords, People, PersonId, Read, RequestId,
    Vault,
};
use zeroize::Zeroizing;

use crate::authorize::CedarAuthorizer;
use crate::breached::Rules;
use crate::desk::Desk;
use crate::keys::RootKey;
use crate::limits::{Allowances, Limits};
use crate::pool::Pool;
use crate::progress::Board;
use crate::store::{Place, Server, Store};

pub use apart::{Apart, Replacing};
pub use calls::{Call, Credential, Reader};

/// What the keyed hash of an API token is made for.
const TOKEN_PURPOSE: &str = "api_tokens.token";
/// What the keyed hash of a session's token is made for.
const SESSION_PURPOSE: &str = "sessions.token";

/// They mostly wait; more at once would be no use to whoever is asked.
const OUTWARD_THREADS: usize = 4;

pub struct Settings {
    pub data: PathBuf,
    /// A PostgreSQL server, or nothing for the embedded store.
    pub database: Option<Server>,
    /// The origin at which people reach the instance, without a slash at its end.
    pub site: String,
    /// How passwords are kept.
    pub password_scheme: PasswordScheme,
    pub allowances: Allowances,
    /// Workspaces kept open at once.
    pub open_workspaces_max: usize,
    /// Stored bytes that a workspace may have of which the directory says nothing.
    pub bytes_max: Option<i64>,
}

/// The outside that differs between production and tests.
#[derive(Clone)]
pub struct Doors {
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub outside: Arc<dyn Outside>,
}

pub struct Engine {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub registry: Registry,
    pub authorizer: CedarAuthorizer,
    pub directory: Directory,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub store: Arc<Store>,
    pub root: RootKey,
    pub progress: Board,
    /// The origin that links and passkeys stand on.
    pub site: String,
    pub passwords: Arc<dyn Passwords>,
    pub outside: Arc<dyn Outside>,
    data: PathBuf,
    limits: Limits,
    allowances: Allowances,
    /// What a workspace may store of which the directory says nothing.
    pub bytes_max: Option<i64>,
    pub lives: lives::Known,
    pool: Pool,
    /// Threads that hash, apart from those that the stores need.
    hashing: Pool,
    /// Threads that wait for the outside.
    outward: Pool,
    instance: Arc<Desk>,
    workspaces: opening::Workspaces,
    sessions: callers::Sessions,
    owners: callers::Owners,
}

impl Engine {
    pub fn open(
        settings: Settings,
        features: &'static [Feature],
        directory: Directory,
        doors: Doors,
    ) -> Result<Self, Error> {
        let registry = Registry::new(features);
        let authorizer = CedarAuthorizer::new(&registry)?;
        let root = RootKey::open(&settings.data, &*doors.entropy)?;
        let store = Arc::new(match &settings.database {
            None => Store::embedded(&settings.data)?,
            Some(server) => Store::postgres(server)?,
        });
        let opening = opening::opening(&root.instance_keys(), Place::Instance, &doors.entropy);
        let instance = opening::open_desk((&settings.data, ""), &store, opening, &registry, &root)?;
        let threads = std::thread::available_parallelism()
            .map_or(2, NonZeroUsize::get)
            .max(2);
        let clock = Arc::clone(&doors.clock);
        let shared = Arc::new(Shared {
            registry,
            authorizer,
            directory,
            clock: doors.clock,
            entropy: doors.entropy,
            outside: doors.outside,
            store,
            root,
            progress: Board::default(),
            site: settings.site,
            passwords: Arc::new(Rules {
                scheme: settings.password_scheme,
                tries_per_minute: settings.allowances.guesses_per_minute.get(),
                data: settings.data.clone(),
            }),
            data: settings.data,
            limits: Limits::new(settings.allowances, clock),
            allowances: settings.allowances,
            bytes_max: settings.bytes_max,
            lives: lives::Known::default(),
            // Half of them wait for the disk at any time, where many workspaces write.
            pool: Pool::new("store", threads * 2)?,
            hashing: Pool::standing_back("hashing", threads)?,
            outward: Pool::new("outward", OUTWARD_THREADS)?,
            instance: Arc::new(instance),
            workspaces: opening::Workspaces::new(settings.open_workspaces_max),
            sessions: callers::Sessions::default(),
            owners: callers::Owners::default(),
        });
        shared.learn()?;
        tasks::keep_house(&shared)?;
        // What a crash left undelivered.
        shared.deliver_or_log(&shared.instance);
        Ok(Self { shared })
    }

    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    pub fn authorizer(&self) -> &CedarAuthorizer {
        &self.shared.authorizer
    }

    pub fn progress(&self) -> &Board {
        &self.shared.progress
    }

    /// The identity providers by which people may sign in.
    pub fn providers(&self) -> &[Provider] {
        self.shared.outside.providers()
    }

    pub fn now(&self) -> jiff::Timestamp {
        self.shared.clock.now()
    }

    pub fn new_request(&self) -> Result<RequestId, Error> {
        let mut bytes = [0; 16];
        self.shared.entropy.fill(&mut bytes)?;
        Ok(RequestId::from_bytes(bytes))
    }

    /// A keyed hash under the instance's keys, for what the edge must compare.
    pub fn instance_hash(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        self.shared
            .instance
            .database
            .opening
            .vault
            .keyed_hash(purpose, bytes)
    }

    /// How many requests are allowed, for whoever is told to wait.
    pub fn allowances(&self) -> Allowances {
        self.shared.allowances
    }

    /// Whether the browser that shows this session is to be given its cookie
    /// anew with the answer at hand.
    pub fn cookie_is_due(&self, token: &str) -> bool {
        self.shared.cookie_is_due(token)
    }

    /// The new token of a session whose person's rights have changed, or who
    /// goes to another workspace with this request.
    pub fn rotated(
        &self,
        token: Zeroizing<String>,
        workspace: Option<String>,
        answer: impl FnOnce(Result<Option<Zeroizing<String>>, Error>) + Send + 'static,
    ) {
        let shared = Arc::clone(&self.shared);
        self.shared
            .pool
            .run(move || answer(shared.rotated(&token, workspace.as_deref())));
    }

    /// The person behind a session, if it is good.
    pub fn session(
        &self,
        token: Zeroizing<String>,
        answer: impl FnOnce(Result<Option<LiveSession>, Error>) + Send + 'static,
    ) {
        let shared = Arc::clone(&self.shared);
        self.shared.pool.run(move || answer(shared.session(&token)));
    }

    /// Every workspace of the directory: for the operator's own commands.
    pub fn workspaces(&self) -> Result<Vec<WorkspaceEntry>, Error> {
        self.shared
            .in_instance(|tx| (self.shared.directory.workspaces)(tx))
    }

    /// Opens every database once, so that each is founded and up to date.
    pub fn desk(&self, workspace: Option<&str>) -> Result<Arc<Desk>, Error> {
        self.shared.desk(workspace)
    }

    pub fn store(&self) -> &Arc<Store> {
        &self.shared.store
    }

    /// How many workspaces are open, for the metrics.
    pub fn open_count(&self) -> usize {
        self.shared.workspaces.open_count()
    }
}

/// Whatever was queued is done and every file is closed when the engine is gone.
impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.outward.finish();
        self.shared.hashing.finish();
        self.shared.pool.finish();
    }
}

impl Shared {
    pub const fn road(&self) -> Road<'_> {
        Road {
            registry: &self.registry,
            authorizer: &self.authorizer,
            directory: &self.directory,
        }
    }

    fn desk(&self, workspace: Option<&str>) -> Result<Arc<Desk>, Error> {
        match workspace {
            None => Ok(Arc::clone(&self.instance)),
            Some(slug) => Ok(self.open_workspace(slug)?.desk),
        }
    }

    fn vault(&self) -> &dyn Vault {
        &*self.instance.database.opening.vault
    }

    fn request(&self) -> Result<RequestId, Error> {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes)?;
        Ok(RequestId::from_bytes(bytes))
    }

    /// Days since 1970, UTC.
    fn today(&self) -> i64 {
        self.clock.now().as_second().div_euclid(86_400)
    }

    fn in_instance<T>(
        &self,
        ask: impl FnOnce(&mut Read<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.in_desk(&self.instance, ask)
    }

    fn in_desk<T>(
        &self,
        desk: &Desk,
        ask: impl FnOnce(&mut Read<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        desk.database
            .read(|store| ask(&mut Read::new(store, desk.surroundings(self))))
    }
}

impl People for Shared {
    fn find(&self, email: &str) -> Result<Option<PersonId>, Error> {
        let person = self.in_instance(|tx| (self.directory.person)(tx, email))?;
        Ok(person.map(|person| person.person))
    }

    fn address_key(&self, email: &str) -> String {
        (self.directory.address_key)(email)
    }
}
