//! Who would gain and who would lose by a policy, before it is set.

use daybook_kernel::{
    Caller, DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Role, Scope, Spec,
    StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Rule;
use super::set_policy::check_roles;
use super::store;
use crate::members;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewPolicy {
    /// The policy that would be replaced, if one would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub roles: Vec<Role>,
    pub rule: Rule,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct PolicyPreview {
    /// The rule as a sentence.
    pub means: String,
    /// Whether whoever asks would be barred by it at once.
    pub bars_you: bool,
    /// The members for whom something changes.
    pub members: Vec<Affected>,
    /// How many members it leaves alone.
    pub unaffected: usize,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Affected {
    pub email: String,
    pub role: Role,
    pub effect: Effect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// The rule will hold for them, and does not yet.
    Loses,
    /// The rule held for them, and no longer will.
    Gains,
    /// It holds for them before and after, in other words.
    Changes,
}

impl Query for PreviewPolicy {
    const SPEC: Spec = Spec {
        name: "team.preview_policy",
        summary: "See who would gain and who would lose by a policy.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = PolicyPreview;

    fn example() -> Self {
        Self {
            id: None,
            roles: vec![Role::Viewer],
            rule: Rule::Addresses {
                networks: vec!["127.0.0.0/8".to_owned()],
            },
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_roles(faults, &self.roles);
        self.rule.check(faults);
    }

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<PolicyPreview, Error> {
        let before = match &self.id {
            Some(id) => store::load(tx, id)?,
            None => None,
        };
        let held = before.map(|policy| (policy.roles, policy.rule));
        let mut affected = Vec::new();
        let mut unaffected = 0;
        for member in members::everybody(tx)? {
            match effect(member.role, held.as_ref(), &self.roles, &self.rule) {
                Some(effect) => affected.push(Affected {
                    email: member.email,
                    role: member.role,
                    effect,
                }),
                None => unaffected += 1,
            }
        }
        Ok(PolicyPreview {
            means: self.rule.means(),
            bars_you: bars(permit.caller(), &self.roles, &self.rule, tx),
            members: affected,
            unaffected,
        })
    }
}

/// Whether whoever sets it could not even take it back.
pub(super) fn bars(caller: &Caller, roles: &[Role], rule: &Rule, tx: &Read<'_>) -> bool {
    caller.role.is_some_and(|role| roles.contains(&role))
        && rule.bars(caller, DataClass::Confidential, tx.now())
}

fn effect(
    role: Role,
    held: Option<&(Vec<Role>, Rule)>,
    roles: &[Role],
    rule: &Rule,
) -> Option<Effect> {
    let before = held.filter(|(roles, _)| roles.contains(&role));
    match (before, roles.contains(&role)) {
        (None, true) => Some(Effect::Loses),
        (Some(_), false) => Some(Effect::Gains),
        (Some((_, old)), true) if old != rule => Some(Effect::Changes),
        _ => None,
    }
}
