//! The question that the road asks on every request, once our own policies
//! allow it: does one of the workspace's own bar this caller?

use daybook_kernel::caller::CallerKind;
use daybook_kernel::road::Barrier;
use daybook_kernel::{Caller, Error, Read, Spec};

use super::store;

/// The first policy that bars the caller. Whoever sits at the server itself is
/// not barred: they hold the root key, and could otherwise not mend a policy
/// that locks everybody out.
pub fn barrier(tx: &mut Read<'_>, caller: &Caller, spec: &Spec) -> Result<Option<Barrier>, Error> {
    let Some(role) = caller.role else {
        return Ok(None);
    };
    if matches!(caller.kind, CallerKind::Local | CallerKind::System) {
        return Ok(None);
    }
    let now = tx.now();
    let policies = store::all(tx)?;
    let barring = policies
        .into_iter()
        .find(|policy| policy.roles.contains(&role) && policy.rule.bars(caller, spec.data, now));
    Ok(barring.map(|policy| Barrier {
        sentence: format!(
            "The policy “{}” of this workspace does not let you: {}.",
            policy.name,
            lower_first(&policy.means)
        ),
        demand: policy.rule.demand(),
        policy: policy.name,
    }))
}

fn lower_first(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(characters).collect()
    })
}
