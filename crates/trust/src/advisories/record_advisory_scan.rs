//! Records what a scan found: opens a case for what is new, closes what is gone.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const NAME_CHARACTERS_MAX: usize = 128;
const TITLE_CHARACTERS_MAX: usize = 500;
/// The length of a SHA-256 in hex.
const DIGEST_CHARACTERS: usize = 64;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordAdvisoryScan {
    /// As of when the advisories are, such as 2026-01-31T12:00:00Z.
    data_at: String,
    /// How many advisories were read.
    advisories: i64,
    /// SHA-256 of the lock file of what was scanned, in hex.
    parts_digest: String,
    defects: Vec<DefectFound>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DefectFound {
    /// Such as RUSTSEC-2026-0178.
    advisory: String,
    package: String,
    version: String,
    title: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ScanRecorded {
    /// Advisories whose cases were opened by this scan.
    opened: Vec<String>,
    /// Advisories whose cases were closed by it.
    closed: Vec<String>,
    /// Cases that are open now.
    open: usize,
}

/// A case that is open.
#[derive(PartialEq, Eq)]
struct Case {
    advisory: String,
    package: String,
    version: String,
}

impl Command for RecordAdvisoryScan {
    const SPEC: Spec = Spec {
        name: "trust.record_advisory_scan",
        summary: "Record which known vulnerabilities a scan of this program found.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Internal,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    type Output = ScanRecorded;

    fn example() -> Self {
        Self {
            data_at: "2026-01-31T12:00:00Z".to_owned(),
            advisories: 1_000,
            parts_digest: "ab".repeat(DIGEST_CHARACTERS / 2),
            defects: vec![DefectFound {
                advisory: "RUSTSEC-2026-0178".to_owned(),
                package: "tokio-postgres".to_owned(),
                version: "0.7.10".to_owned(),
                title: "The host name of a certificate was not checked".to_owned(),
            }],
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        if self.data_at.parse::<Timestamp>().is_err() {
            faults.add("data_at", "Write an instant such as 2026-01-31T12:00:00Z.");
        }
        if self.advisories < 1 {
            faults.add("advisories", "A scan without advisories finds nothing.");
        }
        let is_digest = self.parts_digest.len() == DIGEST_CHARACTERS
            && self.parts_digest.bytes().all(|it| it.is_ascii_hexdigit());
        if !is_digest {
            faults.add("parts_digest", "Write a SHA-256 in hex.");
        }
        for (at, defect) in self.defects.iter().enumerate() {
            let field = |name: &str| format!("defects[{at}].{name}");
            faults.text(&field("advisory"), &defect.advisory, NAME_CHARACTERS_MAX);
            faults.text(&field("package"), &defect.package, NAME_CHARACTERS_MAX);
            faults.text(&field("version"), &defect.version, NAME_CHARACTERS_MAX);
            faults.text(&field("title"), &defect.title, TITLE_CHARACTERS_MAX);
        }
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<ScanRecorded>, Error> {
        let now = tx.now();
        let data_at: Timestamp = self.data_at.parse().map_err(Error::ours)?;
        // A clock that is ahead somewhere must not make data look fresh for ever.
        let data_at = data_at.min(now);
        let was_open = tx.all(
            "SELECT advisory, package, version FROM vulnerability_cases
             WHERE closed_at_ms IS NULL ORDER BY advisory, package, version",
            &[],
            |row| {
                Ok(Case {
                    advisory: row.text(0)?.to_owned(),
                    package: row.text(1)?.to_owned(),
                    version: row.text(2)?.to_owned(),
                })
            },
        )?;
        tx.run(
            "INSERT INTO advisory_scans (id, scanned_at_ms, data_at_ms, advisories, parts_digest)
             VALUES (1, $1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET scanned_at_ms = excluded.scanned_at_ms,
               data_at_ms = excluded.data_at_ms, advisories = excluded.advisories,
               parts_digest = excluded.parts_digest",
            &[
                now.as_millisecond().into(),
                data_at.as_millisecond().into(),
                self.advisories.into(),
                Param::Text(&self.parts_digest),
            ],
        )?;
        let opened = self.open_cases(tx, &was_open)?;
        let closed = self.close_cases(tx, &was_open)?;
        let recorded = ScanRecorded {
            opened,
            closed,
            open: self.defects.len(),
        };
        let change = Change::created("AdvisoryScan", now.as_millisecond(), &recorded);
        Ok(Done::new(recorded, change))
    }
}

impl RecordAdvisoryScan {
    /// Opens what was not open; a case that comes back is opened anew.
    fn open_cases(&self, tx: &mut Write<'_>, was_open: &[Case]) -> Result<Vec<String>, Error> {
        let now = tx.now().as_millisecond();
        let mut opened = Vec::new();
        for defect in &self.defects {
            if was_open.iter().any(|case| case.is_of(defect)) {
                continue;
            }
            tx.run(
                "INSERT INTO vulnerability_cases (advisory, package, version, title, opened_at_ms)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (advisory, package, version) DO UPDATE SET title = excluded.title,
                   opened_at_ms = excluded.opened_at_ms, closed_at_ms = NULL",
                &[
                    Param::Text(&defect.advisory),
                    Param::Text(&defect.package),
                    Param::Text(&defect.version),
                    Param::Text(&defect.title),
                    now.into(),
                ],
            )?;
            opened.push(defect.advisory.clone());
        }
        Ok(opened)
    }

    fn close_cases(&self, tx: &mut Write<'_>, was_open: &[Case]) -> Result<Vec<String>, Error> {
        let now = tx.now().as_millisecond();
        let mut closed = Vec::new();
        for case in was_open {
            if self.defects.iter().any(|defect| case.is_of(defect)) {
                continue;
            }
            tx.run(
                "UPDATE vulnerability_cases SET closed_at_ms = $4
                 WHERE advisory = $1 AND package = $2 AND version = $3",
                &[
                    Param::Text(&case.advisory),
                    Param::Text(&case.package),
                    Param::Text(&case.version),
                    now.into(),
                ],
            )?;
            closed.push(case.advisory.clone());
        }
        Ok(closed)
    }
}

impl Case {
    fn is_of(&self, defect: &DefectFound) -> bool {
        self.advisory == defect.advisory
            && self.package == defect.package
            && self.version == defect.version
    }
}
