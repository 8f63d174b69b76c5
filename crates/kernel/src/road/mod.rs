//! The road: the one way from a request to a change. Who is asking, what they
//! aim at, whether the policies allow it, the check, the work, the record; all
//! inside the transaction that the engine opened and will commit.

mod admission;
mod charging;
mod directory;
mod records;
mod refusal;
mod registry;
mod visit;
mod vouching;

pub use charging::Charged;
pub use directory::{
    Barrier, Claim, Directory, Founder, Letter, LiveSession, Membership, SignedIn, Swept,
    TokenGrant, Told, WorkspaceEntry,
};
pub use records::{founding_record, swept_record, told_record};
pub use registry::Registry;
pub use visit::Visit;
pub use vouching::{Traveller, Vouching};

use records::allowed;

use std::sync::Arc;

use crate::caller::{Caller, CallerKind, Origin};
use crate::decoded::{Decoded, Work};
use crate::error::{Error, Refusal};
use crate::id::RequestId;
use crate::operation::{Given, Kind, Operation, Wanted};
use crate::ports::{AuditLog, Authorizer, Neighbours, Record};
use crate::sight::View;
use crate::spec::{DataClass, Exposure, Spec, StepUp};
use crate::transaction::{Pending, Read, Write};

/// What stands along the road.
#[derive(Clone, Copy)]
pub struct Road<'r> {
    pub registry: &'r Registry,
    pub authorizer: &'r dyn Authorizer,
    pub directory: &'r Directory,
}

/// One request on its way.
pub struct Trip {
    pub operation: &'static Operation,
    pub decoded: Decoded,
    pub claim: Claim,
    pub origin: Arc<Origin>,
    pub request: RequestId,
}

/// Why a trip ended early, and what the log must say of it.
pub(crate) struct Stop {
    pub error: Error,
    pub record: Option<Box<Record>>,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self {
            error,
            record: None,
        }
    }
}

/// A query's end: its answer, and what must be in the log before it leaves.
pub struct Answered {
    pub result: Result<Given, Error>,
    pub record: Option<Box<Record>>,
}

impl Road<'_> {
    /// Runs a command in a savepoint. The outer error means that the
    /// transaction itself is unusable and the whole batch must be given up.
    pub fn command(
        &self,
        tx: &mut Write<'_>,
        audit: &mut dyn AuditLog,
        trip: Trip,
    ) -> Result<Result<Vec<u8>, Error>, Error> {
        tx.store.savepoint()?;
        let attempted = self.attempt(tx, audit, trip);
        tx.see_as(None);
        let attempted = attempted.and_then(|output| {
            // What the store put off until here may be refused only now.
            match tx.store.release() {
                Ok(()) => Ok(output),
                Err(error) => {
                    audit.take_back();
                    Err(error.into())
                }
            }
        });
        match attempted {
            Ok(output) => Ok(Ok(output)),
            Err(stop) => {
                tx.store.roll_back_to_savepoint()?;
                tx.store.release()?;
                tx.pending = Pending::default();
                if let Some(record) = &stop.record {
                    audit.append(tx.store, record)?;
                }
                Ok(Err(stop.error))
            }
        }
    }

    fn attempt(
        &self,
        tx: &mut Write<'_>,
        audit: &mut dyn AuditLog,
        trip: Trip,
    ) -> Result<Vec<u8>, Stop> {
        let Trip {
            operation,
            decoded,
            claim,
            origin,
            request,
        } = trip;
        let caller = self.identify(tx, &claim, origin, &operation.spec)?;
        let resource = self.admit(tx, &caller, &operation.spec, &decoded.target, request)?;
        decoded.faults.into_result()?;
        let Some(Work::Command(work)) = decoded.work else {
            return Err(Error::ours("a query came to the writer").into());
        };
        let ran = work.run(tx, &caller, request).map_err(|error| {
            let spec = &operation.spec;
            let mut stop = self.refuse_in_work(tx, &caller, spec, &resource, request, error);
            if let Some(record) = &mut stop.record {
                records::name(record, tx.pending.actor.take());
            }
            stop
        })?;
        self.hold_to_limit(tx, &operation.spec)?;
        let mut record = allowed(
            tx,
            &caller,
            &operation.spec,
            &resource,
            request,
            Some(ran.change),
        );
        records::name(&mut record, tx.pending.actor.take());
        audit.append(tx.store, &record)?;
        Ok(ran.output)
    }

    /// Refuses a command that leaves more stored than the workspace may have. The
    /// log is told nothing: what is refused must not fill the disk either.
    fn hold_to_limit(&self, tx: &mut Write<'_>, spec: &Spec) -> Result<(), Error> {
        let usage = tx.usage();
        let is_held = |spec: &Spec| {
            let unmetered = self.directory.unmetered.iter();
            !unmetered
                .clone()
                .any(|domain| spec.name.starts_with(domain))
        };
        let Some(max) = usage.bytes_max.filter(|_| is_held(spec)) else {
            return Ok(());
        };
        let used = tx.store.bytes_used()?.unwrap_or(usage.bytes_used);
        if used <= max {
            return Ok(());
        }
        Err(Refusal::Full(format!(
            "This workspace may store {max} bytes, and this would be more. It can be read and \
             exported. Ask whoever runs this instance for more room."
        ))
        .into())
    }

    /// Runs a query in a reading transaction.
    pub fn query(&self, tx: &mut Read<'_>, trip: Trip, wanted: Wanted) -> Answered {
        match self.consult(tx, trip, wanted) {
            Ok((given, record)) => Answered {
                result: Ok(given),
                record,
            },
            Err(stop) => Answered {
                result: Err(stop.error),
                record: stop.record,
            },
        }
    }

    fn consult(
        &self,
        tx: &mut Read<'_>,
        trip: Trip,
        wanted: Wanted,
    ) -> Result<(Given, Option<Box<Record>>), Stop> {
        let Trip {
            operation,
            decoded,
            claim,
            origin,
            request,
        } = trip;
        let caller = self.identify(tx, &claim, origin, &operation.spec)?;
        let spec = &operation.spec;
        let resource = self.admit(tx, &caller, spec, &decoded.target, request)?;
        if wanted != Wanted::Json {
            self.let_go(tx, &caller, spec, &resource, request)?;
        }
        decoded.faults.into_result()?;
        let Some(Work::Query(work)) = decoded.work else {
            return Err(Error::ours("a command came to a reader").into());
        };
        let given = work
            .run(tx, &caller, request, wanted)
            .map_err(|error| self.refuse_in_work(tx, &caller, spec, &resource, request, error))?;
        let is_noted =
            is_recorded(&caller, spec) || spec.step_up == StepUp::Fresh || wanted == Wanted::File;
        let record =
            is_noted.then(|| Box::new(allowed(tx, &caller, spec, &resource, request, None)));
        Ok((given, record))
    }

    /// Opens a visit: a page's questions, each of which takes the road.
    pub fn visit<'a>(
        &'a self,
        mut tx: Read<'a>,
        claim: &Claim,
        origin: Arc<Origin>,
        request: RequestId,
        neighbours: Option<&'a dyn Neighbours>,
    ) -> Result<Visit<'a>, Error> {
        let mut caller = self.directory.caller(&mut tx, claim)?;
        caller.origin = Some(origin);
        self.narrow(&mut tx, &caller);
        if caller.kind == CallerKind::Halfway {
            return Err(Refusal::SecondFactorDue.into());
        }
        Ok(Visit::new(*self, tx, caller, request, neighbours))
    }

    fn identify(
        &self,
        tx: &mut Read<'_>,
        claim: &Claim,
        origin: Arc<Origin>,
        spec: &Spec,
    ) -> Result<Caller, Error> {
        let mut caller = match self.directory.caller(tx, claim) {
            Err(Error::Refused(Refusal::Unauthenticated)) if spec.exposure == Exposure::Public => {
                Caller::visitor()
            }
            other => other?,
        };
        caller.origin = Some(origin);
        self.narrow(tx, &caller);
        Ok(caller)
    }

    /// From here on the transaction sees what its caller sees. The membership that says so was
    /// read in it.
    fn narrow(&self, tx: &mut Read<'_>, caller: &Caller) {
        let view = View::of(caller, self.directory.sights, &self.registry.narrowings);
        tx.see_as(view.filter(|_| tx.workspace().is_some()));
    }
}

/// Whether a reading is told to the log: of what is Restricted, and by whoever
/// comes from another workspace.
fn is_recorded(caller: &Caller, spec: &Spec) -> bool {
    spec.data == DataClass::Restricted || caller.guest().is_some()
}

impl Operation {
    pub const fn is_command(&self) -> bool {
        matches!(self.kind, Kind::Command)
    }
}
