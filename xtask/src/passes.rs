//! Which tests passed, and when: the evidence that a promise kept "by a test" is shown with. It is
//! read from what the test runner printed, so that a test which did not run cannot be in it.

use std::{collections::BTreeSet, process::Command};

use serde_json::{Value, json};

/// Names of tests that passed and did not fail anywhere, by their last part, as `promises/` names them.
pub fn passed(log: &str) -> BTreeSet<String> {
    let (mut passed, mut failed) = (BTreeSet::new(), BTreeSet::new());
    for line in log.lines() {
        let Some((name, result)) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.rsplit_once(" ... "))
        else {
            continue;
        };
        let name = name.split(" - ").next().unwrap_or(name);
        let name = name.rsplit("::").next().unwrap_or(name).to_owned();
        if result == "ok" {
            passed.insert(name)
        } else {
            failed.insert(name)
        };
    }
    passed.retain(|name| !failed.contains(name));
    passed
}

/// The record, for `daybook check` and the trust page.
pub fn record(log: &str, commit: &str, passed_at: &str) -> Value {
    json!({ "commit": commit, "passed_at": passed_at, "tests": passed(log) })
}

/// The commit that was tested, marked where the work tree held more than it; empty without git.
pub fn commit(root: &std::path::Path) -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(root)
            .output()
            .ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "HEAD"]) else {
        return String::new();
    };
    if git(&["status", "--porcelain"]).is_some_and(|changes| changes.is_empty()) {
        commit
    } else {
        format!("{commit}-changed")
    }
}

#[cfg(test)]
mod tests {
    use super::{passed, record};

    const LOG: &str = "\
running 4 tests
test accounts::tests::a_code_is_unique ... ok
test twice ... ok
test breaks - should panic ... ok
test twice ... FAILED
test left_out ... ignored
test result: FAILED. 3 passed; 1 failed
";

    #[test]
    fn only_a_test_that_passed_everywhere_is_a_pass() {
        assert_eq!(
            passed(LOG).into_iter().collect::<Vec<_>>(),
            ["a_code_is_unique", "breaks"]
        );
        assert!(passed("").is_empty());
    }

    #[test]
    fn a_record_says_when_and_of_what() {
        let record = record(LOG, "abc", "2026-11-21T10:00:00Z");
        assert_eq!(record["commit"], "abc");
        assert_eq!(record["passed_at"], "2026-11-21T10:00:00Z");
        assert_eq!(record["tests"][0], "a_code_is_unique");
    }
}
