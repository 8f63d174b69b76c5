//! The code that is built is the code that the lock file names. Cargo compares a checksum when it
//! fetches a package, and builds from an unpacked copy ever after; here the fetched archive is
//! compared with the lock file again, and the unpacked copy with the archive.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use rustsec::Lockfile;
use serde_json::Value;

use super::LOCK;
use crate::Finding;

/// A package as cargo keeps it for builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// As in `itoa-1.0.18`.
    pub name: String,
    pub archive: PathBuf,
    /// The folder that the archive was unpacked into.
    pub unpacked_in: PathBuf,
}

/// Where cargo keeps the packages of a build, by its own account. A package that was vendored has no
/// archive: cargo compares each of its files with a checksum whenever it builds.
pub fn kept(metadata: &Value) -> Vec<Kept> {
    let packages = metadata["packages"]
        .as_array()
        .map_or(&[] as &[Value], Vec::as_slice);
    packages
        .iter()
        .filter(|package| package["source"].is_string())
        .filter_map(|package| {
            let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
            let name = folder.file_name()?.to_str()?.to_owned();
            let unpacked_in = folder.parent()?.to_path_buf();
            let registry = unpacked_in.parent()?;
            if registry.file_name()? != "src" {
                return None;
            }
            let archive = registry
                .with_file_name("cache")
                .join(unpacked_in.file_name()?)
                .join(format!("{name}.crate"));
            Some(Kept {
                name,
                archive,
                unpacked_in,
            })
        })
        .collect()
}

pub fn check(kept: &[Kept], lock: &Lockfile) -> Result<Vec<Finding>, String> {
    let sums = checksums(kept)?;
    let mut findings = Vec::new();
    for package in kept {
        let locked = lock
            .packages
            .iter()
            .find(|locked| format!("{}-{}", locked.name, locked.version) == package.name)
            .and_then(|locked| locked.checksum.as_ref().map(ToString::to_string));
        if locked.as_ref() != sums.get(&package.archive) {
            let what = format!(
                "the archive of {} is not the one that the lock file names",
                package.name
            );
            findings.push(Finding::whole(LOCK, what));
        }
        for file in changed(package)? {
            findings.push(Finding::whole(
                LOCK,
                format!("{} was changed after it was fetched: {file}", package.name),
            ));
        }
    }
    Ok(findings)
}

fn checksums(kept: &[Kept]) -> Result<BTreeMap<PathBuf, String>, String> {
    if kept.is_empty() {
        return Ok(BTreeMap::new());
    }
    let output = Command::new("sha256sum")
        .args(kept.iter().map(|package| &package.archive))
        .output()
        .map_err(|error| format!("sha256sum did not start: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "sha256sum failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter_map(|line| line.split_once("  "));
    Ok(lines
        .map(|(sum, path)| (PathBuf::from(path), sum.to_owned()))
        .collect())
}

/// Files whose content is not that of the archive. Their times and owners differ by nature.
fn changed(package: &Kept) -> Result<Vec<String>, String> {
    let output = Command::new("tar")
        .env("LC_ALL", "C")
        .args(["--diff", "--gzip", "--file"])
        .arg(&package.archive)
        .arg("--directory")
        .arg(&package.unpacked_in)
        .output()
        .map_err(|error| format!("tar did not start: {error}"))?;
    // Tar answers 1 for a difference of any kind, and 2 where it could not compare.
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let differs = |line: &&str| {
        ["Contents differ", "Size differs", "Cannot"]
            .iter()
            .any(|fault| line.contains(fault))
    };
    let changed: Vec<String> = said.lines().filter(differs).map(str::to_owned).collect();
    match output.status.code() {
        Some(0 | 1) => Ok(changed),
        _ if !changed.is_empty() => Ok(changed),
        _ => Err(format!("tar failed on {}: {said}", package.name)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::kept;

    #[test]
    fn archives_are_found_beside_what_was_unpacked_from_them() {
        let metadata = json!({ "packages": [
            { "source": "registry", "manifest_path": "/home/a/registry/src/index-1/itoa-1.0.18/Cargo.toml" },
            { "source": "registry", "manifest_path": "/home/a/project/vendor/itoa-1.0.18/Cargo.toml" },
            { "source": null, "manifest_path": "/home/a/project/Cargo.toml" },
        ] });
        let found = kept(&metadata);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].archive.to_str(),
            Some("/home/a/registry/cache/index-1/itoa-1.0.18.crate")
        );
        assert_eq!(
            found[0].unpacked_in.to_str(),
            Some("/home/a/registry/src/index-1")
        );
    }
}
