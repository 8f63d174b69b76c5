//! The advisories of the `RustSec` project, read from an archive of its database.

use std::collections::HashMap;
use std::io::{Read as _, Take};
use std::path::Path;

use flate2::read::GzDecoder;
use rustsec::advisory::Informational;
use rustsec::{Advisory, Lockfile};
use tar::{Archive, Entry};

/// The database unpacked is a few megabytes; what grows past this is something else.
const UNPACKED_BYTES_MAX: u64 = 256 << 20;
/// One advisory is a page of text.
const ADVISORY_BYTES_MAX: u64 = 1 << 20;

pub struct Data {
    /// By the package that they are of.
    of_package: HashMap<String, Vec<Advisory>>,
    newest: String,
}

/// A package of ours that an advisory is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defect {
    /// Such as RUSTSEC-2026-0178.
    pub advisory: String,
    pub package: String,
    pub version: String,
    pub title: String,
}

impl Data {
    /// Reads a `.tar.gz` with the database's folder in it, under whatever name.
    pub fn read(archive: &[u8]) -> Result<Self, String> {
        let unpacked = GzDecoder::new(archive).take(UNPACKED_BYTES_MAX);
        let mut data = Self {
            of_package: HashMap::new(),
            newest: String::new(),
        };
        let unreadable = |error: std::io::Error| format!("the archive cannot be read: {error}");
        for entry in Archive::new(unpacked).entries().map_err(unreadable)? {
            let mut entry = entry.map_err(unreadable)?;
            if let Some(name) = advisory_name(&entry) {
                data.add(&name, &mut entry)?;
            }
        }
        if data.of_package.is_empty() {
            return Err("the archive holds no advisory".to_owned());
        }
        Ok(data)
    }

    pub fn count(&self) -> usize {
        self.of_package.values().map(Vec::len).sum()
    }

    /// The day of the newest advisory: the data is at least as new as that.
    pub fn newest(&self) -> &str {
        &self.newest
    }

    /// Packages with a vulnerability, and those that are unsound: both are defects.
    pub fn defects(&self, lock: &Lockfile) -> Vec<Defect> {
        self.found(lock, |kind| kind.is_none_or(Informational::is_unsound))
    }

    /// Packages that are no longer maintained: no defect yet, and worth knowing.
    pub fn unmaintained(&self, lock: &Lockfile) -> Vec<Defect> {
        self.found(lock, |kind| {
            kind.is_some_and(Informational::is_unmaintained)
        })
    }

    fn found(&self, lock: &Lockfile, wanted: fn(Option<&Informational>) -> bool) -> Vec<Defect> {
        let mut found = Vec::new();
        for package in &lock.packages {
            let is_public = |it: &rustsec::cargo_lock::SourceId| it.is_default_registry();
            let known = self.of_package.get(package.name.as_str());
            if !package.source.as_ref().is_some_and(is_public) {
                continue;
            }
            let touching = known.into_iter().flatten().filter(|advisory| {
                wanted(advisory.metadata.informational.as_ref())
                    && advisory.versions.is_vulnerable(&package.version)
            });
            found.extend(touching.map(|advisory| Defect {
                advisory: advisory.id().as_str().to_owned(),
                package: package.name.to_string(),
                version: package.version.to_string(),
                title: advisory.title().to_owned(),
            }));
        }
        found.sort();
        found
    }

    fn add(&mut self, name: &str, entry: &mut impl std::io::Read) -> Result<(), String> {
        let mut text = String::new();
        let read = entry.take(ADVISORY_BYTES_MAX).read_to_string(&mut text);
        read.map_err(|error| format!("{name}: {error}"))?;
        let advisory: Advisory = text.parse().map_err(|error| format!("{name}: {error}"))?;
        if advisory.withdrawn() {
            return Ok(());
        }
        self.newest = advisory.date().as_str().to_owned().max(self.newest.clone());
        let package = advisory.metadata.package.to_string();
        self.of_package.entry(package).or_default().push(advisory);
        Ok(())
    }
}

/// The path of an entry, if it is an advisory of a package: those of the compiler
/// itself lie in another folder.
fn advisory_name(entry: &Entry<'_, Take<GzDecoder<&[u8]>>>) -> Option<String> {
    let path = entry.path().ok()?.to_str()?.to_owned();
    let (_, within) = path.split_once('/')?;
    let file = within.strip_prefix("crates/")?.split_once('/')?.1;
    let is_advisory =
        file.starts_with("RUSTSEC-") && Path::new(file).extension().is_some_and(|it| it == "md");
    is_advisory.then_some(path)
}
