//! Commands that compare or keep a secret, or that ask somebody outside: the
//! try is counted first and stays counted, the hashing or the waiting is done on
//! threads of its own, and the command then goes to the writer like any other.

use std::sync::{Arc, Mutex};

use daybook_kernel::road::{Charged, Trip};
use daybook_kernel::{Error, Refusal};

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
        let pool = if call.operation.reaches_out {
            &self.outward
        } else {
            &self.hashing
        };
        let taken = pool.try_run(WAITING_MAX, move || {
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
        let (mut trip, charged) = self.charge(&desk, trip)?;
        match charged {
            Charged::Prepare => trip.decoded.prepare(&*self.entropy)?,
            Charged::GoOn => {}
            Charged::Refused(error) => return Err(error),
        }
        Ok((desk, trip))
    }

    /// Counts the try in a transaction of its own, which holds whatever comes
    /// of the try.
    fn charge(self: &Arc<Self>, desk: &Desk, trip: Trip) -> Result<(Trip, Charged), Error> {
        let place = Arc::new(Mutex::new((Some(trip), None)));
        let (inside, shared) = (Arc::clone(&place), Arc::clone(self));
        let task = move |tx: &mut daybook_kernel::Write<'_>| {
            let (trip, charged) = &mut *lock(&inside);
            let trip = trip.as_mut();
            let trip =
                trip.ok_or_else(|| Error::ours("the trip was lost before it was charged"))?;
            let (how, record) = shared.road().charge(tx, trip)?;
            *charged = Some(how);
            Ok(record)
        };
        self.now(desk, Box::new(task))?;
        let (trip, charged) = std::mem::take(&mut *lock(&place));
        trip.zip(charged)
            .ok_or_else(|| Error::ours("the trip was lost while it was charged"))
    }
}
