//! A visit: what a page holds while it is drawn. Each of its questions takes
//! the road; it can do nothing else with the store.

use crate::caller::Caller;
use crate::error::{Error, Faults, Refusal};
use crate::id::RequestId;
use crate::operation::{Permit, Query};
use crate::ports::{Decision, Question, Record};
use crate::spec::{DataClass, Scope};
use crate::transaction::Read;

use super::Road;
use super::records::{allowed, whole};

pub struct Visit<'a> {
    road: Road<'a>,
    tx: Read<'a>,
    caller: Caller,
    request: RequestId,
    records: Vec<Record>,
}

impl<'a> Visit<'a> {
    pub(super) fn new(road: Road<'a>, tx: Read<'a>, caller: Caller, request: RequestId) -> Self {
        Self {
            road,
            tx,
            caller,
            request,
            records: Vec::new(),
        }
    }

    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether the caller may open a page that needs this operation.
    pub fn enter(&mut self, operation: &str) -> Result<(), Error> {
        if !self.may(operation) {
            let why = "Your role here does not open this page.";
            return Err(Refusal::Forbidden(why.to_owned()).into());
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
        if Q::SPEC.data == DataClass::Restricted {
            let record = allowed(
                &self.tx,
                &self.caller,
                &Q::SPEC,
                &resource,
                self.request,
                None,
            );
            self.records.push(record);
        }
        query.answer(&mut self.tx, Permit::new(&self.caller, self.request))
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
        self.caller.role.is_some_and(|role| {
            self.road
                .authorizer
                .roles_allowed(operation)
                .contains(&role)
        })
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
        };
        operation.spec.scope == Scope::Instance
            && self.road.authorizer.decide(&question) == Decision::Allow
    }

    /// What must be in the log before the page leaves.
    pub fn into_records(self) -> Vec<Record> {
        self.records
    }
}
