//! The scene of a question: who asks and what about, as Cedar's entities. Many
//! questions in a row have the same scene, and building it is more than half of
//! a decision. The scene is kept, never the decision: all that it is made of is
//! its key, read anew for each question in the transaction that acts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use cedar_policy::{Context, Entities, EntityUid, RestrictedExpression};
use daybook_kernel::caller::CallerKind;
use daybook_kernel::ports::Question;
use daybook_kernel::{Caller, Error, GrantScope, PersonId, Role, Standing, WorkspaceId};

use crate::store::lock;

/// Scenes kept: more than the callers of a busy moment. A full set is forgotten.
const KEPT_MAX: usize = 512;

pub(super) struct Scene {
    pub principal: EntityUid,
    pub resource: EntityUid,
    pub entities: Entities,
}

#[derive(Default)]
pub(super) struct Scenes(Mutex<HashMap<Key, Arc<Scene>>>);

#[derive(PartialEq, Eq, Hash)]
struct Key {
    person: Option<PersonId>,
    standing: &'static [&'static str],
    has_role: bool,
    /// The scope of a guest's grant, and whether it is live.
    guest: Option<(GrantScope, bool)>,
    suspended: bool,
    home: Option<WorkspaceId>,
    kind: &'static str,
    id: String,
}

impl Scenes {
    pub fn of(
        &self,
        question: &Question<'_>,
        build: impl FnOnce() -> Result<Scene, Error>,
    ) -> Result<Arc<Scene>, Error> {
        // A record's attributes change; the workspace and the instance have none.
        if !question.resource.attributes.is_empty() {
            return Ok(Arc::new(build()?));
        }
        let key = key(question);
        if let Some(scene) = lock(&self.0).get(&key) {
            return Ok(Arc::clone(scene));
        }
        let scene = Arc::new(build()?);
        let mut kept = lock(&self.0);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&scene));
        Ok(scene)
    }
}

fn key(question: &Question<'_>) -> Key {
    let caller = question.caller;
    Key {
        person: caller.person,
        standing: standing(caller, question.workspace.is_some()),
        has_role: caller.role.is_some(),
        guest: caller.guest().map(|guest| (guest.scope, guest.is_live())),
        suspended: caller.suspended,
        home: question.workspace,
        kind: question.resource.kind,
        id: question.resource.id.clone(),
    }
}

/// The roles that a caller stands in. Each role includes the ones below it.
pub(super) fn standing(caller: &Caller, in_workspace: bool) -> &'static [&'static str] {
    if !in_workspace {
        return match (&caller.kind, caller.person) {
            (CallerKind::Local | CallerKind::System, Some(_)) => &["Operator", "SignedIn"],
            (CallerKind::Local | CallerKind::System, None) => &["Operator"],
            (CallerKind::Person, Some(_)) => &["SignedIn", "Halfway", "Visitor"],
            (CallerKind::Halfway, Some(_)) => &["Halfway", "Visitor"],
            _ => &["Visitor"],
        };
    }
    match caller.role {
        Some(Role::Owner) => &["Owner", "Admin", "Manager", "Member", "Viewer"],
        Some(Role::Admin) => &["Admin", "Manager", "Member", "Viewer"],
        Some(Role::Manager) => &["Manager", "Member", "Viewer"],
        Some(Role::Member) => &["Member", "Viewer"],
        Some(Role::Viewer) => &["Viewer"],
        Some(Role::Auditor) => &["Auditor"],
        None if caller.kind == CallerKind::Invited => &["Invited"],
        None => &[],
    }
}

/// What is true of the moment of a question, whoever asks.
pub(super) fn moment(question: &Question<'_>) -> Result<Context, Error> {
    let standing = question.standing;
    let pairs = [
        ("in_scope", question.caller.in_scope(question.operation)),
        ("fresh", question.fresh),
        ("frozen", standing == Standing::Frozen),
        ("deleted", matches!(standing, Standing::Deleted { .. })),
        ("locked", standing == Standing::Locked),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), RestrictedExpression::new_bool(value)));
    Context::from_pairs(pairs).map_err(Error::ours)
}
