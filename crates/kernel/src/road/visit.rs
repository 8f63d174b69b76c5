//! A visit: what a page holds while it is drawn. Each of its questions takes
//! the road; it can do nothing else with the store.

use crate::caller::Caller;
use crate::error::{Error, Faults, Refusal};
use crate::grant::Vouched;
use crate::id::{RequestId, WorkspaceId};
use crate::operation::{Permit, Query, Target};
use crate::ports::{Abroad, Decision, Neighbours, Question, Record};
use crate::spec::Scope;
use crate::standing::Standing;
use crate::transaction::Read;
use serde_json::Value;

use super::records::{allowed, whole};
use super::refusal::Denial;
use super::{Road, is_recorded};

pub struct Visit<'a> {
    road: Road<'a>,
    tx: Read<'a>,
    caller: Caller,
    request: RequestId,
    neighbours: Option<&'a dyn Neighbours>,
    records: Vec<Record>,
}

impl<'a> Visit<'a> {
    pub(super) fn new(
        road: Road<'a>,
        tx: Read<'a>,
        caller: Caller,
        request: RequestId,
        neighbours: Option<&'a dyn Neighbours>,
    ) -> Self {
        Self {
            road,
            tx,
            caller,
            request,
            neighbours,
            records: Vec::new(),
        }
    }

    /// How the workspace stands.
    pub const fn standing(&self) -> Standing {
        self.tx.standing()
    }

    /// Whether anything here can be looked at by somebody who is known here.
    pub fn come_in(&self) -> Result<(), Error> {
        let standing = self.standing();
        let closed = standing.refusal().filter(|_| standing.is_closed());
        closed.map_or(Ok(()), |refusal| Err(refusal.into()))
    }

    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether the caller may open a page that needs this operation.
    pub fn enter(&mut self, operation: &str) -> Result<(), Error> {
        if !self.may(operation) {
            return Err(self.turn_away(operation));
        }
        let Some(operation) = self.road.registry.operation(operation) else {
            return Err(Error::ours(format!("there is no operation {operation}")));
        };
        let (caller, spec) = (&self.caller, &operation.spec);
        let entered = self.road.enter(&mut self.tx, caller, spec, self.request);
        entered.map_err(|stop| {
            self.records.extend(stop.record.map(|record| *record));
            stop.error
        })
    }

    /// Asks one question, by the road.
    pub fn ask<Q: Query>(&mut self, query: Q) -> Result<Q::Output, Error> {
        let target = query.target();
        let admitted = self
            .road
            .admit(&mut self.tx, &self.caller, &Q::SPEC, &target, self.request);
        let resource = match admitted {
            Ok(resource) => resource,
            Err(stop) => {
                self.records.extend(stop.record.map(|record| *record));
                return Err(stop.error);
            }
        };
        let mut faults = Faults::default();
        query.check(&mut faults);
        faults.into_result()?;
        let answer = query.answer(&mut self.tx, Permit::new(&self.caller, self.request));
        let (tx, caller, spec) = (&self.tx, &self.caller, &Q::SPEC);
        match answer {
            Ok(answer) => {
                let is_noted = is_recorded(caller, spec);
                let record = || allowed(tx, caller, spec, &resource, self.request, None);
                self.records.extend(is_noted.then(record));
                Ok(answer)
            }
            Err(error) => {
                let stop =
                    self.road
                        .refuse_in_work(tx, caller, spec, &resource, self.request, error);
                self.records.extend(stop.record.map(|record| *record));
                Err(stop.error)
            }
        }
    }

    /// Whether the caller's role may do this at all: for showing a button, not
    /// for guarding what is behind it.
    pub fn may(&self, operation: &str) -> bool {
        if self.caller.suspended || !self.caller.in_scope(operation) {
            return false;
        }
        if self.tx.workspace().is_none() {
            return self.may_on_the_instance(operation);
        }
        let operation = self.road.registry.operation(operation);
        operation.is_some_and(|it| self.road.is_able(&self.tx, &self.caller, &it.spec))
    }

    /// Asks companies that granted it to this workspace one question each, all
    /// at once. What one of them does not answer keeps no other from answering.
    pub fn ask_companies(
        &mut self,
        operation: &str,
        companies: &[WorkspaceId],
    ) -> Result<Vec<Result<Value, Error>>, Error> {
        let query = self.road.registry.operation(operation);
        let (Some(query), Some(neighbours)) = (query, self.neighbours) else {
            return Err(Error::ours(format!("{operation} is asked of no company")));
        };
        let vouched: Vec<Result<Vouched, Error>> =
            companies.iter().map(|it| self.vouch(*it)).collect();
        let going = companies.iter().zip(&vouched);
        let going = going.filter_map(|(id, it)| Some((*id, it.as_ref().ok()?.clone())));
        let question = Abroad {
            query,
            input: b"{}",
            companies: going.collect(),
        };
        let mut heard = neighbours.ask(question).into_iter();
        let mut answers = Vec::with_capacity(vouched.len());
        for vouched in vouched {
            let answer = vouched.and_then(|_| {
                let heard = heard
                    .next()
                    .ok_or_else(|| Error::ours("a company was not asked"))?;
                self.records.extend(heard.record);
                heard.answer
            });
            let read = |json: Vec<u8>| serde_json::from_slice(&json).map_err(Error::ours);
            answers.push(answer.and_then(read));
        }
        Ok(answers)
    }

    fn vouch(&mut self, company: WorkspaceId) -> Result<Vouched, Error> {
        let vouching =
            self.road
                .vouch_for(&mut self.tx, &self.caller, self.request, Some(company))?;
        self.records.extend(vouching.record.map(|record| *record));
        vouching.result
    }

    /// Why a page does not open to somebody who may not do what it needs. Whoever
    /// comes from another workspace is told why their grant does not hold it, and whoever comes to a workspace that is
    /// closed why that is.
    fn turn_away(&mut self, operation: &str) -> Error {
        let why = "Your role here does not open this page.";
        let lacks = || Refusal::Forbidden(why.to_owned());
        let Some(operation) = self.road.registry.operation(operation) else {
            return lacks().into();
        };
        let (caller, spec, request) = (&self.caller, &operation.spec, self.request);
        let is_shut = self.road.not_as_it_stands(&self.tx, spec).is_some();
        let admitted = if is_shut || caller.guest().is_some() {
            let tx = &mut self.tx;
            let admitted = self.road.admit(tx, caller, spec, &Target::Whole, request);
            admitted.err()
        } else {
            None
        };
        let stop = admitted.unwrap_or_else(|| {
            let whole = whole(&self.tx, spec);
            let denial = Denial::new(lacks(), "no policy permits it");
            self.road
                .refuse(&self.tx, caller, spec, &whole, request, denial)
        });
        self.records.extend(stop.record.map(|record| *record));
        stop.error
    }

    fn may_on_the_instance(&self, operation: &str) -> bool {
        let Some(operation) = self.road.registry.operation(operation) else {
            return false;
        };
        let resource = whole(&self.tx, &operation.spec);
        let question = Question {
            caller: &self.caller,
            operation: operation.spec.name,
            resource: &resource,
            fresh: true,
            workspace: None,
            standing: self.tx.standing(),
        };
        operation.spec.scope == Scope::Instance
            && self.road.authorizer.decide(&question) == Decision::Allow
    }

    /// Whether a question so far was answered from a part alone, as this caller sees no more.
    pub const fn shows_part(&self) -> bool {
        self.tx.shows_part()
    }

    /// What must be in the log before the page leaves.
    pub fn into_records(self) -> Vec<Record> {
        self.records
    }
}
