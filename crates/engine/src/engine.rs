//! The engine: one instance of Daybook at work. It opens databases, finds out
//! who calls, and sends each operation down the road on the threads of its pool.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use daybook_kernel::operation::{Given, Operation, Wanted};
use daybook_kernel::ports::Record;
use daybook_kernel::road::{
    Claim, Directory, Registry, Road, SignedIn, Trip, Visit, WorkspaceEntry, founding_record,
};
use daybook_kernel::{
    Clock, Entropy, Error, Exposure, Feature, People, PersonId, Read, Refusal, RequestId, Write,
};
use zeroize::Zeroizing;

use crate::audit::{Log, Witness};
use crate::authorize::CedarAuthorizer;
use crate::desk::{Answer, Desk, Job, Task, Work};
use crate::keys::{KeyOwner, RootKey, WorkspaceKey};
use crate::limits::{Allowances, Limits};
use crate::pool::Pool;
use crate::progress::Board;
use crate::store::{Opening, Place, Store, lock};

/// What the keyed hash of an API token is made for.
const TOKEN_PURPOSE: &str = "api_tokens.token";
/// What the keyed hash of a session's token is made for.
const SESSION_PURPOSE: &str = "sessions.token";
/// An open workspace with nothing to do gives its memory back after this.
const REST_AFTER_MS: i64 = 20_000;
const HOUSEKEEPING: Duration = Duration::from_secs(5);

pub struct Settings {
    pub data: PathBuf,
    /// `postgres://…`, or nothing for the embedded store.
    pub database: Option<String>,
    pub allowances: Allowances,
    /// Workspaces kept open at once.
    pub open_workspaces_max: usize,
}

/// The outside that differs between production and tests.
#[derive(Clone)]
pub struct Doors {
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// What a request shows of itself. It has no `Debug`: it holds secrets.
pub enum Credential {
    Nobody,
    Session(Zeroizing<String>),
    Token(Zeroizing<String>),
    /// Whoever holds the data folder, as this person or as the first Owner.
    Local(Option<String>),
}

/// One call of an operation.
pub struct Call {
    /// The workspace by slug or id; nothing for the instance.
    pub workspace: Option<String>,
    pub operation: &'static Operation,
    pub input: Vec<u8>,
    pub credential: Credential,
    /// Where it comes from, for the limits of those who show nothing.
    pub address: String,
    pub request: RequestId,
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
    data: PathBuf,
    limits: Limits,
    pool: Pool,
    instance: Arc<Desk>,
    open: Mutex<HashMap<String, Open>>,
    open_max: usize,
}

#[derive(Clone)]
struct Open {
    entry: Arc<WorkspaceEntry>,
    desk: Arc<Desk>,
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
            Some(url) => Store::postgres(url)?,
        });
        let opening = opening(&root.instance_keys(), Place::Instance, &doors.entropy);
        let instance = open_desk(&settings.data, &store, opening, &registry, &root)?;
        let threads = std::thread::available_parallelism()
            .map_or(2, NonZeroUsize::get)
            .max(2);
        let shared = Arc::new(Shared {
            registry,
            authorizer,
            directory,
            clock: doors.clock,
            entropy: doors.entropy,
            store,
            root,
            progress: Board::default(),
            data: settings.data,
            limits: Limits::new(settings.allowances),
            pool: Pool::new(threads)?,
            instance: Arc::new(instance),
            open: Mutex::default(),
            open_max: settings.open_workspaces_max.max(1),
        });
        keep_house(&shared)?;
        Ok(Self { shared })
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

    /// Runs a command; the answer comes once it is durable.
    pub fn command(&self, call: Call, answer: Answer) {
        let shared = Arc::clone(&self.shared);
        if let Err(error) = shared
            .limits
            .count(call.operation.spec.rate, &shared.bucket(&call))
        {
            return answer(Err(error));
        }
        if let Some((desk, hash)) = shared.known_token(&call) {
            let trip = Trip {
                operation: call.operation,
                decoded: call.operation.decode(&call.input),
                claim: Claim::Token(hash),
                request: call.request,
            };
            return shared.queue(
                &desk,
                Job {
                    work: Work::Trip(Box::new(trip)),
                    answer,
                },
            );
        }
        self.shared.pool.run(move || match shared.prepare(call) {
            Ok((desk, trip)) => {
                shared.queue(
                    &desk,
                    Job {
                        work: Work::Trip(Box::new(trip)),
                        answer,
                    },
                );
            }
            Err(error) => answer(Err(error)),
        });
    }

    /// Runs a query on a snapshot.
    pub fn query(
        &self,
        call: Call,
        wanted: Wanted,
        answer: impl FnOnce(Result<Given, Error>) + Send + 'static,
    ) {
        let shared = Arc::clone(&self.shared);
        if let Err(error) = shared
            .limits
            .count(call.operation.spec.rate, &shared.bucket(&call))
        {
            return answer(Err(error));
        }
        self.shared.pool.run(move || match shared.prepare(call) {
            Ok((desk, trip)) => shared.read(&desk, trip, wanted, answer),
            Err(error) => answer(Err(error)),
        });
    }

    /// Opens a visit of a workspace's pages and lets `draw` ask its questions.
    pub fn visit<T: Send + 'static>(
        &self,
        workspace: String,
        credential: Credential,
        request: RequestId,
        draw: impl FnOnce(&WorkspaceEntry, &mut Visit<'_>) -> Result<T, Error> + Send + 'static,
        answer: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) {
        let shared = Arc::clone(&self.shared);
        self.shared.pool.run(move || {
            let bucket = shared.bucket_of(&credential, "");
            let drawn = shared
                .limits
                .count(daybook_kernel::Rate::Standard, &bucket)
                .and_then(|()| shared.draw(&workspace, &credential, request, draw));
            match drawn {
                Ok((desk, result, records)) => shared.leave(&desk, records, result, answer),
                Err(error) => answer(Err(error)),
            }
        });
    }

    /// Whether a credential is good at all: in this workspace, if one is named.
    pub fn check(
        &self,
        workspace: Option<String>,
        credential: Credential,
        request: RequestId,
        answer: impl FnOnce(Result<(), Error>) + Send + 'static,
    ) {
        let shared = Arc::clone(&self.shared);
        self.shared.pool.run(move || {
            let checked = match shared.claim(&credential, workspace.as_deref()) {
                Ok((_, Claim::Nobody)) => Err(Refusal::Unauthenticated.into()),
                Ok(_) => match workspace {
                    None => Ok(()),
                    Some(slug) => shared
                        .draw(&slug, &credential, request, |_, _| Ok(()))
                        .map(|_| ()),
                },
                Err(error) => Err(error),
            };
            answer(checked);
        });
    }

    /// The person behind a session, if it is good.
    pub fn session(
        &self,
        token: Zeroizing<String>,
        answer: impl FnOnce(Result<Option<SignedIn>, Error>) + Send + 'static,
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
        lock(&self.shared.open).len()
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

    fn queue(self: &Arc<Self>, desk: &Arc<Desk>, job: Job) {
        if desk.enqueue(job) {
            self.arrange_turn(Arc::clone(desk));
        }
    }

    fn arrange_turn(self: &Arc<Self>, desk: Arc<Desk>) {
        let shared = Arc::clone(self);
        self.pool.run(move || {
            let turn = desk.take_turn(&shared);
            if turn.another_is_due {
                shared.arrange_turn(Arc::clone(&desk));
            }
            if turn.outbox {
                shared.deliver_or_log(&desk);
            }
        });
    }

    fn bucket(&self, call: &Call) -> String {
        if call.operation.spec.rate == daybook_kernel::Rate::Guess {
            return call.address.clone();
        }
        self.bucket_of(&call.credential, &call.address)
    }

    /// One name per caller; the secret itself is not kept as a key.
    fn bucket_of(&self, credential: &Credential, address: &str) -> String {
        let secret = match credential {
            Credential::Session(secret) | Credential::Token(secret) => secret,
            Credential::Nobody => return address.to_owned(),
            Credential::Local(_) => return "local".to_owned(),
        };
        let vault = &self.instance.database.opening.vault;
        daybook_kernel::id::hex(&vault.keyed_hash("limits.caller", secret.as_bytes())[..12])
    }

    /// The hot path: a token that was good a moment ago, in an open workspace.
    /// It is judged again inside the transaction.
    fn known_token(&self, call: &Call) -> Option<(Arc<Desk>, [u8; 32])> {
        let (Credential::Token(token), Some(slug)) = (&call.credential, &call.workspace) else {
            return None;
        };
        if !call.operation.in_workspace() {
            return None;
        }
        let desk = Arc::clone(&lock(&self.open).get(slug)?.desk);
        let hash = desk
            .database
            .opening
            .vault
            .keyed_hash(TOKEN_PURPOSE, token.as_bytes());
        desk.knows_token(&hash).then_some((desk, hash))
    }

    /// Finds the caller and the database, and reads the input.
    fn prepare(&self, call: Call) -> Result<(Arc<Desk>, Trip), Error> {
        let operation = call.operation;
        let place = call
            .workspace
            .as_deref()
            .filter(|_| operation.in_workspace());
        let (desk, claim) = match self.claim(&call.credential, place)? {
            (Some(desk), claim) => (desk, claim),
            (None, Claim::Nobody) if operation.spec.exposure != Exposure::Public => {
                return Err(Refusal::Unauthenticated.into());
            }
            (None, claim) => (self.desk(place)?, claim),
        };
        let decoded = operation.decode(&call.input);
        Ok((
            desk,
            Trip {
                operation,
                decoded,
                claim,
                request: call.request,
            },
        ))
    }

    /// What the credential amounts to. A token is the workspace's to judge, so
    /// its desk comes along.
    fn claim(
        &self,
        credential: &Credential,
        place: Option<&str>,
    ) -> Result<(Option<Arc<Desk>>, Claim), Error> {
        match credential {
            Credential::Nobody => Ok((None, Claim::Nobody)),
            Credential::Local(None) => Ok((None, Claim::Local(None))),
            Credential::Local(Some(email)) => {
                let person = self.in_instance(|tx| (self.directory.person)(tx, email))?;
                let Some(person) = person else {
                    let message = format!("Nobody here has the address {email}.");
                    return Err(Error::fault("as", message));
                };
                Ok((None, Claim::Local(Some(person))))
            }
            Credential::Session(token) => {
                let claim = self.session(token)?.map_or(Claim::Nobody, Claim::Session);
                Ok((None, claim))
            }
            Credential::Token(token) => self.token(token, place),
        }
    }

    fn token(&self, token: &str, place: Option<&str>) -> Result<(Option<Arc<Desk>>, Claim), Error> {
        let unknown = || Error::Refused(Refusal::Unauthenticated);
        let desk = match self.desk(Some(place.ok_or_else(unknown)?)) {
            Err(Error::Refused(Refusal::NotFound)) => return Err(unknown()),
            other => other?,
        };
        let hash = desk
            .database
            .opening
            .vault
            .keyed_hash(TOKEN_PURPOSE, token.as_bytes());
        if !desk.knows_token(&hash) {
            let grant = self.in_desk(&desk, |tx| (self.directory.token)(tx, &hash))?;
            if !grant.is_some_and(|grant| grant.usable) {
                return Err(unknown());
            }
            desk.remember_token(hash);
        }
        Ok((Some(desk), Claim::Token(hash)))
    }

    fn session(&self, token: &str) -> Result<Option<SignedIn>, Error> {
        let vault = &self.instance.database.opening.vault;
        let hash = vault.keyed_hash(SESSION_PURPOSE, token.as_bytes());
        self.in_instance(|tx| (self.directory.session)(tx, &hash))
    }

    fn read(
        self: &Arc<Self>,
        desk: &Arc<Desk>,
        trip: Trip,
        wanted: Wanted,
        answer: impl FnOnce(Result<Given, Error>) + Send + 'static,
    ) {
        desk.touch(self.clock.now().as_millisecond());
        let answered = desk.database.read(|store| {
            let mut tx = Read::new(store, desk.surroundings(self));
            Ok(self.road().query(&mut tx, trip, wanted))
        });
        match answered {
            Ok(answered) => {
                let records = answered.record.map(|record| *record).into_iter().collect();
                self.leave(desk, records, answered.result, answer);
            }
            Err(error) => answer(Err(error)),
        }
    }

    /// Lets an answer go once what it must leave in the log is durable.
    fn leave<T: Send + 'static>(
        self: &Arc<Self>,
        desk: &Arc<Desk>,
        records: Vec<Record>,
        result: Result<T, Error>,
        answer: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) {
        if records.is_empty() {
            return answer(result);
        }
        let answer = Box::new(move |logged: Result<Vec<u8>, Error>| match logged {
            Ok(_) => answer(result),
            Err(error) => answer(Err(error)),
        });
        self.queue(
            desk,
            Job {
                work: Work::Records(records),
                answer,
            },
        );
    }

    #[expect(
        clippy::type_complexity,
        reason = "the three parts go three ways at the one caller"
    )]
    fn draw<T>(
        &self,
        workspace: &str,
        credential: &Credential,
        request: RequestId,
        draw: impl FnOnce(&WorkspaceEntry, &mut Visit<'_>) -> Result<T, Error>,
    ) -> Result<(Arc<Desk>, Result<T, Error>, Vec<Record>), Error> {
        let (_, claim) = self.claim(credential, Some(workspace))?;
        if matches!(claim, Claim::Nobody) {
            return Err(Refusal::Unauthenticated.into());
        }
        let open = self.open_workspace(workspace)?;
        open.desk.touch(self.clock.now().as_millisecond());
        let (result, records) = open.desk.database.read(|store| {
            let tx = Read::new(store, open.desk.surroundings(self));
            let road = self.road();
            let mut visit = road.visit(tx, &claim, request)?;
            if visit.caller().role.is_none() {
                return Err(Error::not_found());
            }
            let result = draw(&open.entry, &mut visit);
            Ok((result, visit.into_records()))
        })?;
        Ok((open.desk, result, records))
    }

    fn desk(&self, workspace: Option<&str>) -> Result<Arc<Desk>, Error> {
        match workspace {
            None => Ok(Arc::clone(&self.instance)),
            Some(slug) => Ok(self.open_workspace(slug)?.desk),
        }
    }

    fn open_workspace(&self, slug: &str) -> Result<Open, Error> {
        if let Some(open) = lock(&self.open).get(slug) {
            return Ok(open.clone());
        }
        let entry = self
            .in_instance(|tx| (self.directory.workspace)(tx, slug))?
            .ok_or_else(Error::not_found)?;
        let mut open = lock(&self.open);
        // Another thread may have opened it, or it was asked for by its id.
        if let Some(found) = open.values().find(|it| it.entry.id == entry.id).cloned() {
            open.insert(slug.to_owned(), found.clone());
            return Ok(found);
        }
        self.make_room(&mut open);
        let opened = self.found(entry)?;
        open.insert(slug.to_owned(), opened.clone());
        Ok(opened)
    }

    /// Closes the workspace that was used longest ago, if too many are open and
    /// it has nothing to do.
    fn make_room(&self, open: &mut HashMap<String, Open>) {
        if open.len() < self.open_max {
            return;
        }
        let idle = open
            .iter()
            .filter(|(_, it)| Arc::strong_count(&it.desk) == 1);
        let oldest = idle
            .min_by_key(|(_, it)| it.desk.used_at_ms())
            .map(|(slug, _)| slug.clone());
        if let Some(slug) = oldest {
            open.remove(&slug);
        }
    }

    /// Opens the database of a workspace and, the first time, makes its Owner.
    fn found(&self, entry: WorkspaceEntry) -> Result<Open, Error> {
        let vault = &self.instance.database.opening.vault;
        let key = WorkspaceKey::open(&**vault, entry.id, &entry.wrapped_key)?;
        let opening = opening(&key, Place::Workspace(entry.id), &self.entropy);
        let desk = open_desk(&self.data, &self.store, opening, &self.registry, &self.root)?;
        let desk = Arc::new(desk);
        if self
            .in_desk(&desk, |tx| (self.directory.first_owner)(tx))?
            .is_none()
        {
            let founder = entry.founder.clone();
            let found = self.directory.found;
            let request = self.request()?;
            self.now(
                &desk,
                Box::new(move |tx| {
                    let change = found(tx, &founder)?;
                    Ok(Some(founding_record(tx, request, change)))
                }),
            )?;
        }
        // What a crash left undelivered.
        self.deliver_or_log(&desk);
        Ok(Open {
            entry: Arc::new(entry),
            desk,
        })
    }

    fn request(&self) -> Result<RequestId, Error> {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes)?;
        Ok(RequestId::from_bytes(bytes))
    }

    /// Runs Daybook's own task on this thread.
    fn now(&self, desk: &Desk, task: Task) -> Result<(), Error> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let answer: Answer = Box::new(move |result| {
            // Nobody waits any more if the receiver is gone.
            let _ = sender.send(result);
        });
        let outbox = desk.transact(
            self,
            vec![Job {
                work: Work::Task(task),
                answer,
            }],
        );
        let result = receiver.recv().map_err(Error::ours)?;
        if outbox {
            self.deliver(desk)?;
        }
        result.map(|_| ())
    }

    /// What could not be delivered stays in the outbox until the next time.
    fn deliver_or_log(&self, desk: &Desk) {
        if let Err(error) = self.deliver(desk) {
            tracing::error!(error = ?error, "the outbox could not be delivered");
        }
    }

    /// Takes what a workspace left in its outbox to the instance. Each message
    /// is removed once it is taken there.
    pub fn deliver(&self, desk: &Desk) -> Result<(), Error> {
        let waiting = self.in_desk(desk, |tx| {
            tx.all(
                "SELECT id, kind, payload FROM outbox ORDER BY id LIMIT 1000",
                &[],
                |row| {
                    Ok((
                        row.int(0)?,
                        row.text(1)?.to_owned(),
                        row.sealed(2, "outbox.payload")?,
                    ))
                },
            )
        })?;
        for (id, kind, payload) in waiting {
            let delivery = self
                .registry
                .delivery(&kind)
                .ok_or_else(|| Error::ours(format!("nobody takes {kind} from the outbox")))?;
            self.now(
                &self.instance,
                Box::new(move |tx| (delivery.deliver)(tx, &payload).map(|()| None)),
            )?;
            let remove = move |tx: &mut Write<'_>| {
                tx.run("DELETE FROM outbox WHERE id = $1", &[id.into()])
                    .map(|_| None)
            };
            self.now(desk, Box::new(remove))?;
        }
        Ok(())
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
}

fn opening(key: &WorkspaceKey, place: Place, entropy: &Arc<dyn Entropy>) -> Opening {
    let vault = Arc::new(key.vault(Arc::clone(entropy)));
    Opening {
        place,
        raw_key: Arc::new(key.database_key()),
        vault,
    }
}

fn open_desk(
    data: &std::path::Path,
    store: &Arc<Store>,
    opening: Opening,
    registry: &Registry,
    root: &RootKey,
) -> Result<Desk, Error> {
    let place = opening.place;
    let signer = root.checkpoint_signer(match place {
        Place::Instance => KeyOwner::Instance,
        Place::Workspace(id) => KeyOwner::Workspace(id),
    })?;
    let mut witness = Witness::open(data, &place.name(), signer.key())?;
    let database = store.open(opening, registry)?;
    let (log, finding) =
        database.read(|store| Ok((Log::load(store, signer.key())?, witness.compare(store)?)))?;
    if let Some(finding) = finding {
        tracing::error!(database = place.name(), finding = %finding, "the audit log was changed outside Daybook");
    }
    Ok(Desk::new(database, log, witness, signer))
}

/// A thread that gives memory back and forgets callers that are long gone.
fn keep_house(shared: &Arc<Shared>) -> Result<(), Error> {
    let shared = Arc::downgrade(shared);
    std::thread::Builder::new()
        .name("house".to_owned())
        .spawn(move || {
            loop {
                std::thread::sleep(HOUSEKEEPING);
                let Some(shared) = shared.upgrade() else {
                    return;
                };
                shared.limits.tidy();
                let now = shared.clock.now().as_millisecond();
                let open: Vec<Arc<Desk>> = lock(&shared.open)
                    .values()
                    .map(|open| Arc::clone(&open.desk))
                    .collect();
                for desk in open.iter().chain([&shared.instance]) {
                    let idle_ms = now.saturating_sub(desk.used_at_ms());
                    if (REST_AFTER_MS..REST_AFTER_MS * 2).contains(&idle_ms) {
                        desk.database.rest();
                    }
                }
            }
        })
        .map(|_| ())
        .map_err(|error| Error::ours(format!("starting a thread: {error}")))
}
