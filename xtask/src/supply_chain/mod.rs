//! What comes from others: every package of `Cargo.lock` has its checksum and is what that checksum
//! says, comes from the one public registry, carries a licence from our list, and has no known
//! advisory.

pub mod advisories;
pub mod archives;
pub mod licences;
pub mod lock;

use std::{path::Path, process::Command};

use daybook_supply_chain::PutOff;

use crate::Finding;

pub const LOCK: &str = "Cargo.lock";

/// What the checks saw, for people and for the trust page.
#[derive(Debug)]
pub struct Report {
    pub findings: Vec<Finding>,
    pub packages: usize,
    pub advisories: usize,
    /// The day of the newest advisory in the data.
    pub data_date: String,
    pub data_age_days: Option<i64>,
    /// No defects, and worth knowing: packages that are no longer maintained.
    pub warnings: Vec<String>,
}

/// Runs every check on the repository at `root`.
pub fn check(root: &Path, today: &str) -> Result<Report, String> {
    let text = read(&root.join(LOCK))?;
    let lock = lock::parse(&text)?;
    let data = advisories::open(root)?;
    let put_off = PutOff::parse(&read(&root.join(advisories::PUT_OFF))?)
        .map_err(|why| format!("{}: {why}", advisories::PUT_OFF))?;
    let allowed = licences::Allowed::parse(&read(&root.join(licences::ALLOWED))?)?;

    let mut findings = lock::check(&lock);
    findings.extend(advisories::check(&data, &lock, &put_off, today));
    // Packages of other platforms are not in the build. Those of this one may still be missing on a
    // fresh machine (a build fetches fewer than cargo lists), so cargo may fetch them here.
    let host = host()?;
    let metadata = metadata(root, &["--locked", "--filter-platform", &host])?;
    findings.extend(licences::check(&metadata, &allowed));
    findings.extend(archives::check(&archives::kept(&metadata), &lock)?);
    Ok(Report {
        findings,
        packages: lock.packages.len(),
        advisories: data.count(),
        data_age_days: crate::date::days_between(data.newest(), today),
        data_date: data.newest().to_owned(),
        warnings: advisories::warnings(&data, &lock),
    })
}

/// Cargo's own account of the packages.
pub fn metadata(root: &Path, flags: &[&str]) -> Result<serde_json::Value, String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1"])
        .args(flags)
        .current_dir(root)
        .output()
        .map_err(|error| format!("cargo metadata did not start: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}

/// The platform that this machine builds for.
fn host() -> Result<String, String> {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .map_err(|error| format!("rustc did not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| "rustc does not say its host".to_owned())
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
