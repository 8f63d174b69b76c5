//! Reading: queries and pages on a snapshot. What they must leave in the log is
//! durable before their answer goes.

use std::sync::Arc;

use daybook_kernel::operation::{Given, Wanted};
use daybook_kernel::ports::Record;
use daybook_kernel::road::{Claim, Trip, Visit, WorkspaceEntry};
use daybook_kernel::{Error, Read, Refusal};

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

    #[expect(
        clippy::type_complexity,
        reason = "the three parts go three ways at the one caller"
    )]
    pub(super) fn draw<T>(
        self: &Arc<Self>,
        reader: &Reader,
        draw: impl FnOnce(Option<&WorkspaceEntry>, &mut Visit<'_>) -> Result<T, Error>,
    ) -> Result<(Arc<Desk>, Result<T, Error>, Vec<Record>), Error> {
        let workspace = reader.workspace.as_deref();
        let (_, claim) = self.claim(&reader.credential, workspace)?;
        if matches!(claim, Claim::Nobody) {
            return Err(Refusal::Unauthenticated.into());
        }
        let open = workspace
            .map(|slug| self.open_workspace(slug))
            .transpose()?;
        let desk = Arc::clone(open.as_ref().map_or(&self.instance, |open| &open.desk));
        desk.touch(self.clock.now().as_millisecond());
        let (result, records) = desk.database.read(|store| {
            let tx = Read::new(store, desk.surroundings(self));
            let road = self.road();
            let mut visit = road.visit(tx, &claim, Arc::clone(&reader.origin), reader.request)?;
            if open.is_some() && visit.caller().role.is_none() {
                return Err(Error::not_found());
            }
            let result = draw(open.as_ref().map(|open| &*open.entry), &mut visit);
            Ok((result, visit.into_records()))
        })?;
        Ok((desk, result, records))
    }
}
