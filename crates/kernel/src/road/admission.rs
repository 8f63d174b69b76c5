//! Who is let in: whether this caller may do this to that thing, and what a
//! refusal tells them and the log.

use super::Road;
use super::Stop;
use super::records::{missing, whole};
use super::refusal::{Denial, beyond, sentence};
use crate::caller::{Caller, CallerKind, Role};
use crate::error::{Error, Refusal};
use crate::grant::Guest;
use crate::id::RequestId;
use crate::operation::{Resource, Target};
use crate::ports::{Decision, Question};
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
        if let Some(denial) = barred(caller, spec) {
            let whole = whole(tx, spec);
            return Err(self.refuse(tx, caller, spec, &whole, request, denial));
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
            let denial = Denial::new(refusal, "no such record");
            return Err(self.refuse(tx, caller, spec, &missing, request, denial));
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
            Some(denial) => Err(self.refuse(tx, caller, spec, &resource, request, denial)),
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
        let denial = Denial::new(Refusal::StepUpRequired, "a file asks for a fresh factor");
        Err(self.refuse(tx, caller, spec, resource, request, denial))
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
        let Some(denial) = self.barred_by_own_policy(tx, caller, spec)? else {
            return Ok(());
        };
        let whole = whole(tx, spec);
        Err(self.refuse(tx, caller, spec, &whole, request, denial))
    }

    /// What the workspace's own policies say, once ours allow it.
    fn barred_by_own_policy(
        &self,
        tx: &mut Read<'_>,
        caller: &Caller,
        spec: &Spec,
    ) -> Result<Option<Denial>, Error> {
        // Most workspaces have none: that is known from the membership already.
        if spec.scope != Scope::Workspace || !caller.guarded {
            return Ok(None);
        }
        let barrier = (self.directory.barrier)(tx, caller, spec)?;
        Ok(barrier.map(|it| match it.demand {
            Some(demand) => Denial::new(Refusal::Demanded(demand, it.sentence), it.policy),
            None => Denial::new(Refusal::Forbidden(it.sentence), it.policy),
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
    ) -> Denial {
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
            return Denial::new(Refusal::StepUpRequired, reason);
        }
        let roles = self.roles_for(tx, question, spec);
        Denial {
            refusal: self
                .not_as_it_stands(tx, spec)
                .unwrap_or_else(|| sentence(question.caller, &roles)),
            reason,
            roles: Some(roles),
        }
    }

    /// The roles that would have been enough for this very thing, where the role at hand is
    /// for some: an Admin changes members, and no Owner. Whoever may do it to nothing
    /// learns nothing of the thing.
    fn roles_for(&self, tx: &Read<'_>, question: &Question<'_>, spec: &Spec) -> Vec<Role> {
        let usual = self.allowed_roles(spec);
        if !self.is_able(tx, question.caller, spec) {
            return usual.to_vec();
        }
        let would_do = |role: &Role| {
            let caller = Caller {
                role: Some(*role),
                ..question.caller.clone()
            };
            let asked = Question {
                caller: &caller,
                fresh: true,
                ..*question
            };
            self.authorizer.decide(&asked) == Decision::Allow
        };
        usual.iter().copied().filter(would_do).collect()
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
        let denial = Denial::new(self.forbidden(tx, caller, spec), "no policy permits it");
        Err(self.refuse(tx, caller, spec, &whole, request, denial))
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
        let shut = self.not_as_it_stands(tx, spec);
        shut.unwrap_or_else(|| sentence(caller, self.allowed_roles(spec)))
    }
}

/// What no policy can lift: the kind of caller, the token's scope, and that an
/// outsider may not know that the workspace is there.
fn barred(caller: &Caller, spec: &Spec) -> Option<Denial> {
    let forbidden = |why: &str| Some(Denial::new(Refusal::Forbidden(why.to_owned()), why));
    if caller.kind == CallerKind::Visitor {
        let unknown = Denial::new(Refusal::Unauthenticated, "nobody is signed in");
        return (spec.exposure != Exposure::Public).then_some(unknown);
    }
    if caller.kind == CallerKind::Halfway {
        let owed = Denial::new(Refusal::SecondFactorDue, "the second factor is owed");
        let open = matches!(spec.exposure, Exposure::Public | Exposure::Halfway);
        return (!open).then_some(owed);
    }
    // Before all else: an outsider must not learn that the workspace is there.
    let invited = caller.kind == CallerKind::Invited && spec.exposure == Exposure::Invited;
    let known = caller.role.is_some() || caller.guest().is_some() || invited;
    if spec.scope == Scope::Workspace && !known {
        let why = "not a member of this workspace";
        return Some(Denial::new(Refusal::NotFound, why));
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
