//! The road: the one way from a request to a change. Who is asking, what they
//! aim at, whether the policies allow it, the check, the work, the record; all
//! inside the transaction that the engine opened and will commit.

mod directory;
mod records;
mod registry;
mod visit;

pub use directory::{Claim, Directory, Founder, Membership, SignedIn, TokenGrant, WorkspaceEntry};
pub use records::founding_record;
pub use registry::Registry;
pub use visit::Visit;

use records::{allowed, missing, record, refused_in_work, whole};

use crate::caller::{Caller, CallerKind, Role};
use crate::error::{Error, Refusal};
use crate::id::RequestId;
use crate::operation::{Decoded, Given, Kind, Operation, Resource, Target, Wanted, Work};
use crate::ports::{AuditLog, Authorizer, Decision, Outcome, Question, Record};
use crate::spec::{DataClass, Exposure, Scope, Spec};
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
        match self.attempt(tx, audit, trip) {
            Ok(output) => {
                tx.store.release()?;
                Ok(Ok(output))
            }
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
            request,
        } = trip;
        let caller = self.identify(tx, &claim, &operation.spec)?;
        let resource = self.admit(tx, &caller, &operation.spec, &decoded.target, request)?;
        decoded.faults.into_result()?;
        let Some(Work::Command(work)) = decoded.work else {
            return Err(Error::ours("a query came to the writer").into());
        };
        let ran = work.run(tx, &caller, request).map_err(|error| {
            let record = refused_in_work(tx, &caller, &operation.spec, &resource, request, &error);
            Stop { error, record }
        })?;
        let record = allowed(
            tx,
            &caller,
            &operation.spec,
            &resource,
            request,
            Some(ran.change),
        );
        audit.append(tx.store, &record)?;
        Ok(ran.output)
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
            request,
        } = trip;
        let caller = self.identify(tx, &claim, &operation.spec)?;
        let resource = self.admit(tx, &caller, &operation.spec, &decoded.target, request)?;
        decoded.faults.into_result()?;
        let Some(Work::Query(work)) = decoded.work else {
            return Err(Error::ours("a command came to a reader").into());
        };
        let given = work.run(tx, &caller, request, wanted)?;
        let record = (operation.spec.data == DataClass::Restricted).then(|| {
            Box::new(allowed(
                tx,
                &caller,
                &operation.spec,
                &resource,
                request,
                None,
            ))
        });
        Ok((given, record))
    }

    /// Opens a visit: a page's questions, each of which takes the road.
    pub fn visit<'a>(
        &'a self,
        mut tx: Read<'a>,
        claim: &Claim,
        request: RequestId,
    ) -> Result<Visit<'a>, Error> {
        let caller = self.directory.caller(&mut tx, claim)?;
        Ok(Visit::new(*self, tx, caller, request))
    }

    fn identify(&self, tx: &mut Read<'_>, claim: &Claim, spec: &Spec) -> Result<Caller, Error> {
        match self.directory.caller(tx, claim) {
            Err(Error::Refused(Refusal::Unauthenticated)) if spec.exposure == Exposure::Public => {
                Ok(Caller::visitor())
            }
            other => other,
        }
    }

    /// May this caller do this to that? Answers with the loaded target.
    pub(crate) fn admit(
        &self,
        tx: &mut Read<'_>,
        caller: &Caller,
        spec: &Spec,
        target: &Target,
        request: RequestId,
    ) -> Result<Resource, Stop> {
        if let Some((refusal, reason)) = barred(caller, spec) {
            let whole = whole(tx, spec);
            return Err(self.refuse(tx, caller, spec, &whole, request, refusal, reason));
        }
        if *target == Target::Unreadable {
            return self.admit_unreadable(tx, caller, spec, request);
        }
        let Some(resource) = self.load(tx, spec, target)? else {
            let may_know = caller
                .role
                .is_some_and(|role| self.allowed_roles(spec).contains(&role));
            let refusal = if may_know {
                Refusal::NotFound
            } else {
                self.forbidden(caller, spec)
            };
            let missing = missing(target);
            let reason = "no such record".to_owned();
            return Err(self.refuse(tx, caller, spec, &missing, request, refusal, reason));
        };
        let workspace = tx.workspace().filter(|_| spec.scope == Scope::Workspace);
        let question = Question {
            caller,
            operation: spec.name,
            resource: &resource,
            workspace,
        };
        match self.authorizer.decide(&question) {
            Decision::Allow => Ok(resource),
            Decision::Deny { policies } => {
                let reason = if policies.is_empty() {
                    "no policy permits it".to_owned()
                } else {
                    policies.join(", ")
                };
                let refusal = self.forbidden(caller, spec);
                Err(self.refuse(tx, caller, spec, &resource, request, refusal, reason))
            }
        }
    }

    /// An input that could not be read names no record. Its faults are told to
    /// the roles that may do this at all.
    fn admit_unreadable(
        &self,
        tx: &Read<'_>,
        caller: &Caller,
        spec: &Spec,
        request: RequestId,
    ) -> Result<Resource, Stop> {
        let whole = whole(tx, spec);
        let able = caller
            .role
            .is_some_and(|role| self.allowed_roles(spec).contains(&role));
        if able && !caller.suspended {
            return Ok(whole);
        }
        let refusal = self.forbidden(caller, spec);
        Err(self.refuse(
            tx,
            caller,
            spec,
            &whole,
            request,
            refusal,
            "no policy permits it".into(),
        ))
    }

    fn load(
        &self,
        tx: &mut Read<'_>,
        spec: &Spec,
        target: &Target,
    ) -> Result<Option<Resource>, Error> {
        let Target::Record { kind, id } = target else {
            return Ok(Some(whole(tx, spec)));
        };
        let kind = self
            .registry
            .resource(kind)
            .ok_or_else(|| Error::ours(format!("no feature declares the kind {kind}")))?;
        let Some(values) = (kind.load)(tx, id)? else {
            return Ok(None);
        };
        let attributes = kind.attributes.iter().copied().zip(values).collect();
        Ok(Some(Resource {
            kind: kind.name,
            id: id.clone(),
            attributes,
        }))
    }

    pub(crate) fn allowed_roles(&self, spec: &Spec) -> &[Role] {
        self.authorizer.roles_allowed(spec.name)
    }

    fn forbidden(&self, caller: &Caller, spec: &Spec) -> Refusal {
        let roles: Vec<&str> = self
            .allowed_roles(spec)
            .iter()
            .map(|role| role.name())
            .collect();
        let needed = match roles.as_slice() {
            [] => "Nobody may do this here.".to_owned(),
            [one] => format!("This needs the role {one}."),
            [most @ .., last] => format!("This needs the role {} or {last}.", most.join(", ")),
        };
        let yours = match caller.role {
            _ if caller.suspended => "Your membership here is suspended. ".to_owned(),
            Some(role) => format!("Your role here is {role}. "),
            None => String::new(),
        };
        Refusal::Forbidden(format!("{yours}{needed}"))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a record names everything that it is about"
    )]
    fn refuse(
        &self,
        tx: &Read<'_>,
        caller: &Caller,
        spec: &Spec,
        resource: &Resource,
        request: RequestId,
        refusal: Refusal,
        reason: String,
    ) -> Stop {
        // Whoever showed nothing at all is no actor of this log.
        let known = caller.kind != CallerKind::Visitor;
        let record = known.then(|| {
            let mut record = record(tx, caller, spec, resource, request);
            record.outcome = Outcome::Refused;
            record.required_roles = self.allowed_roles(spec).to_vec();
            record.reason = reason;
            Box::new(record)
        });
        Stop {
            error: refusal.into(),
            record,
        }
    }
}

/// What no policy can lift: the kind of caller, the token's scope, and that an
/// outsider may not know that the workspace is there.
fn barred(caller: &Caller, spec: &Spec) -> Option<(Refusal, String)> {
    let forbidden = |why: &str| Some((Refusal::Forbidden(why.to_owned()), why.to_owned()));
    if caller.kind == CallerKind::Visitor {
        let unknown = (Refusal::Unauthenticated, "nobody is signed in".to_owned());
        return (spec.exposure != Exposure::Public).then_some(unknown);
    }
    // Before all else: an outsider must not learn that the workspace is there.
    if spec.scope == Scope::Workspace && caller.role.is_none() {
        return Some((
            Refusal::NotFound,
            "not a member of this workspace".to_owned(),
        ));
    }
    match (&caller.kind, spec.exposure) {
        (CallerKind::Token { .. }, Exposure::Session | Exposure::Local) => {
            return forbidden("An API token cannot do this. Sign in as a person.");
        }
        (CallerKind::Person, Exposure::Local) => {
            return forbidden("This is done at the server's own command line.");
        }
        _ => {}
    }
    if !caller.in_scope(spec.name) {
        return forbidden("The scopes of this token do not include this operation.");
    }
    None
}

impl Operation {
    pub const fn is_command(&self) -> bool {
        matches!(self.kind, Kind::Command)
    }
}
