//! What the engine does by itself: arranging turns, founding, delivering the
//! outbox, giving memory back.

use std::sync::Arc;
use std::time::Duration;

use daybook_kernel::road::{Letter, swept_record, told_record};
use daybook_kernel::{Delivery, Error, Refusal, Scope, Write};
use serde::Deserialize;

use super::Shared;
use super::retention::Round;
use crate::desk::{Answer, Desk, Job, Task, Work};

/// An open workspace with nothing to do gives its memory back after this.
const REST_AFTER_MS: i64 = 20_000;
const HOUSEKEEPING: Duration = Duration::from_secs(5);

impl Shared {
    pub(super) fn queue(self: &Arc<Self>, desk: &Arc<Desk>, job: Job) {
        if desk.enqueue(job) {
            self.arrange_turn(Arc::clone(desk));
        }
    }

    pub(super) fn arrange_turn(self: &Arc<Self>, desk: Arc<Desk>) {
        let shared = Arc::clone(self);
        self.pool.run(move || {
            let turn = desk.take_turn(&shared);
            if turn.another_is_due {
                shared.arrange_turn(Arc::clone(&desk));
            }
            if turn.outbox {
                shared.deliver_or_log(&desk);
                shared.hand_out_or_log();
            }
        });
    }

    /// Queues Daybook's own task; whoever is here does not wait for it.
    pub(super) fn later(self: &Arc<Self>, desk: &Arc<Desk>, task: Task) {
        let answer: Answer = Box::new(|done| {
            if let Err(error) = done {
                tracing::error!(error = ?error, "a task of Daybook's own failed");
            }
        });
        self.queue(
            desk,
            Job {
                work: Work::Task(task),
                answer,
            },
        );
    }

    /// Runs Daybook's own task on this thread.
    pub(super) fn now(&self, desk: &Desk, task: Task) -> Result<(), Error> {
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

    /// Ends what has expired, each with its record: nobody asked for it, and
    /// the log tells of it all the same.
    fn sweep(self: &Arc<Self>) -> Result<(), Error> {
        /// At one go; the others wait for the next.
        const AT_ONCE_MAX: u64 = 256;
        let expired = self.in_instance(|tx| (self.directory.expired)(tx))?;
        for _ in 0..expired.min(AT_ONCE_MAX) {
            let (sweep, request) = (self.directory.sweep, self.request()?);
            let end = move |tx: &mut Write<'_>| {
                let swept = sweep(tx)?;
                Ok(swept.map(|swept| swept_record(tx, request, swept)))
            };
            self.later(&self.instance, Box::new(end));
        }
        Ok(())
    }

    /// What could not be delivered stays in the outbox until the next time.
    pub fn deliver_or_log(&self, desk: &Desk) {
        if let Err(error) = self.deliver(desk) {
            tracing::error!(error = ?error, "the outbox could not be delivered");
        }
    }

    /// Takes what a workspace left in its outbox to the instance, or to the
    /// workspace that it is for. Each message is removed once it is taken there.
    /// One for another workspace that cannot be taken waits, and holds up nobody.
    pub fn deliver(&self, desk: &Desk) -> Result<(), Error> {
        for Message { id, kind, payload } in self.waiting(desk)? {
            if let Some(letter) = self.directory.letter(&kind) {
                if let Err(error) = self.carry_over(desk, letter, payload) {
                    tracing::error!(error = ?error, "a letter to another workspace waits");
                    continue;
                }
                self.taken(desk, id)?;
                continue;
            }
            let (scope, delivery) = self
                .registry
                .delivery(&kind)
                .ok_or_else(|| Error::ours(format!("nobody takes {kind} from the outbox")))?;
            if scope == Scope::Workspace {
                continue;
            }
            self.now(
                &self.instance,
                Box::new(move |tx| (delivery.deliver)(tx, &payload).map(|()| None)),
            )?;
            self.taken(desk, id)?;
        }
        Ok(())
    }

    /// Takes what the instance left in its outbox to the workspaces that it is
    /// for. Never on a thread that opens one: it would wait for itself.
    fn hand_out_or_log(&self) {
        if let Err(error) = self.hand_out() {
            tracing::error!(error = ?error, "the instance's outbox could not be handed out");
        }
    }

    fn hand_out(&self) -> Result<(), Error> {
        for message in self.waiting(&self.instance)? {
            let Some((Scope::Workspace, delivery)) = self.registry.delivery(&message.kind) else {
                continue;
            };
            // One workspace that cannot be opened keeps nobody else waiting.
            match self.hand_over(*delivery, &message) {
                Ok(()) => self.taken(&self.instance, message.id)?,
                Err(error) => {
                    let kind = message.kind;
                    tracing::error!(kind, error = ?error, "a workspace could not be told");
                }
            }
        }
        Ok(())
    }

    fn hand_over(&self, delivery: Delivery, message: &Message) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Addressed {
            workspace: String,
        }
        let payload = message.payload.clone();
        let to: Addressed = serde_json::from_str(&payload).map_err(Error::ours)?;
        let open = match self.open_workspace(&to.workspace) {
            Ok(open) => open,
            // It is gone, and with it whoever was to be told.
            Err(Error::Refused(Refusal::NotFound)) => return Ok(()),
            Err(other) => return Err(other),
        };
        let take = move |tx: &mut Write<'_>| (delivery.deliver)(tx, &payload).map(|()| None);
        self.now(&open.desk, Box::new(take))
    }

    fn waiting(&self, desk: &Desk) -> Result<Vec<Message>, Error> {
        self.in_desk(desk, |tx| {
            tx.all(
                "SELECT id, kind, payload FROM outbox ORDER BY id LIMIT 1000",
                &[],
                |row| {
                    Ok(Message {
                        id: row.int(0)?,
                        kind: row.text(1)?.to_owned(),
                        payload: row.sealed(2, "outbox.payload")?,
                    })
                },
            )
        })
    }

    fn taken(&self, desk: &Desk, id: i64) -> Result<(), Error> {
        let remove = move |tx: &mut Write<'_>| {
            tx.run("DELETE FROM outbox WHERE id = $1", &[id.into()])
                .map(|_| None)
        };
        self.now(desk, Box::new(remove))
    }

    /// Takes a letter to the workspace that it is for. One to nobody is dropped:
    /// whoever wrote it is not told, so that no address can be tried out.
    fn carry_over(&self, desk: &Desk, letter: &Letter, payload: String) -> Result<(), Error> {
        let from = desk.database.opening.place.workspace();
        let from = from.ok_or_else(|| Error::ours("the instance writes no letters"))?;
        let to = (letter.to)(&payload)?;
        let find = |id: String| self.in_instance(|tx| (self.directory.workspace)(tx, &id));
        let (Some(sender), Some(receiver)) = (find(from.to_string())?, find(to.to_string())?)
        else {
            return Ok(());
        };
        let there = self.open_workspace(&receiver.id.to_string())?.desk;
        let (take, request) = (letter.take, self.request()?);
        let task = move |tx: &mut Write<'_>| {
            let told = take(tx, &sender, &payload)?;
            Ok(told.map(|told| told_record(tx, request, told)))
        };
        self.now(&there, Box::new(task))
    }
}

/// What waits in an outbox.
struct Message {
    id: i64,
    kind: String,
    payload: String,
}

/// A thread that gives memory back and forgets callers that are long gone.
pub fn keep_house(shared: &Arc<Shared>) -> Result<(), Error> {
    let shared = Arc::downgrade(shared);
    std::thread::Builder::new()
        .name("house".to_owned())
        .spawn(move || {
            let mut round = Round::default();
            loop {
                std::thread::park_timeout(HOUSEKEEPING);
                let Some(shared) = shared.upgrade() else {
                    return;
                };
                shared.limits.tidy();
                if let Err(error) = shared.sweep() {
                    tracing::error!(error = ?error, "what has expired could not be ended");
                }
                shared.hand_out_or_log();
                if let Err(error) = shared.end_workspaces() {
                    tracing::error!(error = ?error, "workspaces could not be ended");
                }
                if let Err(error) = shared.go_round(&mut round) {
                    tracing::error!(error = ?error, "the logs could not be looked through");
                }
                let now = shared.clock.now().as_millisecond();
                let open = shared.workspaces.desks();
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
