//! Who would gain and who would lose by a policy, before it is set.

use std::collections::{HashMap, HashSet};

use daybook_kernel::{
    Caller, DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Role, Scope, Spec,
    StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Asked, Rule};
use super::set_policy::check_roles;
use super::store;
use crate::{known_devices, members};

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
    /// Whether they have today what the rule asks for, where the workspace knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meets: Option<bool>,
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
        let met = Met::load(tx, &self.rule)?;
        for member in members::everybody(tx)? {
            match effect(member.role, held.as_ref(), &self.roles, &self.rule) {
                Some(effect) => affected.push(Affected {
                    email: member.email,
                    role: member.role,
                    effect,
                    meets: met.by(&member.person),
                }),
                None => unaffected += 1,
            }
        }
        Ok(PolicyPreview {
            means: self.rule.means(),
            bars_you: bars(permit.caller(), &self.roles, &self.rule, tx)?,
            members: affected,
            unaffected,
        })
    }
}

/// Whether whoever sets it could not even take it back.
pub(super) fn bars(
    caller: &Caller,
    roles: &[Role],
    rule: &Rule,
    tx: &mut Read<'_>,
) -> Result<bool, Error> {
    let asked = Asked {
        caller,
        class: DataClass::Confidential,
        now: tx.now(),
        known_device: known_devices::is_known(tx, caller)?,
    };
    let holds = caller.role.is_some_and(|role| roles.contains(&role));
    Ok(holds && rule.bars(&asked))
}

/// Who has what a rule asks for, as far as it is known: of addresses and hours
/// nobody can say.
enum Met {
    Unknown,
    Factors(HashMap<String, bool>),
    Devices(HashSet<String>),
}

impl Met {
    fn load(tx: &mut Read<'_>, rule: &Rule) -> Result<Self, Error> {
        Ok(match rule {
            Rule::SecondFactor {} => Self::Factors(members::second_factors(tx)?),
            Rule::Device {} => Self::Devices(known_devices::members_with_one(tx)?),
            Rule::Addresses { .. }
            | Rule::Hours { .. }
            | Rule::Session { .. }
            | Rule::ClassCeiling { .. } => Self::Unknown,
        })
    }

    fn by(&self, person: &str) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Factors(known) => known.get(person).copied(),
            Self::Devices(having) => Some(having.contains(person)),
        }
    }
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
