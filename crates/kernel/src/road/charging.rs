//! The try of a secret, counted before anything is compared. What is counted
//! stays counted when the try is refused.

use super::records::{name, whole};
use super::{Road, Trip};
use crate::decoded::Asker;
use crate::error::Error;
use crate::ports::Record;
use crate::transaction::Write;

/// How a prepared command goes on.
pub enum Charged {
    /// It is prepared, and goes to the writer.
    Prepare,
    /// The road will refuse it: nothing slow is done for it.
    GoOn,
    /// The try is one too many.
    Refused(Error),
}

impl Road<'_> {
    /// Counts a try in a transaction of its own. An error rolls that back; a
    /// refusal does not, and comes with what the log must be told of it.
    pub fn charge(
        &self,
        tx: &mut Write<'_>,
        trip: &mut Trip,
    ) -> Result<(Charged, Option<Record>), Error> {
        let spec = &trip.operation.spec;
        let Ok(caller) = self.identify(tx, &trip.claim, trip.origin.clone(), spec) else {
            return Ok((Charged::GoOn, None));
        };
        let target = &trip.decoded.target;
        if self.admit(tx, &caller, spec, target, trip.request).is_err() {
            return Ok((Charged::GoOn, None));
        }
        let asker = Asker {
            person: caller.person,
            session: caller.session.as_ref(),
            origin: &trip.origin,
        };
        match trip.decoded.charge(tx, &asker) {
            Ok(()) => Ok((Charged::Prepare, None)),
            Err(error @ Error::Refused(_)) => {
                let told = tx.pending.refusal.take().map(|why| {
                    let resource = whole(tx, spec);
                    let mut record = self.refusal(tx, &caller, spec, &resource, trip.request);
                    why.clone_into(&mut record.reason);
                    name(&mut record, tx.pending.actor.take());
                    record
                });
                Ok((Charged::Refused(error), told))
            }
            Err(other) => Err(other),
        }
    }
}
