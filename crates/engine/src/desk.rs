//! A desk is where the writing of one database happens: commands queue at it,
//! and whoever takes a turn runs as many as wait in one transaction, each in a
//! savepoint, and commits them together. Answers leave after the commit.

mod batch;

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, RwLock};

use daybook_kernel::ports::{AuditLog, Progress, Record};
use daybook_kernel::road::Trip;
use daybook_kernel::standing::Usage;
use daybook_kernel::transaction::{Pending, Surroundings};
use daybook_kernel::{Connection, Error, Write};

use crate::audit::{self, Appender, Log, Verdict, Witness};
use crate::carry::Carrying;
use crate::engine::Shared;
use crate::keys::{CheckpointKey, CheckpointSigner};
use crate::store::{Database, lock};
use crate::stored::Stored;

use batch::{Gathered, Left, settle};

/// Commands of one commit at most: more would make the first wait too long.
const BATCH_MAX: usize = 256;

pub struct Desk {
    pub database: Database,
    queue: Mutex<Queue>,
    log: Mutex<Log>,
    witness: Mutex<Witness>,
    signer: CheckpointSigner,
    /// Keyed hashes of API tokens that were good today, with the day: others are
    /// asked of a reader first, so that guesses never reach the writer.
    known_tokens: RwLock<HashMap<[u8; 32], i64>>,
    used_at_ms: AtomicI64,
    /// The workspace's name in addresses; empty at the instance's.
    address: String,
    stored: Stored,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// Whether a turn is under way or waits for a thread.
    turn_taken: bool,
}

/// What a turn leaves to be done.
pub struct Turn {
    pub another_is_due: bool,
    /// Something waits in the outbox.
    pub outbox: bool,
}

pub struct Job {
    pub work: Work,
    pub answer: Answer,
}

pub type Answer = Box<dyn FnOnce(Result<Vec<u8>, Error>) + Send>;

/// Daybook's own work in a transaction: founding, deliveries.
pub type Task = Box<dyn FnOnce(&mut Write<'_>) -> Result<Option<Record>, Error> + Send>;

pub enum Work {
    Trip(Box<Trip>),
    /// Records of what readers saw: refusals, and Restricted data.
    Records(Vec<Record>),
    Task(Task),
    /// A command and, if it is allowed, what is loaded with it.
    Carry(Box<Trip>, Box<Carrying>),
    Whole(Whole),
}

/// What needs the database itself, whole tables of it. It fails as a whole: it is
/// alone in its transaction.
pub type Whole =
    Box<dyn FnOnce(&mut dyn Connection) -> Result<(Option<Record>, Pending), Error> + Send>;

impl Desk {
    pub fn new(
        database: Database,
        (log, witness, signer): (Log, Witness, CheckpointSigner),
        bytes_used: i64,
        address: &str,
    ) -> Self {
        Self {
            database,
            queue: Mutex::default(),
            log: Mutex::new(log),
            witness: Mutex::new(witness),
            signer,
            known_tokens: RwLock::default(),
            used_at_ms: AtomicI64::new(0),
            address: address.to_owned(),
            stored: Stored::new(bytes_used),
        }
    }

    /// Puts a job in the queue; true if the caller must arrange for a turn.
    pub fn enqueue(&self, job: Job) -> bool {
        let mut queue = lock(&self.queue);
        queue.jobs.push_back(job);
        !std::mem::replace(&mut queue.turn_taken, true)
    }

    /// Runs what waits.
    pub(crate) fn take_turn(&self, shared: &Shared) -> Turn {
        let jobs: Vec<Job> = {
            let mut queue = lock(&self.queue);
            let count = queue.jobs.len().min(BATCH_MAX);
            queue.jobs.drain(..count).collect()
        };
        let outbox = self.transact(shared, jobs);
        let mut queue = lock(&self.queue);
        queue.turn_taken = !queue.jobs.is_empty();
        Turn {
            another_is_due: queue.turn_taken,
            outbox,
        }
    }

    /// Runs the jobs in one transaction and answers each after the commit.
    /// True if something was left in the outbox.
    pub(crate) fn transact(&self, shared: &Shared, jobs: Vec<Job>) -> bool {
        self.used_at_ms
            .store(shared.clock.now().as_millisecond(), Ordering::Relaxed);
        self.stored
            .measure_if_due(&self.database, &self.surroundings(shared));
        let mut answers: Vec<(Answer, Result<Vec<u8>, Error>)> = Vec::new();
        let mut jobs = jobs.into_iter();
        let mut log = lock(&self.log);
        let done = self.database.write(|store| {
            // Another process may have written: one that shares the database, or a
            // command of whoever holds the data folder, beside this server.
            log.catch_up(store, self.signer.key())?;
            let mut gathered = Gathered::default();
            for Job { work, answer } in jobs.by_ref() {
                // A panic must cost its batch, not the desk: the transaction is
                // rolled back as after any error.
                let run = || self.run(shared, store, &mut log, work, &mut gathered);
                let ran = catch_unwind(AssertUnwindSafe(run))
                    .unwrap_or_else(|_| Err(Error::ours("a command panicked")));
                let (result, lost) = match ran {
                    Ok(result) => (result, None),
                    Err(error) => (Ok(Vec::new()), Some(error)),
                };
                answers.push((answer, result));
                if let Some(error) = lost {
                    return Err(error);
                }
            }
            let left = gathered.left;
            settle(store, gathered.sums)?;
            let checkpoint = log.seal(store, &self.signer)?;
            if let Some(used) = store.bytes_used()? {
                self.stored.note(used);
            }
            Ok((left, checkpoint))
        });
        match done {
            Ok((left, checkpoint)) => {
                log.settle();
                let witnessed = checkpoint.map(|it| lock(&self.witness).record(&it));
                if let Some(Err(error)) = witnessed {
                    tracing::error!(error = ?error, "the witness could not be written");
                }
                drop(log);
                self.tell_at_once(shared, left);
                for (answer, result) in answers {
                    answer(result);
                }
                left.outbox
            }
            Err(error) => {
                self.take_up_again(&mut log);
                drop(log);
                let cause = format!("{error:?}");
                tracing::error!(error = cause, "a batch was rolled back");
                let unrun = jobs.map(|job| job.answer);
                for answer in answers.into_iter().map(|(answer, _)| answer).chain(unrun) {
                    answer(Err(error.clone()));
                }
                false
            }
        }
    }

    /// What must hold from the next request on is told before an answer leaves.
    fn tell_at_once(&self, shared: &Shared, left: Left) {
        if left.lives_changed {
            shared.learn_or_log();
        }
        if left.is_urgent {
            shared.deliver_or_log(self);
        }
    }

    /// After a batch that failed. Where the commit itself failed nobody knows
    /// whether it holds, so the database is asked.
    fn take_up_again(&self, log: &mut Log) {
        match self
            .database
            .read(|store| Log::load(store, self.signer.key()))
        {
            Ok(loaded) => *log = loaded,
            Err(_) => log.discard(),
        }
    }

    fn run(
        &self,
        shared: &Shared,
        store: &mut dyn Connection,
        log: &mut Log,
        work: Work,
        gathered: &mut Gathered,
    ) -> Result<Result<Vec<u8>, Error>, Error> {
        let mut appender = log.appender(&*shared.entropy);
        let surroundings = self.surroundings(shared);
        match work {
            Work::Trip(trip) => {
                let progress = shared.progress.reporter(
                    trip.request,
                    surroundings.workspace,
                    trip.operation.spec.name,
                    surroundings.now,
                );
                let mut tx = Write::new(store, surroundings, &*shared.entropy, &progress);
                let result = shared.road().command(&mut tx, &mut appender, *trip)?;
                gathered.take(tx.into_pending());
                Ok(result)
            }
            Work::Carry(trip, carrying) => {
                let mut tx = Write::new(store, surroundings, &*shared.entropy, &Untold);
                let result = shared.road().command(&mut tx, &mut appender, *trip)?;
                gathered.take(tx.into_pending());
                if result.is_ok() {
                    // What is half loaded must not stay, nor the record of it.
                    (carrying.load)(store)?;
                    let mut tx = Write::new(store, surroundings, &*shared.entropy, &Untold);
                    (carrying.finish)(&mut tx)?;
                    gathered.take(tx.into_pending());
                }
                Ok(result)
            }
            Work::Records(records) => {
                for record in &records {
                    appender.append(store, record)?;
                }
                Ok(Ok(Vec::new()))
            }
            Work::Whole(whole) => {
                let (record, pending) = whole(store)?;
                gathered.take(pending);
                if let Some(record) = &record {
                    appender.append(store, record)?;
                }
                Ok(Ok(Vec::new()))
            }
            Work::Task(task) => {
                let tried = self.try_task(shared, store, &mut appender, task)?;
                Ok(tried.map(|pending| {
                    gathered.take(pending);
                    Vec::new()
                }))
            }
        }
    }

    /// Leaves nothing of a task that fails, neither its work nor its record.
    fn try_task(
        &self,
        shared: &Shared,
        store: &mut dyn Connection,
        appender: &mut Appender<'_>,
        task: Task,
    ) -> Result<Result<Pending, Error>, Error> {
        store.savepoint()?;
        let mut tx = Write::new(store, self.surroundings(shared), &*shared.entropy, &Untold);
        let done = task(&mut tx);
        let pending = tx.into_pending();
        let released = done.and_then(|record| {
            if let Some(record) = &record {
                appender.append(store, record)?;
            }
            store.release().inspect_err(|_| {
                if record.is_some() {
                    appender.take_back();
                }
            })
        });
        if let Err(error) = released {
            store.roll_back_to_savepoint()?;
            store.release()?;
            return Ok(Err(error));
        }
        Ok(Ok(pending))
    }

    pub(crate) fn surroundings<'a>(&'a self, shared: &'a Shared) -> Surroundings<'a> {
        let workspace = self.database.opening.place.workspace();
        let life = workspace.map(|id| shared.life(id)).unwrap_or_default();
        let usage = Usage {
            bytes_used: self.stored.bytes(),
            bytes_max: workspace.and(life.bytes_max.or(shared.bytes_max)),
        };
        Surroundings {
            now: shared.clock.now(),
            vault: &*self.database.opening.vault,
            people: shared,
            passwords: &shared.passwords,
            outside: &shared.outside,
            site: &shared.site,
            workspace,
            address: &self.address,
            standing: life.standing,
            usage,
        }
    }

    /// Whether this database's audit log is whole, held against the witness.
    pub fn verify(&self) -> Result<Verdict, Error> {
        let witness = lock(&self.witness);
        self.database
            .read(|store| audit::verify(store, self.signer.key(), Some(&witness)))
    }

    /// The public key of this log's checkpoints.
    pub const fn checkpoint_key(&self) -> &CheckpointKey {
        self.signer.key()
    }

    pub fn knows_token(&self, hash: &[u8; 32], today: i64) -> bool {
        self.known_tokens
            .read()
            .is_ok_and(|known| known.get(hash) == Some(&today))
    }

    pub fn remember_token(&self, hash: [u8; 32], today: i64) {
        /// A workspace has few tokens; a full set is forgotten, not grown.
        const KNOWN_MAX: usize = 1_024;
        if let Ok(mut known) = self.known_tokens.write() {
            if known.len() >= KNOWN_MAX {
                known.clear();
            }
            known.insert(hash, today);
        }
    }

    pub fn used_at_ms(&self) -> i64 {
        self.used_at_ms.load(Ordering::Relaxed)
    }

    pub fn touch(&self, now_ms: i64) {
        self.used_at_ms.store(now_ms, Ordering::Relaxed);
    }
}

pub struct Untold;

impl Progress for Untold {
    fn report(&self, _done: u64, _total: u64) {}
}
