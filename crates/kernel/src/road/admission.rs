//! Who is let in: whether this caller may do this to that thing, and what a
//! refusal tells them and the log.

use super::Road;
use super::Stop;
use super::records::{missing, record, whole};
use crate::caller::{Caller, CallerKind, Role};
use crate::error::{Error, Refusal};
use crate::grant::Guest;
use crate::id::RequestId;
use crate::operation::{Resource, Target};
use crate::ports::{Decision, Outcome, Question};
use crate::spec::{Exposure, Scope, Spec, StepUp};
use crate::standing::Standing;
use crate::transaction::Read;

impl Road<'_> {
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
            let refusal = if self.is_able(tx, caller, spec) {
                Refusal::NotFound
            } else {
                self.forbidden(tx, caller, spec)
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
            fresh: caller.is_fresh(tx.now()),
            workspace,
            standing: tx.standing(),
        };
        let stopped = match self.authorizer.decide(&question) {
            Decision::Allow => self.barred_by_own_policy(tx, caller, spec)?,
            Decision::Deny { policies } => Some(self.denied(tx, &question, spec, &policies)),
        };
        match stopped {
            None => Ok(resource),
            Some((refusal, reason)) => {
                Err(self.refuse(tx, caller, spec, &resource, request, refusal, reason))
            }
        }
    }

    /// What is taken away as rows or as a file asks a person for a fresh factor,
    /// whatever the operation asks of its readers. A token was made behind one.
    pub(crate) fn let_go(
        &self,
        tx: &Read<'_>,
        caller: &Caller,
        spec: &Spec,
        resource: &Resource,
        request: RequestId,
    ) -> Result<(), Stop> {
        if !caller.has_factors() || caller.is_fresh(tx.now()) {
            return Ok(());
        }
        let reason = "a file asks for a fresh factor".to_owned();
        let refusal = Refusal::StepUpRequired;
        Err(self.refuse(tx, caller, spec, resource, request, refusal, reason))
    }

    /// What the workspace's own policies say of a page that needs this operation: a
    /// page that asks nothing is closed by them too.
    pub(crate) fn enter(
        &self,
        tx: &mut Read<'_>,
        caller: &Caller,
        spec: &Spec,
        request: RequestId,
    ) -> Result<(), Stop> {
        let Some((refusal, reason)) = self.barred_by_own_policy(tx, caller, spec)? else {
            return Ok(());
        };
        let whole = whole(tx, spec);
        Err(self.refuse(tx, caller, spec, &whole, request, refusal, reason))
    }

    /// What the workspace's own policies say, once ours allow it.
    fn barred_by_own_policy(
        &self,
        tx: &mut Read<'_>,
        caller: &Caller,
        spec: &Spec,
    ) -> Result<Option<(Refusal, String)>, Error> {
        // Most workspaces have none: that is known from the membership already.
        if spec.scope != Scope::Workspace || !caller.guarded {
            return Ok(None);
        }
        let barrier = (self.directory.barrier)(tx, caller, spec)?;
        Ok(barrier.map(|it| match it.demand {
            Some(demand) => (Refusal::Demanded(demand, it.sentence), it.policy),
            None => (Refusal::Forbidden(it.sentence), it.policy),
        }))
    }

    /// Why the policies said no. A factor is asked for again only where that
    /// alone stands in the way.
    fn denied(
        &self,
        tx: &Read<'_>,
        question: &Question<'_>,
        spec: &Spec,
        policies: &[String],
    ) -> (Refusal, String) {
        let reason = if policies.is_empty() {
            "no policy permits it".to_owned()
        } else {
            policies.join(", ")
        };
        let stale =
            spec.step_up == StepUp::Fresh && !question.fresh && question.caller.has_factors();
        let fresh = Question {
            fresh: true,
            ..*question
        };
        if stale && self.authorizer.decide(&fresh) == Decision::Allow {
            return (Refusal::StepUpRequired, reason);
        }
        (self.forbidden(tx, question.caller, spec), reason)
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
        if self.is_able(tx, caller, spec) {
            return Ok(whole);
        }
        let refusal = self.forbidden(tx, caller, spec);
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

    /// Whether somebody like this caller may do this to some record at all, as
    /// the workspace stands.
    pub(super) fn is_able(&self, tx: &Read<'_>, caller: &Caller, spec: &Spec) -> bool {
        let by_role = || {
            caller
                .role
                .is_some_and(|role| self.allowed_roles(spec).contains(&role))
        };
        let by_grant = |guest: &Guest| {
            guest.is_live()
                && self
                    .authorizer
                    .grants_allowed(spec.name)
                    .contains(&guest.scope)
        };
        let is_taken = self.not_as_it_stands(tx, spec).is_none();
        is_taken && !caller.suspended && caller.guest().map_or_else(by_role, by_grant)
    }

    /// What stands in the way of everybody, if the workspace does not take this
    /// operation as it stands.
    pub(super) fn not_as_it_stands(&self, tx: &Read<'_>, spec: &Spec) -> Option<Refusal> {
        let standing = tx.standing();
        if standing == Standing::Active {
            return None;
        }
        let operation = self.registry.operation(spec.name)?;
        standing.refusal().filter(|_| !standing.takes(operation))
    }

    pub(crate) fn allowed_roles(&self, spec: &Spec) -> &[Role] {
        self.authorizer.roles_allowed(spec.name)
    }

    fn forbidden(&self, tx: &Read<'_>, caller: &Caller, spec: &Spec) -> Refusal {
        if let Some(refusal) = self.not_as_it_stands(tx, spec) {
            return refusal;
        }
        if let Some(guest) = caller.guest() {
            return Refusal::Forbidden(beyond(guest));
        }
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
    pub(super) fn refuse(
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
    if caller.kind == CallerKind::Halfway {
        let owed = (
            Refusal::SecondFactorDue,
            "the second factor is owed".to_owned(),
        );
        let open = matches!(spec.exposure, Exposure::Public | Exposure::Halfway);
        return (!open).then_some(owed);
    }
    // Before all else: an outsider must not learn that the workspace is there.
    let invited = caller.kind == CallerKind::Invited && spec.exposure == Exposure::Invited;
    let known = caller.role.is_some() || caller.guest().is_some() || invited;
    if spec.scope == Scope::Workspace && !known {
        return Some((
            Refusal::NotFound,
            "not a member of this workspace".to_owned(),
        ));
    }
    match (&caller.kind, spec.exposure) {
        (
            CallerKind::Token { .. },
            Exposure::Halfway | Exposure::Session | Exposure::Invited | Exposure::Local,
        ) => {
            return forbidden("An API token cannot do this. Sign in as a person.");
        }
        (CallerKind::Person | CallerKind::Guest(_), Exposure::Local) => {
            return forbidden("This is done at the server's own command line.");
        }
        _ => {}
    }
    if !caller.in_scope(spec.name) {
        if let Some(guest) = caller.guest() {
            return forbidden(&beyond(guest));
        }
        return forbidden("The scopes of this token do not include this operation.");
    }
    None
}

/// Why a grant does not let its holder do something. They know of the grant, so
/// it is told.
fn beyond(guest: &Guest) -> String {
    if guest.ended {
        return "This grant has ended. Only an Owner of the company can offer a new one."
            .to_owned();
    }
    if guest.expired {
        return "This grant has expired. Only an Owner of the company can offer a new one."
            .to_owned();
    }
    format!(
        "Your grant here is {}. It does not hold this.",
        guest.scope.name()
    )
}
