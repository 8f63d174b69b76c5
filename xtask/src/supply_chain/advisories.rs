//! The advisories of the `RustSec` project, as data in this repository: a build is checked without the
//! network, against data whose date is known.

use std::{fs, path::Path};

use daybook_supply_chain::{Data, Defect, Lockfile, PutOff};

use super::LOCK;
use crate::{Finding, date};

pub const ARCHIVE: &str = "supply-chain/advisory-db.tar.gz";
/// Says the date of the data, for people to see without unpacking it.
pub const ABOUT: &str = "supply-chain/advisory-db.toml";
pub const PUT_OFF: &str = "supply-chain/ignored.toml";
/// An advisory is put off for a while and never for good.
const PUT_OFF_DAYS_MAX: i64 = 366;

pub fn open(root: &Path) -> Result<Data, String> {
    let archive = fs::read(root.join(ARCHIVE)).map_err(|error| format!("{ARCHIVE}: {error}"))?;
    Data::read(&archive).map_err(|why| format!("{ARCHIVE}: {why}"))
}

/// Refuses every package with a vulnerability, and every one that is unsound: both are defects.
/// That a package is no longer maintained is no defect yet, so it is told by [`warnings`].
pub fn check(data: &Data, lock: &Lockfile, put_off: &PutOff, today: &str) -> Vec<Finding> {
    let defects = data.defects(lock);
    let mut findings = check_put_off(put_off, &defects, today);
    for defect in &defects {
        let Defect {
            advisory,
            package,
            version,
            title,
        } = defect;
        if !put_off.entries.iter().any(|entry| entry.id == *advisory) {
            let what = format!("{package} {version} has {advisory}: {title}");
            findings.push(Finding::whole(LOCK, what));
        }
    }
    findings
}

/// Packages that are no longer maintained, with the advisory that says so.
pub fn warnings(data: &Data, lock: &Lockfile) -> Vec<String> {
    let tell = |it: &Defect| format!("{} is no longer maintained ({})", it.package, it.advisory);
    data.unmaintained(lock).iter().map(tell).collect()
}

fn check_put_off(put_off: &PutOff, defects: &[Defect], today: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for entry in &put_off.entries {
        let mut add = |what: String| findings.push(Finding::whole(PUT_OFF, what));
        match date::days_between(today, &entry.expires_on) {
            _ if !date::is_date(&entry.expires_on) => {
                add(format!("{} expires on no date", entry.id));
            }
            Some(days) if days < 0 => add(format!(
                "{} was put off until {}: decide anew",
                entry.id, entry.expires_on
            )),
            Some(days) if days > PUT_OFF_DAYS_MAX => {
                add(format!("{} is put off for more than a year", entry.id));
            }
            _ => {}
        }
        if !defects.iter().any(|defect| defect.advisory == entry.id) {
            add(format!(
                "{} touches no package of ours: delete the entry",
                entry.id
            ));
        }
    }
    findings
}
