//! The way out: a member of a practice goes to a company that gave it a grant.
//! The practice judges first, in its own database: who they are, whether they
//! may use its grants, and whether it has accepted one of this company. The
//! company judges the grant itself, where it is used.

use std::sync::Arc;

use crate::caller::{Caller, CallerKind, Origin};
use crate::error::{Error, Refusal};
use crate::grant::Vouched;
use crate::id::{RequestId, WorkspaceId};
use crate::operation::Target;
use crate::ports::Record;
use crate::transaction::Read;

use super::records::allowed;
use super::refusal::Denial;
use super::{Claim, Road, SignedIn};

/// Whoever wants to go.
pub struct Traveller<'a> {
    pub claim: &'a Claim,
    pub origin: Arc<Origin>,
    pub request: RequestId,
}

/// What the practice said. A refusal leaves a record in its log.
pub struct Vouching {
    pub result: Result<Vouched, Error>,
    pub record: Option<Box<Record>>,
}

impl Road<'_> {
    /// Judges, in the practice, whoever wants to go to a company. No company is
    /// asked for where nothing has the name that was given: the answer is that of
    /// a company that gave no grant.
    pub fn vouch(
        &self,
        tx: &mut Read<'_>,
        traveller: Traveller<'_>,
        company: Option<WorkspaceId>,
    ) -> Result<Vouching, Error> {
        let spec = self.visiting()?.spec;
        let caller = self.identify(tx, traveller.claim, traveller.origin, &spec)?;
        self.vouch_for(tx, &caller, traveller.request, company)
    }

    pub(super) fn vouch_for(
        &self,
        tx: &mut Read<'_>,
        caller: &Caller,
        request: RequestId,
        company: Option<WorkspaceId>,
    ) -> Result<Vouching, Error> {
        let spec = &self.visiting()?.spec;
        let received = company
            .map(|company| (self.directory.received)(tx, company))
            .transpose()?
            .flatten();
        let grant = received.as_ref().map_or("", |it| it.grant.as_str());
        let target = Target::record(self.directory.visit_company.1, grant);
        let resource = match self.admit(tx, caller, spec, &target, request) {
            Ok(resource) => resource,
            Err(stop) => return Ok(refused(stop)),
        };
        if let Some(why) = received.and_then(|it| it.closed) {
            let refusal = Refusal::Forbidden(why.clone());
            let denial = Denial::new(refusal, why);
            let stop = self.refuse(tx, caller, spec, &resource, request, denial);
            return Ok(refused(stop));
        }
        let (Some(person), Some(practice)) = (caller.person, tx.workspace()) else {
            return Err(Error::not_found());
        };
        let used = allowed(tx, caller, spec, &resource, request, None);
        Ok(Vouching {
            result: Ok(Vouched {
                who: SignedIn {
                    person,
                    email: caller.email.clone(),
                },
                session: caller.session.clone(),
                at_the_server: caller.kind == CallerKind::Local,
                practice,
                practice_name: String::new(),
                grant: resource.id,
                used: Box::new(used),
            }),
            record: None,
        })
    }

    fn visiting(&self) -> Result<&'static crate::operation::Operation, Error> {
        let name = self.directory.visit_company.0;
        self.registry
            .operation(name)
            .ok_or_else(|| Error::ours(format!("there is no operation {name}")))
    }
}

fn refused(stop: super::Stop) -> Vouching {
    Vouching {
        result: Err(stop.error),
        record: stop.record,
    }
}
