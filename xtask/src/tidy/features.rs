//! What no build may switch on, whoever asks for it: features are united over the whole build, so
//! that a dependency's wish is everybody's.

use std::{path::Path, process::Command};

use crate::Finding;

/// Package, feature, and why not.
const REFUSED: [(&str, &str, &str); 1] = [("rustls", "tls12", "TLS 1.3 is spoken alone")];

pub fn check(root: &Path) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for (package, feature, why) in REFUSED {
        findings.extend(judge(&features(root, package)?, package, feature, why));
    }
    Ok(findings)
}

/// Which features of a package a build has, on any platform, and who asked for each. `cargo
/// metadata` would tell of wishes too that no build fulfils.
fn features(root: &Path, package: &str) -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--all-features", "--target", "all"])
        .args([
            "--locked", "--edges", "features", "--prefix", "none", "--invert", package,
        ])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cargo tree did not start: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo tree failed: {said}"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn judge(tree: &str, package: &str, feature: &str, why: &str) -> Option<Finding> {
    let found = |told: String| Some(Finding::whole("Cargo.lock", told));
    if !tree.starts_with(&format!("{package} v")) {
        return found(format!(
            "{package} is not in the build, so this rule looks at nothing"
        ));
    }
    let named = format!("{package} feature \"{feature}\"");
    let (_, after) = tree.split_once(&named)?;
    // Each line is followed by who asked for it, unless that was told before.
    let wisher = after.lines().nth(1).unwrap_or("somebody");
    found(format!("{named} is switched on by {wisher}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(tree: &str) -> String {
        let found = judge(tree, "rustls", "tls12", "no").into_iter();
        crate::finding::listed(&found.collect::<Vec<_>>())
    }

    #[test]
    fn a_build_with_tls_1_2_is_refused_and_says_who_asked() {
        let good = "rustls v0.23.46\nrustls feature \"std\"\nserver v0.1.0\n";
        assert_eq!(told(good), "");
        let bad = format!("{good}rustls feature \"tls12\"\nlettre v0.11.23 (*)\n");
        let said = told(&bad);
        assert!(
            said.contains("\"tls12\" is switched on by lettre"),
            "{said}"
        );
        assert!(told("").contains("looks at nothing"));
    }
}
