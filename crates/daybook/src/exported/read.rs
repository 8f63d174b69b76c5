//! Reading an export back: hashes and log are verified before anything is done;
//! tables come in by one transaction, under the guards of daily work; then the
//! reports are made anew and must be the bytes that the export holds.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::Path;

use daybook_books::carry;
use daybook_engine::Desk;
use daybook_engine::audit::verify_export;
use daybook_engine::carry::{
    Carrying, Loading, Rows, is_the_engines, load, read_lines, sha256_hex, tables,
};
use daybook_engine::keys::CheckpointKey;
use daybook_kernel::Error;
use daybook_kernel::road::Registry;
use daybook_trust::exports::keep_log;
use serde_json::json;

use super::{Ask, FORM, Files, Manifest, whole_report};
use crate::features::FEATURES;

/// People and their tokens are the instance's that they came from; what was
/// checked there was checked there.
pub const LEFT_OUT: &[&str] = &[
    "members",
    "assignments",
    "api_tokens",
    "promise_checks",
    "carried_logs",
    "carried_log_lines",
];

/// An export that was read and verified.
pub struct Exported {
    pub manifest: Manifest,
    pub manifest_sha256: String,
    files: Files,
    /// The key of the log that came along.
    pub vkey: String,
}

impl Exported {
    /// Reads the files that the manifest names, each of which must have its hash; the
    /// log must verify against the key beside it.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let open = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path)
                .map_err(|error| Error::fault(path.display().to_string(), error.to_string()))
        };
        let text = open("manifest.json")?;
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|error| Error::fault("manifest.json", error.to_string()))?;
        if manifest.form != FORM {
            return Err(Error::fault(
                "manifest.json",
                format!(
                    "The form {} is not {FORM}, which this version reads.",
                    manifest.form
                ),
            ));
        }
        let mut files = BTreeMap::new();
        for (name, hash) in &manifest.files {
            if name.starts_with('/') || name.split('/').any(|part| part == "..") {
                return Err(Error::fault(
                    "manifest.json",
                    format!("{name} is outside the folder."),
                ));
            }
            let bytes = open(name)?;
            if sha256_hex(&bytes) != *hash {
                return Err(Error::conflict(format!(
                    "{name} is not what was exported: its hash differs. Nothing was imported."
                )));
            }
            files.insert(name.clone(), bytes);
        }
        let vkey = verified_log(&manifest, &files)?;
        Ok(Self {
            manifest_sha256: sha256_hex(&text),
            manifest,
            files,
            vkey,
        })
    }

    /// The rows of each table, read as this version's tables are.
    pub fn rows(&self, desk: &Desk, left_out: &[&str]) -> Result<Rows, Error> {
        let is_left = |name: &str| left_out.contains(&name) || carry::LEFT_OUT.contains(&name);
        let wanted = self.manifest.tables.keys();
        let wanted = wanted.filter(|name| !is_left(name) && !is_the_engines(name));
        self.rows_of(desk, wanted)
    }

    /// The rows of these tables.
    pub fn rows_of<'n>(
        &self,
        desk: &Desk,
        names: impl Iterator<Item = &'n String>,
    ) -> Result<Rows, Error> {
        let known = desk
            .database
            .read(|store| tables(store, desk.database.is_embedded()))?;
        let mut rows = Vec::new();
        for name in names {
            let file = format!("tables/{name}.jsonl");
            let Some(table) = known.iter().find(|table| table.name == *name) else {
                return Err(Error::fault(
                    file,
                    format!(
                        "This version has no such table. Import with version {}.",
                        self.manifest.version
                    ),
                ));
            };
            let bytes = self.files.get(&file).map(Vec::as_slice).unwrap_or_default();
            let found = read_lines(table, &file, &mut BufReader::new(bytes))?;
            let count = self.manifest.tables.get(name).copied().unwrap_or(0);
            if found.len() as u64 != count {
                return Err(Error::fault(
                    file,
                    format!("It does not have {count} rows."),
                ));
            }
            rows.push((table.clone(), found));
        }
        Ok(rows)
    }

    /// What `trust.import_workspace` is told of it.
    pub fn input(&self, rows: &Rows) -> Result<Vec<u8>, Error> {
        let manifest = &self.manifest;
        let counts: BTreeMap<&str, usize> = rows
            .iter()
            .map(|(table, rows)| (table.name.as_str(), rows.len()))
            .collect();
        let input = json!({
            "from_workspace": manifest.workspace.id, "from_name": manifest.workspace.name,
            "exported_at": manifest.created_at, "manifest_sha256": self.manifest_sha256,
            "tables": counts,
            "log": {
                "origin": manifest.log.origin, "vkey": self.vkey,
                "records": manifest.log.records, "checkpoint": manifest.log.checkpoint,
            },
        });
        serde_json::to_vec(&input).map_err(Error::ours)
    }

    /// What is loaded with that command.
    pub fn carrying(&self, rows: Rows, is_embedded: bool) -> Carrying {
        let log = self.files.get("audit.jsonl").cloned().unwrap_or_default();
        Carrying {
            load: Box::new(move |store| {
                let loading = Loading {
                    first: carry::FIRST,
                    last: carry::LAST,
                    late: carry::LATE,
                };
                load(store, &Registry::new(&FEATURES), loading, rows, is_embedded)
            }),
            finish: Box::new(move |tx| {
                carry::index_anew(tx)?;
                keep_log(tx, &String::from_utf8_lossy(&log))
            }),
        }
    }

    /// Makes the reports anew: they must be the same bytes, and the books must check.
    pub fn compare(&self, ask: Ask<'_>) -> Result<(), Error> {
        for (file, report) in &self.manifest.reports {
            if self.files.get(file) != Some(&whole_report(ask, report)?) {
                return Err(Error::ours(format!(
                    "{file} is not the same after the import. Do not use this workspace; report this."
                )));
            }
        }
        let checked = ask("books.check_balances", &json!({}), "json")?;
        if checked["good"] == json!(true) {
            return Ok(());
        }
        let difference = checked["difference"].as_str().unwrap_or_default();
        Err(Error::ours(format!(
            "The books do not check after the import: {difference}"
        )))
    }
}

fn verified_log(manifest: &Manifest, files: &Files) -> Result<String, Error> {
    let part = |name: &str| {
        let bytes = files.get(name).map(Vec::as_slice);
        bytes.ok_or_else(|| Error::fault("manifest.json", format!("{name} is not named.")))
    };
    let vkey = String::from_utf8_lossy(part("audit.vkey")?)
        .trim()
        .to_owned();
    let key = CheckpointKey::from_vkey(&vkey)
        .filter(|key| key.origin() == manifest.log.origin)
        .ok_or_else(|| Error::conflict("audit.vkey is not the key of the workspace's log."))?;
    let verdict = verify_export(&mut BufReader::new(part("audit.jsonl")?), &key, &[])?;
    if !verdict.is_whole() || verdict.signed != Some(manifest.log.records) {
        return Err(Error::conflict(format!(
            "The audit log of the export is not whole: {verdict}. Nothing was imported."
        )));
    }
    Ok(vkey)
}
