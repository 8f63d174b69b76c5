//! Who may: Cedar policies, written beside each slice and validated strictly
//! against a schema made from the registry. They are sliced by action when they
//! are loaded, so that a decision looks only at what can apply; decisions are
//! never kept.

mod matrix;
mod scene;
mod schema;

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{
    ActionConstraint, Authorizer as Cedar, Decision as CedarDecision, Entities, Entity, EntityId,
    EntityTypeName, EntityUid, Policy, PolicyId, PolicySet, Request, RestrictedExpression, Schema,
    ValidationMode, Validator,
};
use daybook_kernel::caller::CallerKind;
use daybook_kernel::grant::Guest;
use daybook_kernel::operation::Resource;
use daybook_kernel::ports::{Decision, Question};
use daybook_kernel::road::Registry;
use daybook_kernel::{Authorizer, Caller, Error, GrantScope, Role, WorkspaceId};

pub use matrix::permissions_text;
use scene::{Scene, Scenes, moment, standing};
use schema::Member;

/// What holds for every operation, whatever the slices permit.
const BASE: &str = include_str!("base.cedar");

pub struct CedarAuthorizer {
    cedar: Cedar,
    slices: HashMap<&'static str, Slice>,
    scenes: Scenes,
    names: Names,
    attributes: HashMap<&'static str, &'static [&'static str]>,
    roles: HashMap<&'static str, Vec<Role>>,
    grants: HashMap<&'static str, Vec<GrantScope>>,
    schema_text: String,
}

/// The policies that can apply to one action.
struct Slice {
    action: EntityUid,
    policies: PolicySet,
}

/// Type names parsed once.
struct Names {
    caller: EntityTypeName,
    guest: EntityTypeName,
    grant: EntityTypeName,
    role: EntityTypeName,
    workspace: EntityTypeName,
    kinds: HashMap<&'static str, EntityTypeName>,
}

/// One policy as it is written, by its `@id`.
#[derive(Clone)]
pub struct PolicyText {
    pub id: String,
    pub text: String,
}

impl CedarAuthorizer {
    pub fn new(registry: &Registry) -> Result<Self, Error> {
        Self::from_policies(registry, &policy_texts(registry)?)
    }

    /// From these policies: a test takes one away and sees what breaks.
    pub fn from_policies(registry: &Registry, texts: &[PolicyText]) -> Result<Self, Error> {
        let schema_text = schema::text(registry);
        let (schema, _) = Schema::from_cedarschema_str(&schema_text)
            .map_err(|error| Error::ours(format!("Cedar schema: {error}\n{schema_text}")))?;
        let policies = parse(texts)?;
        validate(&schema, &policies)?;
        let names = Names::new(registry)?;
        let slices = slices(registry, &policies)?;
        let cedar = Cedar::new();
        let attributes = registry
            .resources()
            .map(|kind| (kind.name, kind.attributes))
            .collect();
        let mut built = Self {
            cedar,
            slices,
            scenes: Scenes::default(),
            names,
            attributes,
            roles: HashMap::new(),
            grants: HashMap::new(),
            schema_text,
        };
        built.roles = matrix::roles(registry, &built);
        built.grants = matrix::grants(registry, &built);
        Ok(built)
    }

    /// The very policies that a decision about this operation looks at, and the
    /// action they are asked about: for whoever proves something of them.
    pub fn policies_of(&self, operation: &str) -> Option<(&EntityUid, &PolicySet)> {
        let slice = self.slices.get(operation)?;
        Some((&slice.action, &slice.policies))
    }

    pub fn schema_text(&self) -> &str {
        &self.schema_text
    }

    fn ask(&self, question: &Question<'_>) -> Result<Decision, Error> {
        let slice = self
            .slices
            .get(question.operation)
            .ok_or_else(|| Error::ours(format!("{} has no policies", question.operation)))?;
        let scene = self.scenes.of(question, || self.scene(question))?;
        let context = moment(question)?;
        let request = Request::new(
            scene.principal.clone(),
            slice.action.clone(),
            scene.resource.clone(),
            context,
            None,
        )
        .map_err(Error::ours)?;
        let response = self
            .cedar
            .is_authorized(&request, &slice.policies, &scene.entities);
        if response.decision() == CedarDecision::Allow
            && response.diagnostics().errors().next().is_none()
        {
            return Ok(Decision::Allow);
        }
        let mut policies: Vec<String> = response
            .diagnostics()
            .reason()
            .map(ToString::to_string)
            .collect();
        // Cedar tells them in no order; records and tests want one.
        policies.sort_unstable();
        Ok(Decision::Deny { policies })
    }

    fn scene(&self, question: &Question<'_>) -> Result<Scene, Error> {
        let principal = self.principal(question.caller, question.workspace)?;
        let resource = self.resource(question.resource, question.workspace)?;
        Ok(Scene {
            principal: principal.uid(),
            resource: resource.uid(),
            entities: Entities::from_entities([principal, resource], None).map_err(Error::ours)?,
        })
    }

    fn principal(&self, caller: &Caller, home: Option<WorkspaceId>) -> Result<Entity, Error> {
        let id = caller
            .person
            .map_or_else(String::new, |person| person.to_string());
        if let Some((guest, home)) = caller.guest().zip(home) {
            return self.guest(caller, guest, id, home);
        }
        let uid = uid(&self.names.caller, &id);
        let mut attributes = HashMap::from([
            (
                "suspended".to_owned(),
                RestrictedExpression::new_bool(caller.suspended),
            ),
            ("person".to_owned(), RestrictedExpression::new_string(id)),
        ]);
        // The workspace itself says who is a member, and whom it has invited.
        let known = caller.role.is_some() || caller.kind == CallerKind::Invited;
        if let Some(home) = home.filter(|_| known) {
            let home = uid_of(&self.names.workspace, home);
            attributes.insert(
                "home".to_owned(),
                RestrictedExpression::new_entity_uid(home),
            );
        }
        let parents = standing(caller, home.is_some());
        let parents = parents
            .iter()
            .map(|name| uid_str(&self.names.role, name))
            .collect();
        Entity::new(uid, attributes, parents).map_err(Error::ours)
    }

    /// Whoever comes by a grant: of its scope, and of no role.
    fn guest(
        &self,
        caller: &Caller,
        guest: &Guest,
        id: String,
        home: WorkspaceId,
    ) -> Result<Entity, Error> {
        let (text, truth) = (
            RestrictedExpression::new_string,
            RestrictedExpression::new_bool,
        );
        let home = RestrictedExpression::new_entity_uid(uid_of(&self.names.workspace, home));
        let uid = uid(&self.names.guest, &id);
        let attributes = [
            ("home", home),
            ("suspended", truth(caller.suspended)),
            ("person", text(id)),
            ("live", truth(guest.is_live())),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
        let scope = uid_str(&self.names.grant, guest.scope.name());
        Entity::new(uid, attributes.into(), HashSet::from([scope])).map_err(Error::ours)
    }

    fn resource(&self, resource: &Resource, home: Option<WorkspaceId>) -> Result<Entity, Error> {
        let name = self
            .names
            .kinds
            .get(resource.kind)
            .ok_or_else(|| Error::ours(format!("{} is no kind of record", resource.kind)))?;
        let attributes = resource
            .attributes
            .iter()
            .map(|(name, value)| {
                (
                    (*name).to_owned(),
                    RestrictedExpression::new_string(value.clone()),
                )
            })
            .collect();
        let is_workspace = resource.kind == "Workspace";
        let parents: HashSet<EntityUid> = home
            .filter(|_| !is_workspace)
            .map(|home| uid_of(&self.names.workspace, home))
            .into_iter()
            .collect();
        Entity::new(uid(name, &resource.id), attributes, parents).map_err(Error::ours)
    }
}

impl Authorizer for CedarAuthorizer {
    /// Whatever goes wrong in asking is a no.
    fn decide(&self, question: &Question<'_>) -> Decision {
        self.ask(question).unwrap_or_else(|error| {
            tracing::error!(error = ?error, "the policies could not be asked");
            Decision::Deny {
                policies: vec!["the policies could not be asked".to_owned()],
            }
        })
    }

    fn roles_allowed(&self, operation: &str) -> &[Role] {
        self.roles.get(operation).map_or(&[], Vec::as_slice)
    }

    fn grants_allowed(&self, operation: &str) -> &[GrantScope] {
        self.grants.get(operation).map_or(&[], Vec::as_slice)
    }
}

/// Every policy of the base and of the slices, one by one.
pub fn policy_texts(registry: &Registry) -> Result<Vec<PolicyText>, Error> {
    let sources = std::iter::once(("base", BASE)).chain(
        registry
            .features()
            .iter()
            .map(|feature| (feature.name, feature.policy)),
    );
    let mut texts = Vec::new();
    for (name, source) in sources {
        let set = PolicySet::from_str(source)
            .map_err(|error| Error::ours(format!("policies of {name}: {error:?}")))?;
        for policy in set.policies() {
            let id = policy
                .annotation("id")
                .ok_or_else(|| Error::ours(format!("a policy of {name} has no @id")))?;
            texts.push(PolicyText {
                id: id.to_owned(),
                text: policy.to_string(),
            });
        }
    }
    Ok(texts)
}

fn parse(texts: &[PolicyText]) -> Result<Vec<Policy>, Error> {
    texts
        .iter()
        .map(|it| {
            Policy::parse(Some(PolicyId::new(&it.id)), &it.text)
                .map_err(|error| Error::ours(format!("policy {}: {error:?}", it.id)))
        })
        .collect()
}

fn validate(schema: &Schema, policies: &[Policy]) -> Result<(), Error> {
    let set = PolicySet::from_policies(policies.iter().cloned()).map_err(Error::ours)?;
    let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
    if result.validation_passed() {
        return Ok(());
    }
    let faults: Vec<String> = result
        .validation_errors()
        .map(ToString::to_string)
        .collect();
    Err(Error::ours(format!(
        "policies do not fit the schema: {}",
        faults.join("; ")
    )))
}

fn slices(registry: &Registry, policies: &[Policy]) -> Result<HashMap<&'static str, Slice>, Error> {
    let groups = schema::GROUPS.iter();
    let groups: Vec<(EntityUid, Member)> = groups
        .map(|(name, holds)| Ok((action_uid(name)?, *holds)))
        .collect::<Result<_, Error>>()?;
    let mut slices = HashMap::new();
    for operation in registry.operations() {
        let action = action_uid(operation.spec.name)?;
        let applies = |policy: &&Policy| match policy.action_constraint() {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(one) => one == action,
            ActionConstraint::In(some) => {
                some.contains(&action)
                    || groups
                        .iter()
                        .any(|(group, holds)| some.contains(group) && holds(operation))
            }
        };
        let own = policies
            .iter()
            .filter(applies)
            .map(|policy| whole_action(policy, &action));
        let own: Vec<Policy> = own.collect::<Result<_, _>>()?;
        let policies = PolicySet::from_policies(own).map_err(Error::ours)?;
        slices.insert(operation.spec.name, Slice { action, policies });
    }
    Ok(slices)
}

/// A policy over a group of actions, as one over this action: the action's own
/// groups then need not be loaded for each decision.
fn whole_action(policy: &Policy, action: &EntityUid) -> Result<Policy, Error> {
    let groups = schema::GROUPS.map(|(name, _)| format!("action in Action::\"{name}\""));
    let text = policy.to_string();
    let Some(group) = groups.iter().find(|group| text.contains(*group)) else {
        return Ok(policy.clone());
    };
    let text = text.replace(group, &format!("action == {action}"));
    Policy::parse(Some(policy.id().clone()), text)
        .map_err(|error| Error::ours(format!("{error:?}")))
}

impl Names {
    fn new(registry: &Registry) -> Result<Self, Error> {
        let mut kinds = HashMap::new();
        for kind in ["Workspace", "Instance"] {
            kinds.insert(kind, type_name(kind)?);
        }
        for resource in registry.resources() {
            kinds.insert(resource.name, type_name(resource.name)?);
        }
        Ok(Self {
            caller: type_name("Caller")?,
            guest: type_name("Guest")?,
            grant: type_name("Grant")?,
            role: type_name("Role")?,
            workspace: type_name("Workspace")?,
            kinds,
        })
    }
}

fn type_name(name: &str) -> Result<EntityTypeName, Error> {
    EntityTypeName::from_str(name).map_err(Error::ours)
}

fn action_uid(name: &str) -> Result<EntityUid, Error> {
    Ok(uid_str(&type_name("Action")?, name))
}

fn uid(name: &EntityTypeName, id: &str) -> EntityUid {
    uid_str(name, id)
}

fn uid_of(name: &EntityTypeName, id: WorkspaceId) -> EntityUid {
    uid_str(name, &id.to_string())
}

fn uid_str(name: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id))
}
