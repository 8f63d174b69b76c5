//! What the audit log is told of a trip: who, what, about which thing, and how it ended.

use crate::caller::{Caller, CallerKind, Role};
use crate::grant::Guest;
use crate::id::RequestId;
use crate::operation::{Change, Resource, Target};
use crate::ports::{Outcome, Record};
use crate::spec::{DataClass, Exposure, Scope, Spec};
use crate::transaction::Read;

use super::directory::{SignedIn, Swept, Told};

pub(super) fn whole(tx: &Read<'_>, spec: &Spec) -> Resource {
    let (kind, id) = match (spec.scope, tx.workspace()) {
        (Scope::Workspace, Some(workspace)) => ("Workspace", workspace.to_string()),
        _ => ("Instance", "daybook".to_owned()),
    };
    Resource {
        kind,
        id,
        attributes: Vec::new(),
    }
}

pub(super) fn missing(target: &Target) -> Resource {
    let (kind, id) = match target {
        Target::Whole | Target::Unreadable => ("Workspace", String::new()),
        Target::Record { kind, id } => (*kind, id.clone()),
    };
    Resource {
        kind,
        id,
        attributes: Vec::new(),
    }
}

pub(super) fn allowed(
    tx: &Read<'_>,
    caller: &Caller,
    spec: &Spec,
    resource: &Resource,
    request: RequestId,
    change: Option<Change>,
) -> Record {
    let mut record = record(tx, caller, spec, resource, request);
    if let Some(change) = change {
        record.target_kind = change.kind;
        record.target_id = change.id;
        record.before = change.before;
        record.after = change.after;
    }
    record
}

pub(super) fn record(
    tx: &Read<'_>,
    caller: &Caller,
    spec: &Spec,
    resource: &Resource,
    request: RequestId,
) -> Record {
    let token = match &caller.kind {
        CallerKind::Token { id } => Some(id.clone()),
        _ => None,
    };
    Record {
        at: tx.now(),
        request,
        actor_kind: caller.kind_name(),
        actor: caller.person,
        actor_email: caller.email.clone(),
        token,
        actor_role: standing(caller, spec.scope),
        origin: caller.origin.clone(),
        operation: spec.name,
        target_kind: resource.kind,
        target_id: resource.id.clone(),
        outcome: Outcome::Allowed,
        required_roles: Vec::new(),
        reason: String::new(),
        before: None,
        after: caller.guest().map(by_grant),
    }
}

/// The role, or in what other way somebody stands to the place.
fn standing(caller: &Caller, scope: Scope) -> Option<&'static str> {
    if let Some(role) = caller.role {
        return Some(role.name());
    }
    match (&caller.kind, scope) {
        (CallerKind::System, _) => None,
        (CallerKind::Guest(_), _) => Some("Guest"),
        (CallerKind::Invited, _) => Some(INVITED),
        (_, Scope::Workspace) => Some("No member"),
        (CallerKind::Local, Scope::Instance) => Some(OPERATOR),
        (CallerKind::Visitor, Scope::Instance) => Some(VISITOR),
        (CallerKind::Halfway, Scope::Instance) => Some("Half signed in"),
        (CallerKind::Person | CallerKind::Token { .. }, Scope::Instance) => Some(SIGNED_IN),
    }
}

/// What would have been enough, in the words of [`standing`]. The instance has no
/// roles: there it is how somebody comes.
pub(super) fn required(spec: &Spec, roles: &[Role]) -> Vec<&'static str> {
    if !roles.is_empty() {
        return roles.iter().map(|role| role.name()).collect();
    }
    vec![match (spec.scope, spec.exposure) {
        (_, Exposure::Invited) => INVITED,
        (Scope::Workspace, _) => "Nobody",
        (Scope::Instance, Exposure::Public) => VISITOR,
        (Scope::Instance, Exposure::Local) => OPERATOR,
        (Scope::Instance, _) => SIGNED_IN,
    }]
}

const VISITOR: &str = "Visitor";
const SIGNED_IN: &str = "Signed in";
const OPERATOR: &str = "Operator";
const INVITED: &str = "Invited";

/// By which grant, and for which practice, a guest came.
fn by_grant(guest: &Guest) -> String {
    serde_json::json!({
        "grant": guest.grant,
        "practice": guest.practice,
        "scope": guest.scope.name(),
    })
    .to_string()
}

/// Names the account that a visitor claimed. Whoever is known stays who they are.
pub(super) fn name(record: &mut Record, who: Option<SignedIn>) {
    if let Some(who) = who.filter(|_| record.actor.is_none()) {
        record.actor = Some(who.person);
        record.actor_email = who.email;
    }
}

/// The record of what ended by itself, such as a session that expired.
pub fn swept_record(tx: &Read<'_>, request: RequestId, swept: Swept) -> Record {
    let (operation, scope) = (swept.operation, Scope::Instance);
    let mut record = unasked(tx, request, (operation, scope), swept.change);
    record.origin = swept.origin;
    name(&mut record, swept.whose);
    record
}

/// The record of what another workspace told.
pub fn told_record(tx: &Read<'_>, request: RequestId, told: Told) -> Record {
    let (operation, scope) = (told.operation, Scope::Workspace);
    let mut record = unasked(tx, request, (operation, scope), told.change);
    name(&mut record, told.whose);
    record
}

/// The record of what nobody asked for here.
fn unasked(
    tx: &Read<'_>,
    request: RequestId,
    (operation, scope): (&'static str, Scope),
    change: Change,
) -> Record {
    let spec = Spec {
        name: operation,
        summary: "Daybook does by itself what is due.",
        scope,
        rate: crate::spec::Rate::Standard,
        data: DataClass::Internal,
        step_up: crate::spec::StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    let resource = whole(tx, &spec);
    let caller = Caller::system();
    allowed(tx, &caller, &spec, &resource, request, Some(change))
}

/// The record of a founding, which no operation's caller could have made.
pub fn founding_record(tx: &Read<'_>, request: RequestId, change: Change) -> Record {
    const FOUNDING: Spec = Spec {
        name: "team.found",
        summary: "Daybook founds the workspace and makes its first Owner.",
        scope: Scope::Workspace,
        rate: crate::spec::Rate::Standard,
        data: DataClass::Confidential,
        step_up: crate::spec::StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    let resource = whole(tx, &FOUNDING);
    allowed(
        tx,
        &Caller::system(),
        &FOUNDING,
        &resource,
        request,
        Some(change),
    )
}
