//! A fixed pool of threads on which every transaction runs. Domain code is
//! synchronous; the HTTP edge hands its work over here and waits elsewhere.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

use daybook_kernel::Error;

use crate::store::lock;

type Task = Box<dyn FnOnce() + Send>;

pub struct Pool {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    queue: Mutex<Queue>,
    ready: Condvar,
}

struct Queue {
    tasks: VecDeque<Task>,
    open: bool,
}

/// How far work that keeps a processor busy stands back: people's requests go first.
const STANDS_BACK: i32 = 15;

/// The calling thread takes what others leave of the processors, from now on: on
/// Linux a priority is the thread's own.
pub fn stand_back() {
    if let Err(error) = rustix::process::setpriority_process(None, STANDS_BACK) {
        tracing::warn!(%error, "a thread could not stand back");
    }
}

impl Pool {
    pub fn new(name: &str, threads: usize) -> Result<Self, Error> {
        Self::with(name, threads, || {})
    }

    /// Its threads take what others leave of the processors.
    pub fn standing_back(name: &str, threads: usize) -> Result<Self, Error> {
        Self::with(name, threads, stand_back)
    }

    fn with(name: &str, threads: usize, begin: fn()) -> Result<Self, Error> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue {
                tasks: VecDeque::new(),
                open: true,
            }),
            ready: Condvar::new(),
        });
        let mut handles = Vec::new();
        for number in 0..threads {
            let shared = Arc::clone(&shared);
            let handle = thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || {
                    begin();
                    shared.work();
                })
                .map_err(|error| Error::ours(format!("starting a thread: {error}")))?;
            handles.push(handle);
        }
        Ok(Self {
            shared,
            threads: Mutex::new(handles),
        })
    }

    /// Queues a task unless `waiting_max` wait already.
    pub fn try_run(&self, waiting_max: usize, task: impl FnOnce() + Send + 'static) -> bool {
        let mut queue = lock(&self.shared.queue);
        if queue.tasks.len() >= waiting_max {
            return false;
        }
        queue.tasks.push_back(Box::new(task));
        drop(queue);
        self.shared.ready.notify_one();
        true
    }

    pub fn run(&self, task: impl FnOnce() + Send + 'static) {
        lock(&self.shared.queue).tasks.push_back(Box::new(task));
        self.shared.ready.notify_one();
    }
}

impl Pool {
    /// Runs what is queued and waits for the threads to end, so that files are
    /// closed when this returns.
    pub fn finish(&self) {
        lock(&self.shared.queue).open = false;
        self.shared.ready.notify_all();
        let handles = std::mem::take(&mut *lock(&self.threads));
        let here = thread::current().id();
        for handle in handles
            .into_iter()
            .filter(|handle| handle.thread().id() != here)
        {
            // A thread's panics were caught and told where they happened.
            let _ = handle.join();
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Shared {
    fn work(&self) {
        while let Some(task) = self.next() {
            // A task that panics drops its answer, which the edge reports as
            // our fault; the thread goes on.
            if catch_unwind(AssertUnwindSafe(task)).is_err() {
                tracing::error!("a task of the store panicked");
            }
        }
    }

    fn next(&self) -> Option<Task> {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(task) = queue.tasks.pop_front() {
                return Some(task);
            }
            if !queue.open {
                return None;
            }
            queue = self
                .ready
                .wait(queue)
                .unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }
}
