//! Reading: queries and pages on a snapshot. What they must leave in the log is
//! durable before their answer goes.

use std::sync::Arc;

use daybook_kernel::operation::{Given, Wanted};
use daybook_kernel::ports::{Neighbours, Record};
use daybook_kernel::road::{Claim, Trip, Visit, WorkspaceEntry};
use daybook_kernel::{Error, Read, Refusal};

use super::abroad::{Excursion, Passage, passage};
use super::{Reader, Shared};
use crate::desk::{Desk, Job, Work};

impl Shared {
    pub(super) fn read(
        self: &Arc<Self>,
        desk: &Arc<Desk>,
        trip: Trip,
        wanted: Wanted,
        answer: impl FnOnce(Result<Given, Error>) + Send + 'static,
    ) {
        desk.touch(self.clock.now().as_millisecond());
        let claim = trip.claim.clone();
        let workspace = desk.database.opening.place.workspace();
        let answered = desk.database.read(|store| {
            let mut tx = Read::new(store, desk.surroundings(self));
            Ok(self.road().query(&mut tx, trip, wanted))
        });
        let as_told = |error: Error| {
            let name = workspace.map(|id| id.to_string());
            self.as_told(error, &claim, name.as_deref())
        };
        match answered {
            Ok(answered) => {
                let records = answered.record.map(|record| *record).into_iter().collect();
                let result = answered.result.map_err(as_told);
                self.leave(desk, records, result, answer);
            }
            Err(error) => answer(Err(as_told(error))),
        }
    }

    /// Lets an answer go once what it must leave in the log is durable.
    pub(super) fn leave<T: Send + 'static>(
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

    /// Lets a page go once what it must leave in the log, or in both, is durable.
    pub(super) fn let_go<T: Send + 'static>(
        self: &Arc<Self>,
        drawn: Drawn<T>,
        answer: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) {
        let (result, records) = (drawn.result, drawn.records);
        match drawn.place {
            Drawer::Own(desk) => self.leave(&desk, records, result, answer),
            Drawer::Abroad(passage) => self.leave_both(&passage, records, result, answer),
        }
    }

    pub(super) fn draw<T>(
        self: &Arc<Self>,
        reader: &Reader,
        draw: impl FnOnce(Option<&WorkspaceEntry>, &mut Visit<'_>) -> Result<T, Error>,
    ) -> Result<Drawn<T>, Error> {
        let workspace = reader.workspace.as_deref();
        if let Some(names) = passage(workspace) {
            return self.draw_abroad(names, reader, draw);
        }
        let (_, claim) = self.claim(&reader.credential, workspace)?;
        if matches!(claim, Claim::Nobody) {
            return Err(Refusal::Unauthenticated.into());
        }
        let as_told = |error| self.as_told(error, &claim, workspace);
        let open = workspace
            .map(|slug| self.open_workspace(slug))
            .transpose()
            .map_err(as_told)?;
        let desk = Arc::clone(open.as_ref().map_or(&self.instance, |open| &open.desk));
        desk.touch(self.clock.now().as_millisecond());
        let excursion = open.as_ref().map(|open| Excursion {
            shared: self,
            practice: Arc::clone(&open.entry),
            origin: Arc::clone(&reader.origin),
            request: reader.request,
        });
        let neighbours = excursion.as_ref().map(|it| it as &dyn Neighbours);
        let drawn = desk.database.read(|store| {
            let tx = Read::new(store, desk.surroundings(self));
            let (road, origin) = (self.road(), Arc::clone(&reader.origin));
            let mut visit = road.visit(tx, &claim, origin, reader.request, neighbours)?;
            if open.is_some() && visit.caller().role.is_none() {
                return Err(Error::not_found());
            }
            let result = draw(open.as_ref().map(|open| &*open.entry), &mut visit);
            Ok((result, visit.into_records()))
        });
        let (result, records) = drawn.map_err(as_told)?;
        Ok(Drawn {
            place: Drawer::Own(desk),
            result,
            records,
        })
    }

    /// The pages of a company, for somebody who comes by a grant.
    fn draw_abroad<T>(
        self: &Arc<Self>,
        names: (&str, &str),
        reader: &Reader,
        draw: impl FnOnce(Option<&WorkspaceEntry>, &mut Visit<'_>) -> Result<T, Error>,
    ) -> Result<Drawn<T>, Error> {
        let by = (&reader.origin, reader.request);
        let passage = self.pass(names, &reader.credential, by)?;
        let desk = Arc::clone(&passage.company.desk);
        desk.touch(self.clock.now().as_millisecond());
        let (claim, entry) = (passage.claim(), passage.entry());
        let (result, records) = desk.database.read(|store| {
            let tx = Read::new(store, desk.surroundings(self));
            let (road, origin) = (self.road(), Arc::clone(&reader.origin));
            let mut visit = road.visit(tx, &claim, origin, reader.request, None)?;
            let result = draw(Some(&entry), &mut visit);
            Ok((result, visit.into_records()))
        })?;
        Ok(Drawn {
            place: Drawer::Abroad(Box::new(passage)),
            result,
            records,
        })
    }
}

/// A page as it was drawn, and what must be in which log before it leaves.
pub struct Drawn<T> {
    place: Drawer,
    pub result: Result<T, Error>,
    records: Vec<Record>,
}

enum Drawer {
    Own(Arc<Desk>),
    Abroad(Box<Passage>),
}
