//! What is asked of the engine: commands, queries, and visits of pages. Each is
//! counted, its caller found, and sent down the road.

use std::sync::Arc;

use daybook_kernel::operation::{Given, Operation, Wanted};
use daybook_kernel::road::{Claim, Trip, Visit, WorkspaceEntry};
use daybook_kernel::{Error, Exposure, Origin, Rate, Refusal, RequestId};
use zeroize::Zeroizing;

use super::abroad::{json, passage};
use super::{Engine, Shared};
use crate::desk::{Answer, Desk, Job, Work};
use crate::limits::Start;

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
    pub origin: Arc<Origin>,
    pub request: RequestId,
}

/// Whoever comes to read: a workspace's pages, or their own.
pub struct Reader {
    pub workspace: Option<String>,
    pub credential: Credential,
    pub origin: Arc<Origin>,
    pub request: RequestId,
}

impl Engine {
    /// Runs a command; the answer comes once it is durable.
    pub fn command(&self, call: Call, answer: Answer) {
        let shared = Arc::clone(&self.shared);
        if let Err(error) = shared.count(&call) {
            return answer(Err(error));
        }
        if call.operation.spec.rate == Rate::Generation {
            return self.shared.pool.run(move || match shared.start(&call) {
                Ok(start) => {
                    let answer = shared.counted(start, answer);
                    shared.send(call, answer);
                }
                Err(error) => answer(Err(error)),
            });
        }
        shared.send(call, answer);
    }

    /// Runs a query on a snapshot.
    pub fn query(
        &self,
        call: Call,
        wanted: Wanted,
        answer: impl FnOnce(Result<Given, Error>) + Send + 'static,
    ) {
        let shared = Arc::clone(&self.shared);
        if let Err(error) = shared.count(&call) {
            return answer(Err(error));
        }
        let abroad = passage(call.workspace.as_deref()).is_some() && call.operation.in_workspace();
        self.shared.pool.run(move || {
            if abroad {
                return shared.read_abroad(call, wanted, answer);
            }
            match shared.prepare(call) {
                Ok((desk, trip)) => shared.read(&desk, trip, wanted, answer),
                Err(error) => answer(Err(error)),
            }
        });
    }

    /// Opens a visit of a workspace's pages, or of a person's own, and lets
    /// `draw` ask its questions.
    pub fn visit<T: Send + 'static>(
        &self,
        reader: Reader,
        draw: impl FnOnce(Option<&WorkspaceEntry>, &mut Visit<'_>) -> Result<T, Error> + Send + 'static,
        answer: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) {
        let shared = Arc::clone(&self.shared);
        self.shared.pool.run(move || {
            let bucket = shared.bucket_of(&reader.credential, &reader.origin);
            let drawn = shared
                .limits
                .count(Rate::Standard, &bucket, reader.workspace.as_deref())
                .and_then(|()| shared.draw(&reader, draw));
            match drawn {
                Ok(drawn) => shared.let_go(drawn, answer),
                Err(error) => answer(Err(error)),
            }
        });
    }

    /// Whether a credential is good at all: in this workspace, if one is named.
    pub fn check(&self, reader: Reader, answer: impl FnOnce(Result<(), Error>) + Send + 'static) {
        let shared = Arc::clone(&self.shared);
        self.shared.pool.run(move || {
            let claimed = shared.claim(&reader.credential, reader.workspace.as_deref());
            let checked = match claimed {
                Ok((_, Claim::Nobody)) => Err(Refusal::Unauthenticated.into()),
                Ok(_) if reader.workspace.is_none() => Ok(()),
                Ok(_) => shared
                    .draw(&reader, |_, visit| visit.come_in())
                    .and_then(|drawn| drawn.result),
                Err(error) => Err(error),
            };
            answer(checked);
        });
    }
}

impl Shared {
    /// Sends a command that was counted down the road.
    fn send(self: &Arc<Self>, call: Call, answer: Answer) {
        let shared = Arc::clone(self);
        if passage(call.workspace.as_deref()).is_some() && call.operation.in_workspace() {
            return self.pool.run(move || {
                shared.read_abroad(call, Wanted::Json, |given| answer(given.and_then(json)));
            });
        }
        if call.operation.prepared {
            return shared.command_prepared(call, answer);
        }
        if let Some((desk, hash)) = shared.known_token(&call) {
            let trip = Trip {
                operation: call.operation,
                decoded: self.registry.decode(call.operation, &call.input),
                claim: Claim::Token(hash),
                origin: call.origin,
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
        self.pool.run(move || match shared.prepare(call) {
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

    /// Takes one of the starts of whoever calls, which counts for a person whatever
    /// they show: so the secret is looked up first.
    fn start(self: &Arc<Self>, call: &Call) -> Result<Start, Error> {
        let place = call.workspace.as_deref();
        let place = place.filter(|_| call.operation.in_workspace());
        self.claim(&call.credential, place)?;
        let bucket = self.bucket_of(&call.credential, &call.origin);
        self.limits.start(bucket)
    }

    /// An answer that gives the start back if nothing was started.
    fn counted(self: &Arc<Self>, start: Start, answer: Answer) -> Answer {
        let shared = Arc::clone(self);
        Box::new(move |result| {
            if result.is_err() {
                shared.limits.give_back(&start);
            }
            answer(result);
        })
    }

    /// Finds the caller and the database, and reads the input.
    pub(crate) fn prepare(self: &Arc<Self>, call: Call) -> Result<(Arc<Desk>, Trip), Error> {
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
            (None, claim) => match self.desk(place) {
                Ok(desk) => (desk, claim),
                Err(error) => return Err(self.as_told(error, &claim, place)),
            },
        };
        let decoded = self.registry.decode(operation, &call.input);
        Ok((
            desk,
            Trip {
                operation,
                decoded,
                claim,
                origin: call.origin,
                request: call.request,
            },
        ))
    }
}
