//! What the running server cannot do, whatever code runs in it: write outside of
//! its data folder, or start another program. The kernel's Landlock holds it, for
//! every thread that begins later. What a kernel without it cannot hold is said,
//! and `daybook check` does not take it as kept.

use std::path::Path;

use landlock::{
    ABI, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus,
};

use crate::failure::Failure;
use crate::reach::{FolderLock, LOCK};

/// Of Linux 6.2: with it no file can be cut short either. What older kernels know
/// of it they hold, and are told of as not whole.
const RULES: ABI = ABI::V3;
const CONFINED: &str = "confined";

/// Before any thread is begun: those that are there already would stay free.
pub fn confine(data: &Path, lock: &FolderLock) -> Result<(), Failure> {
    let status = restrict(data)
        .map_err(|error| Failure::ours(format!("the server could not be confined: {error}")))?;
    let state = if status == RulesetStatus::FullyEnforced {
        CONFINED
    } else {
        tracing::warn!(
            ?status,
            "this kernel does not keep the server from writing outside of its data folder; Linux 6.2 or newer with Landlock does"
        );
        "free"
    };
    if own_status().is_ok_and(|status| has_root(&status)) {
        tracing::warn!(
            "the server runs as root; give it a user of its own, as docs/daybook.service does"
        );
    }
    lock.note(&format!("{} {state}\n", std::process::id()))?;
    Ok(())
}

fn restrict(data: &Path) -> Result<RulesetStatus, RulesetError> {
    let writing: BitFlags<AccessFs> = AccessFs::from_write(RULES);
    let Ok(folder) = PathFd::new(data) else {
        // It was locked a moment ago; whatever took it away ends the server soon.
        return Ok(RulesetStatus::NotEnforced);
    };
    let held = Ruleset::default()
        .handle_access(writing | AccessFs::Execute)?
        .create()?
        .add_rule(PathBeneath::new(folder, writing))?
        .restrict_self()?;
    Ok(held.ruleset)
}

/// What is wrong with the server that has this folder open, as the system sees it.
pub fn look(data: &Path) -> Result<(), String> {
    let noted = std::fs::read_to_string(data.join(LOCK)).map_err(|error| error.to_string())?;
    let (process, state) = noted
        .trim()
        .split_once(' ')
        .ok_or("the server is of an older version; start it anew")?;
    if state != CONFINED {
        return Err("its kernel does not keep it in its data folder (Landlock)".to_owned());
    }
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))
        .map_err(|error| format!("the process {process}: {error}"))?;
    if has_root(&status) {
        return Err("it runs as root".to_owned());
    }
    for (name, wanted) in [("CapPrm", 0), ("CapEff", 0), ("NoNewPrivs", 1)] {
        if line(&status, name).map(|found| u64::from_str_radix(found, 16)) != Some(Ok(wanted)) {
            return Err(format!("its {name} is not {wanted}"));
        }
    }
    Ok(())
}

fn own_status() -> std::io::Result<String> {
    std::fs::read_to_string("/proc/self/status")
}

/// Whether any of its user ids is root's.
fn has_root(status: &str) -> bool {
    line(status, "Uid").is_none_or(|ids| ids.split_whitespace().any(|id| id == "0"))
}

fn line<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = status.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(own, _)| *own == name)?;
    Some(found.1.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_seen_in_any_of_the_ids() {
        for (status, root) in [
            ("Name:\tdaybook\nUid:\t1000\t1000\t1000\t1000\n", false),
            ("Uid:\t1000\t1000\t0\t1000\n", true),
            ("Uid:\t0\t0\t0\t0\n", true),
            ("Name:\tdaybook\n", true),
        ] {
            assert_eq!(has_root(status), root, "{status}");
        }
    }
}
