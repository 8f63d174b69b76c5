//! The bill of materials, made of the lock file that this program was built from.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest as sum};
use rustsec::Lockfile;
use rustsec::cargo_lock::Package;
use serde_json::{Value, json};

/// It also names what only builds and tests the program: more than is in it, and never less.
const LOCK: &str = include_str!("../../../Cargo.lock");

pub fn parts() -> Result<Lockfile, String> {
    LOCK.parse().map_err(|error| format!("Cargo.lock: {error}"))
}

/// SHA-256 of the lock file, in hex: tells what one build is made of from what another is.
pub fn digest() -> String {
    let mut hex = String::new();
    for byte in sum(&SHA256, LOCK.as_bytes()).as_ref() {
        // A String takes whatever is written.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// `CycloneDX` 1.6 (ECMA-424): every package with its version, where it is from, and its checksum.
pub fn bill_of_materials(version: &str) -> Result<String, String> {
    let parts = parts()?;
    let components: Vec<Value> = parts
        .packages
        .iter()
        .filter(|package| package.source.is_some())
        .map(component)
        .collect();
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {
            "type": "application",
            "bom-ref": "daybook",
            "name": "daybook",
            "version": version,
        }},
        "components": components,
    });
    Ok(format!("{bill:#}\n"))
}

fn component(package: &Package) -> Value {
    let url = format!("pkg:cargo/{}@{}", package.name, package.version);
    let mut component = json!({
        "type": "library",
        "bom-ref": url,
        "name": package.name.as_str(),
        "version": package.version.to_string(),
        "purl": url,
    });
    if let Some(checksum) = &package.checksum {
        component["hashes"] = json!([{"alg": "SHA-256", "content": checksum.to_string()}]);
    }
    component
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_package_of_others_is_named_with_its_checksum() {
        let bill: Value = serde_json::from_str(&bill_of_materials("0.1.0").unwrap()).unwrap();
        let components = bill["components"].as_array().unwrap();
        let ours = LOCK.matches("name = \"daybook").count() + 1;
        assert_eq!(components.len() + ours, LOCK.matches("[[package]]").count());
        assert!(components.iter().all(|it| {
            it["hashes"][0]["content"]
                .as_str()
                .is_some_and(|hash| hash.len() == 64)
        }));
        assert!(components.iter().any(|it| it["name"] == "rusqlite"));
    }
}
