//! Sets a policy of the workspace's own, or another in place of one.

use daybook_kernel::caller::CallerKind;
use daybook_kernel::id::hex;
use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Role, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{NAME_CHARACTERS_MAX, Policy, Rule};
use super::preview_policy::bars;
use super::store::{self, POLICIES_MAX};
use crate::access_changes::{self, News};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPolicy {
    /// The policy to replace; a new one is made where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What it is called: whoever it bars is told this name.
    name: String,
    /// The roles that it holds for.
    roles: Vec<Role>,
    rule: Rule,
}

impl Command for SetPolicy {
    const SPEC: Spec = Spec {
        name: "team.set_policy",
        summary: "Ask more of members than their role: an address, hours, a second factor, a known device, a class of data.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Policy;

    fn example() -> Self {
        Self {
            id: None,
            name: "From the office".to_owned(),
            roles: vec![Role::Viewer],
            rule: Rule::Addresses {
                networks: vec!["127.0.0.0/8".to_owned(), "::1/128".to_owned()],
            },
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("name", &self.name, NAME_CHARACTERS_MAX);
        check_roles(faults, &self.roles);
        self.rule.check(faults);
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Policy>, Error> {
        let caller = permit.caller();
        let at_the_server = caller.kind == CallerKind::Local;
        if !at_the_server && bars(caller, &self.roles, &self.rule, tx)? {
            return Err(Error::conflict(
                "This policy would bar you at once, and you could not take it back. Leave your role out, or change the rule.",
            ));
        }
        let before = match &self.id {
            Some(id) => Some(store::load(tx, id)?.ok_or_else(|| {
                Error::fault(
                    "id",
                    "There is no such policy. Leave it out to make a new one.",
                )
            })?),
            None => None,
        };
        if before.is_none() && store::all(tx)?.len() >= POLICIES_MAX {
            return Err(Error::conflict(format!(
                "A workspace has at most {POLICIES_MAX} policies. Change one of them instead."
            )));
        }
        let id = match self.id {
            Some(id) => id,
            None => hex(&tx.random::<8>()?),
        };
        let after = store::keep(tx, &id, self.name.trim(), &self.roles, &self.rule)?;
        let was = before.as_ref().map(told).unwrap_or_default();
        access_changes::publish(
            tx,
            caller,
            &News {
                kind: "policy",
                subject: &after.name,
                old: &was,
                new: &told(&after),
            },
        )?;
        let change = match &before {
            Some(before) => Change::updated("AccessPolicy", &id, before, &after),
            None => Change::created("AccessPolicy", &id, &after),
        };
        Ok(Done::new(after, change))
    }
}

/// A policy in the words of the published list.
pub(super) fn told(policy: &Policy) -> String {
    let roles: Vec<&str> = policy.roles.iter().map(|role| role.name()).collect();
    format!("{}: {}", roles.join(", "), policy.means)
}

pub(super) fn check_roles(faults: &mut Faults, roles: &[Role]) {
    if roles.is_empty() {
        faults.add("roles", "Name at least one role that the policy holds for.");
    }
    let twice = roles
        .iter()
        .enumerate()
        .any(|(index, role)| roles[..index].contains(role));
    if twice {
        faults.add("roles", "A role is named twice. Name each once.");
    }
}
