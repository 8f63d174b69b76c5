//! Commands that compare or keep a secret: the try is counted first and stays
//! counted, the hashing is done on threads of its own, and the command then
//! goes to the writer like any other.

use std::sync::{Arc, Mutex};

use daybook_kernel::road::{Claim, Trip};
use daybook_kernel::{Asker, Error, Refusal};

use super::{Call, Shared};
use crate::desk::{Answer, Desk, Job, Work};
use crate::store::lock;

/// Hashes that may wait for a thread. At a tenth of a second each on two cores,
/// the last one waits about three seconds.
const WAITING_MAX: usize = 64;
const RETRY_AFTER_SECONDS: u32 = 5;

impl Shared {
    pub(super) fn command_prepared(self: Arc<Self>, call: Call, answer: Answer) {
        // Whoever cannot be served learns it at once; the answer is shared, as
        // only one of the two ways is taken.
        let answer = Arc::new(Mutex::new(Some(answer)));
        let late = Arc::clone(&answer);
        let shared = Arc::clone(&self);
        let taken = self.hashing.try_run(WAITING_MAX, move || {
            let Some(answer) = lock(&late).take() else {
                return;
            };
            match shared.work_out(call) {
                Ok((desk, trip)) => {
                    let work = Work::Trip(Box::new(trip));
                    shared.queue(&desk, Job { work, answer });
                }
                Err(error) => answer(Err(error)),
            }
        });
        if taken {
            return;
        }
        if let Some(answer) = lock(&answer).take() {
            let busy = Refusal::Busy {
                retry_after_seconds: RETRY_AFTER_SECONDS,
            };
            answer(Err(busy.into()));
        }
    }

    fn work_out(self: &Arc<Self>, call: Call) -> Result<(Arc<Desk>, Trip), Error> {
        let (desk, trip) = self.prepare(call)?;
        let mut trip = self.charge(&desk, trip)?;
        trip.decoded.prepare(&*self.entropy)?;
        Ok((desk, trip))
    }

    /// Counts the try in a transaction of its own.
    fn charge(&self, desk: &Desk, trip: Trip) -> Result<Trip, Error> {
        let place = Arc::new(Mutex::new(Some(trip)));
        let inside = Arc::clone(&place);
        let task = move |tx: &mut daybook_kernel::Write<'_>| {
            let mut held = lock(&inside);
            let Some(trip) = held.as_mut() else {
                return Err(Error::ours("the trip was lost before it was charged"));
            };
            let session = match &trip.claim {
                Claim::Session(session) => Some(session),
                _ => None,
            };
            let person = match &trip.claim {
                Claim::Session(session) => Some(session.who.person),
                Claim::Local(Some(who)) => Some(who.person),
                _ => None,
            };
            let asker = Asker {
                person,
                session: session.map(|session| &session.facts),
                origin: &trip.origin,
            };
            trip.decoded.charge(tx, &asker)?;
            Ok(None)
        };
        self.now(desk, Box::new(task))?;
        let trip = lock(&place).take();
        trip.ok_or_else(|| Error::ours("the trip was lost while it was charged"))
    }
}
