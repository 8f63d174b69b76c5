//! Going from a practice to its companies. An address `practice~company` names
//! both: the practice judges who goes, the company judges the grant. Whatever is
//! read there leaves a record in both logs, each durable before the answer goes:
//! first in the company's, whose the books are, then in the practice's. If either
//! cannot be written there is no answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use daybook_kernel::grant::Vouched;
use daybook_kernel::operation::{Given, Operation, Wanted};
use daybook_kernel::ports::{Abroad, Heard, Neighbours, Record};
use daybook_kernel::road::{Claim, Traveller, Trip, WorkspaceEntry};
use daybook_kernel::{Error, Origin, Read, Refusal, RequestId};

use super::opening::Open;
use super::{Call, Credential, Shared};
use crate::desk::{Answer, Desk, Job, Work};
use crate::store::lock;

/// Stands between the practice and the company in an address. No slug has it.
const PASSAGE: char = '~';

/// Companies that are asked at once: each waits for its disk, few for a processor.
const AT_ONCE: usize = 8;

/// Somebody on their way, for whom their practice has vouched.
pub struct Passage {
    pub practice: Open,
    pub company: Open,
    pub vouched: Vouched,
}

impl Passage {
    pub fn claim(&self) -> Claim {
        Claim::Granted(Box::new(self.vouched.clone()))
    }

    /// The company, under the address by which it was reached.
    pub fn entry(&self) -> WorkspaceEntry {
        let company = &self.company.entry;
        WorkspaceEntry {
            slug: format!("{}{PASSAGE}{}", self.practice.entry.slug, company.slug),
            ..(**company).clone()
        }
    }

    /// What the practice's log is told of what the company's log says.
    pub fn uses(&self, told: &[Record]) -> Vec<Record> {
        let company = &self.company.entry.name;
        let use_of = |record| self.vouched.record_of(company, record);
        told.iter().map(use_of).collect()
    }
}

/// The practice and the company of an address, if it names both.
pub fn passage(workspace: Option<&str>) -> Option<(&str, &str)> {
    workspace?.split_once(PASSAGE)
}

impl Shared {
    /// Has the practice judge whoever goes. Its refusal is in its log before it
    /// is told.
    pub(super) fn pass(
        self: &Arc<Self>,
        (practice, company): (&str, &str),
        credential: &Credential,
        (origin, request): (&Arc<Origin>, RequestId),
    ) -> Result<Passage, Error> {
        let claim = match credential {
            // A token is bound to one workspace's own books.
            Credential::Token(_) => return Err(Refusal::Unauthenticated.into()),
            other => self.claim(other, None)?.1,
        };
        if matches!(claim, Claim::Nobody) {
            return Err(Refusal::Unauthenticated.into());
        }
        let practice = self.open_workspace(practice)?;
        let entry = self.in_instance(|tx| (self.directory.workspace)(tx, company))?;
        let vouching = self.in_desk(&practice.desk, |tx| {
            let traveller = Traveller {
                claim: &claim,
                origin: Arc::clone(origin),
                request,
            };
            let company = entry.as_ref().map(|entry| entry.id);
            self.road().vouch(tx, traveller, company)
        })?;
        if let Some(record) = vouching.record {
            self.write_now(&practice.desk, vec![*record])?;
        }
        let mut vouched = vouching.result?;
        vouched.practice_name.clone_from(&practice.entry.name);
        Ok(Passage {
            company: self.open_workspace(company)?,
            practice,
            vouched,
        })
    }

    /// Asks one question of a company. A command is refused there: no grant
    /// holds one.
    pub(super) fn read_abroad(
        self: &Arc<Self>,
        call: Call,
        wanted: Wanted,
        answer: impl FnOnce(Result<Given, Error>) + Send + 'static,
    ) {
        let went = passage(call.workspace.as_deref())
            .ok_or_else(Error::not_found)
            .and_then(|names| {
                let by = (&call.origin, call.request);
                self.pass(names, &call.credential, by)
            });
        let passage = match went {
            Ok(passage) => passage,
            Err(error) => return answer(Err(error)),
        };
        let trip = Trip {
            operation: call.operation,
            decoded: self.registry.decode(call.operation, &call.input),
            claim: passage.claim(),
            origin: call.origin,
            request: call.request,
        };
        match self.consult(&passage.company.desk, trip, wanted) {
            Ok((result, told)) => self.leave_both(&passage, told, result, answer),
            Err(error) => answer(Err(error)),
        }
    }

    /// Lets an answer go once both logs tell of it.
    pub(super) fn leave_both<T: Send + 'static>(
        self: &Arc<Self>,
        passage: &Passage,
        told: Vec<Record>,
        result: Result<T, Error>,
        answer: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) {
        let uses = passage.uses(&told);
        let (shared, practice) = (Arc::clone(self), Arc::clone(&passage.practice.desk));
        self.leave(
            &passage.company.desk,
            told,
            Ok(()),
            move |logged| match logged {
                Ok(()) => shared.leave(&practice, uses, result, answer),
                Err(error) => answer(Err(error)),
            },
        );
    }

    /// The answer of a company, and what its log must tell before anybody gets it.
    fn consult(
        &self,
        desk: &Desk,
        trip: Trip,
        wanted: Wanted,
    ) -> Result<(Result<Given, Error>, Vec<Record>), Error> {
        desk.touch(self.clock.now().as_millisecond());
        let answered = desk.database.read(|store| {
            let mut tx = Read::new(store, desk.surroundings(self));
            Ok(self.road().query(&mut tx, trip, wanted))
        })?;
        if answered.result.is_ok() && answered.record.is_none() {
            return Err(Error::ours("a company was read and its log was not told"));
        }
        let told = answered.record.map(|record| *record).into_iter().collect();
        Ok((answered.result, told))
    }

    /// Writes records on this thread.
    pub(super) fn write_now(&self, desk: &Desk, records: Vec<Record>) -> Result<(), Error> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let answer: Answer = Box::new(move |result| {
            // Nobody waits any more if the receiver is gone.
            let _ = sender.send(result);
        });
        let work = Work::Records(records);
        desk.transact(self, vec![Job { work, answer }]);
        receiver.recv().map_err(Error::ours)?.map(|_| ())
    }
}

/// The way of one page from its practice to the companies.
pub struct Excursion<'a> {
    pub shared: &'a Shared,
    pub practice: Arc<WorkspaceEntry>,
    pub origin: Arc<Origin>,
    pub request: RequestId,
}

impl Neighbours for Excursion<'_> {
    /// On threads of its own: those of the pool may all be drawing such pages.
    fn ask(&self, question: Abroad<'_>) -> Vec<Heard> {
        let (query, input) = (question.query, question.input);
        let asked = question.companies.len();
        let heard: Vec<Mutex<Option<Heard>>> = (0..asked).map(|_| Mutex::default()).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some((company, vouched)) = question.companies.get(at) else {
                    return;
                };
                let company = company.to_string();
                *lock(&heard[at]) = Some(self.hear(&company, vouched, query, input));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..asked.min(AT_ONCE) {
                scope.spawn(work);
            }
        });
        let missed = || Heard {
            answer: Err(Error::ours("a company was not asked")),
            record: None,
        };
        let taken = heard.iter().map(|place| lock(place).take());
        taken.map(|it| it.unwrap_or_else(missed)).collect()
    }
}

impl Excursion<'_> {
    fn hear(
        &self,
        company: &str,
        vouched: &Vouched,
        query: &'static Operation,
        input: &[u8],
    ) -> Heard {
        let mut vouched = vouched.clone();
        vouched.practice_name.clone_from(&self.practice.name);
        let trip = Trip {
            operation: query,
            decoded: self.shared.registry.decode(query, input),
            claim: Claim::Granted(Box::new(vouched.clone())),
            origin: Arc::clone(&self.origin),
            request: self.request,
        };
        let went = self.shared.open_workspace(company).and_then(|open| {
            let (result, told) = self.shared.consult(&open.desk, trip, Wanted::Json)?;
            let name = &open.entry.name;
            let used = told.first().map(|record| vouched.record_of(name, record));
            if !told.is_empty() {
                self.shared.write_now(&open.desk, told)?;
            }
            Ok((result, used))
        });
        match went {
            Ok((result, record)) => Heard {
                answer: result.and_then(json),
                record,
            },
            Err(error) => {
                tracing::error!(error = ?error, company, "a company could not be asked");
                Heard {
                    answer: Err(error),
                    record: None,
                }
            }
        }
    }
}

/// The bytes of an answer that was asked for as JSON.
pub fn json(given: Given) -> Result<Vec<u8>, Error> {
    match given {
        Given::Json(bytes) => Ok(bytes),
        Given::Table(_) | Given::File(_) => Err(Error::ours("JSON was asked for")),
    }
}
