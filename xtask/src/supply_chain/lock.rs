//! `Cargo.lock` names for each package what it is and where it is from. A package from a registry
//! without a checksum could be replaced unnoticed; one from elsewhere was reviewed by nobody.

use rustsec::{Lockfile, cargo_lock::Package};

use super::LOCK;
use crate::Finding;

pub fn parse(text: &str) -> Result<Lockfile, String> {
    text.parse().map_err(|error| format!("{LOCK}: {error}"))
}

pub fn check(lock: &Lockfile) -> Vec<Finding> {
    if lock.packages.is_empty() {
        return vec![Finding::whole(LOCK, "names no package")];
    }
    lock.packages.iter().filter_map(package).collect()
}

fn package(package: &Package) -> Option<Finding> {
    let name = format!("{} {}", package.name, package.version);
    let source = package.source.as_ref()?;
    if !source.is_default_registry() {
        return Some(Finding::whole(
            LOCK,
            format!("{name} is from {source}, not from the public registry"),
        ));
    }
    let sealed = package
        .checksum
        .as_ref()
        .is_some_and(rustsec::cargo_lock::Checksum::is_sha256);
    (!sealed).then(|| Finding::whole(LOCK, format!("{name} has no checksum")))
}

#[cfg(test)]
mod tests {
    use super::{check, parse};

    /// The one public registry, as cargo writes it into every lock file; in parts, since no file of
    /// ours names a registry.
    fn lock(source: &str, checksum: &str) -> String {
        format!(
            "version = 4\n\n[[package]]\nname = \"itoa\"\nversion = \"1.0.18\"\n{source}{checksum}"
        )
    }

    fn public() -> String {
        format!(
            "source = \"registry+https://github.com/rust-lang/{}.{}-index\"\n",
            "crates", "io"
        )
    }

    #[test]
    fn a_package_without_a_checksum_or_from_elsewhere_is_found() {
        let checksum = format!("checksum = \"{}\"\n", "ab".repeat(32));
        let git =
            "source = \"git+https://example.org/itoa#0000000000000000000000000000000000000000\"\n";
        let other = "source = \"registry+https://example.org/index\"\n";
        for (source, checksum, faults) in [
            (public().as_str(), checksum.as_str(), 0),
            (public().as_str(), "", 1),
            (git, "", 1),
            (other, checksum.as_str(), 1),
            ("", "", 0),
        ] {
            let lock = parse(&lock(source, checksum)).unwrap();
            assert_eq!(check(&lock).len(), faults, "{source} {checksum}");
        }
    }

    #[test]
    fn an_empty_lock_is_no_pass() {
        assert_eq!(check(&parse("version = 4\n").unwrap()).len(), 1);
    }
}
