//! The question that the road asks on every request, once our own policies
//! allow it: does one of the workspace's own bar this caller?

use daybook_kernel::caller::CallerKind;
use daybook_kernel::road::Barrier;
use daybook_kernel::{Caller, Demand, Error, Read, Spec};

use super::model::{Asked, Policy, Rule};
use super::store;
use crate::known_devices;

/// The first policy that bars the caller. Whoever sits at the server itself is
/// not barred: they hold the root key, and could otherwise not mend a policy
/// that locks everybody out.
pub fn barrier(tx: &mut Read<'_>, caller: &Caller, spec: &Spec) -> Result<Option<Barrier>, Error> {
    let mut policies = holding(tx, caller)?;
    // A device is made known from that very device.
    if known_devices::OPEN.contains(&spec.name) {
        policies.retain(|policy| policy.rule != Rule::Device {});
    }
    if policies.is_empty() {
        return Ok(None);
    }
    let asked = Asked {
        caller,
        class: spec.data,
        now: tx.now(),
        known_device: asks(&policies) && known_devices::is_known(tx, caller)?,
    };
    let barring = policies.into_iter().find(|it| it.rule.bars(&asked));
    Ok(barring.map(|policy| Barrier {
        sentence: format!(
            "The policy “{}” of this workspace does not let you: {}.",
            policy.name,
            lower_first(&policy.means)
        ),
        // What is asked here, a guest cannot bring here; a factor they can show.
        demand: policy
            .rule
            .demand()
            .filter(|demand| *demand == Demand::Proof || caller.guest().is_none()),
        policy: policy.name,
    }))
}

/// Whether a policy asks a known device of this caller.
pub(crate) fn asks_for_a_device(tx: &mut Read<'_>, caller: &Caller) -> Result<bool, Error> {
    Ok(asks(&holding(tx, caller)?))
}

fn asks(policies: &[Policy]) -> bool {
    policies.iter().any(|policy| policy.rule == Rule::Device {})
}

/// The policies that hold for this caller.
fn holding(tx: &mut Read<'_>, caller: &Caller) -> Result<Vec<Policy>, Error> {
    // A guest has no role here, so every policy holds for them.
    if caller.guest().is_some() {
        return store::all(tx);
    }
    let Some(role) = caller.role else {
        return Ok(Vec::new());
    };
    if matches!(caller.kind, CallerKind::Local | CallerKind::System) {
        return Ok(Vec::new());
    }
    let mut policies = store::all(tx)?;
    policies.retain(|policy| policy.roles.contains(&role));
    Ok(policies)
}

fn lower_first(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(characters).collect()
    })
}
