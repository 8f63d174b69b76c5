//! The advisories of the `RustSec` project, as data in this repository: a build is checked without the
//! network, against data whose date is known.

use std::{fs, path::Path, process::Command};

use rustsec::{Database, Lockfile, Vulnerability, advisory::Informational, database::Query};

use super::LOCK;
use crate::{Finding, date};

pub const ARCHIVE: &str = "supply-chain/advisory-db.tar.gz";
/// Says the date of the data, for the program to show without unpacking it.
pub const ABOUT: &str = "supply-chain/advisory-db.toml";
pub const IGNORED: &str = "supply-chain/ignored.toml";
/// An advisory is put off for a while and never for good.
const IGNORED_DAYS_MAX: i64 = 366;

#[derive(Debug)]
pub struct Data(Database);

impl Data {
    /// Unpacks the archive into `scratch` and reads it.
    pub fn open(root: &Path, scratch: &Path) -> Result<Self, String> {
        let fault =
            |what: &str, error: &dyn std::fmt::Display| format!("{ARCHIVE}: {what}: {error}");
        // Unpacked anew each time: what a former run left is not what the archive says.
        let folder = scratch.join("advisory-db");
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .map_err(|error| fault("cannot clear the unpacked data", &error))?;
        }
        fs::create_dir_all(scratch).map_err(|error| fault("cannot make a folder", &error))?;
        let output = Command::new("tar")
            .args(["--extract", "--gzip", "--no-same-owner", "--file"])
            .arg(root.join(ARCHIVE))
            .arg("--directory")
            .arg(scratch)
            .output()
            .map_err(|error| fault("tar did not start", &error))?;
        if !output.status.success() {
            return Err(fault(
                "cannot be unpacked",
                &String::from_utf8_lossy(&output.stderr),
            ));
        }
        Database::open(&folder)
            .map(Self)
            .map_err(|error| fault("cannot be read", &error))
    }

    pub fn count(&self) -> usize {
        self.0.iter().count()
    }

    /// The day of the newest advisory: the data is at least as new as that, and surely no newer.
    pub fn date(&self) -> String {
        self.0
            .iter()
            .map(|advisory| advisory.metadata.date.as_str().to_owned())
            .max()
            .unwrap_or_default()
    }

    /// Refuses every package with a vulnerability, and every one that is unsound: both are defects.
    /// That a package is no longer maintained is no defect yet, so it is told by [`Data::warnings`].
    pub fn check(&self, lock: &Lockfile, ignored: &Ignored, today: &str) -> Vec<Finding> {
        if self.count() == 0 {
            return vec![Finding::whole(ARCHIVE, "holds no advisory")];
        }
        let defects = self.defects(lock);
        let mut findings = ignored.check(&defects, today);
        for defect in &defects {
            let id = defect.advisory.id.as_str();
            if !ignored.entries.iter().any(|entry| entry.id == id) {
                let (name, version) = (&defect.package.name, &defect.package.version);
                let what = format!("{name} {version} has {id}: {}", defect.advisory.title);
                findings.push(Finding::whole(LOCK, what));
            }
        }
        findings
    }

    /// Packages that are no longer maintained, with the advisory that says so.
    pub fn warnings(&self, lock: &Lockfile) -> Vec<String> {
        self.found(lock, Informational::is_unmaintained)
            .iter()
            .map(|found| {
                format!(
                    "{} is no longer maintained ({})",
                    found.package.name, found.advisory.id
                )
            })
            .collect()
    }

    fn defects(&self, lock: &Lockfile) -> Vec<Vulnerability> {
        let mut defects = self.0.vulnerabilities(lock);
        defects.extend(self.found(lock, Informational::is_unsound));
        defects
    }

    fn found(&self, lock: &Lockfile, wanted: fn(&Informational) -> bool) -> Vec<Vulnerability> {
        let mut found = self
            .0
            .query_vulnerabilities(lock, &Query::crate_scope().informational(true));
        found.retain(|found| found.advisory.informational.as_ref().is_some_and(wanted));
        found
    }
}

/// An advisory that does not touch us, for a reason and until a day.
#[derive(Debug)]
pub struct Entry {
    pub id: String,
    pub reason: String,
    pub expires_on: String,
}

#[derive(Debug, Default)]
pub struct Ignored {
    pub entries: Vec<Entry>,
}

impl Ignored {
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: toml::Table = text
            .parse()
            .map_err(|error| format!("{IGNORED}: {error}"))?;
        let entries = table
            .get("advisory")
            .and_then(toml::Value::as_array)
            .cloned()
            .unwrap_or_default();
        let entry = |value: &toml::Value| {
            let field = |name: &str| {
                let text = value
                    .get(name)
                    .and_then(toml::Value::as_str)
                    .unwrap_or_default()
                    .trim();
                if text.is_empty() {
                    Err(format!("{IGNORED}: an entry has no {name}"))
                } else {
                    Ok(text.to_owned())
                }
            };
            Ok(Entry {
                id: field("id")?,
                reason: field("reason")?,
                expires_on: field("expires_on")?,
            })
        };
        Ok(Self {
            entries: entries.iter().map(entry).collect::<Result<_, String>>()?,
        })
    }

    fn check(&self, defects: &[Vulnerability], today: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        for entry in &self.entries {
            let mut add = |what: String| findings.push(Finding::whole(IGNORED, what));
            match date::days_between(today, &entry.expires_on) {
                _ if !date::is_date(&entry.expires_on) => {
                    add(format!("{} expires on no date", entry.id));
                }
                Some(days) if days < 0 => add(format!(
                    "{} was put off until {}: decide anew",
                    entry.id, entry.expires_on
                )),
                Some(days) if days > IGNORED_DAYS_MAX => {
                    add(format!("{} is put off for more than a year", entry.id));
                }
                _ => {}
            }
            if !defects
                .iter()
                .any(|defect| defect.advisory.id.as_str() == entry.id)
            {
                add(format!(
                    "{} touches no package of ours: delete the entry",
                    entry.id
                ));
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::Ignored;

    #[test]
    fn an_entry_without_its_reason_or_its_end_is_refused() {
        let id = "[[advisory]]\nid = \"RUSTSEC-2026-0001\"\n";
        for (text, good) in [
            (
                format!("{id}reason = \"not called\"\nexpires_on = \"2027-01-01\"\n"),
                true,
            ),
            (format!("{id}expires_on = \"2027-01-01\"\n"), false),
            (format!("{id}reason = \"not called\"\n"), false),
            (
                format!("{id}reason = \" \"\nexpires_on = \"2027-01-01\"\n"),
                false,
            ),
            (String::new(), true),
            ("[[advisory".to_owned(), false),
        ] {
            assert_eq!(Ignored::parse(&text).is_ok(), good, "{text}");
        }
    }
}
