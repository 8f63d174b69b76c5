//! `daybook check`: whether each promise is kept. A row that tests keep needs a
//! run of them that passed lately; a row that can be seen in an instance is looked
//! at as well. What is found is recorded in every workspace, for its trust page.
//!
//! No evidence is compiled in: a program is built before its tests pass, and what
//! it said of itself would be green for ever.

use std::path::Path;

use daybook_engine::keys::SystemClock;
use daybook_kernel::Clock as _;
use daybook_trust::promises::{CATALOGUE, Check as Kind, Promise};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::look::Look;
use super::probes;
use super::{print, tell};
use crate::cli::Check;
use crate::failure::Failure;
use crate::reach::Ask;

/// What the test run wrote.
#[derive(Deserialize)]
struct Evidence {
    passed_at: Timestamp,
    tests: Vec<String>,
}

/// One row, as it is printed.
#[derive(Serialize)]
struct Found {
    row: &'static str,
    kept: bool,
    by: String,
    passed_at: Option<String>,
    why: String,
}

pub fn run(args: Check) -> Result<(), Failure> {
    let chosen = chosen(&args.rows)?;
    let evidence = evidence(args.evidence.as_deref(), args.data.as_deref())?;
    let look = args.data.as_deref().map(Look::open).transpose()?;
    let now = SystemClock.now();
    let found: Vec<Found> = chosen
        .iter()
        .map(|promise| judge(promise, evidence.as_ref(), look.as_ref(), now))
        .collect();
    let text =
        serde_json::to_string_pretty(&found).map_err(|error| Failure::ours(error.to_string()))?;
    if let (Some(look), Some(data)) = (&look, &args.data) {
        record(look, &chosen, &found)?;
        std::fs::write(data.join("checks.json"), format!("{text}\n"))?;
    }
    if args.json {
        print(&text)?;
    } else {
        print(&lines(&found))?;
    }
    let claimed = chosen
        .iter()
        .zip(&found)
        .filter(|(promise, _)| promise.is_claimed());
    let broken: Vec<&str> = claimed
        .filter(|(_, found)| !found.kept)
        .map(|(promise, _)| promise.row)
        .collect();
    let books = look.as_ref().map_or(Ok(()), probes::books_check);
    if let Err(why) = &books {
        tell(why);
    }
    if broken.is_empty() && books.is_ok() {
        return Ok(());
    }
    Err(Failure::refused(format!("Not kept: {}", broken.join(", "))))
}

fn chosen(rows: &[String]) -> Result<Vec<&'static Promise>, Failure> {
    if rows.is_empty() {
        return Ok(CATALOGUE.iter().collect());
    }
    let find = |row: &String| {
        let mut all = CATALOGUE.iter();
        all.find(|promise| promise.row.eq_ignore_ascii_case(row))
            .ok_or_else(|| Failure::usage(format!("The catalogue has no row {row}.")))
    };
    rows.iter().map(find).collect()
}

fn evidence(file: Option<&Path>, data: Option<&Path>) -> Result<Option<Evidence>, Failure> {
    let path = match (file, data.map(|data| data.join("passes.json"))) {
        (Some(file), _) => file.to_owned(),
        (None, Some(kept)) if kept.exists() => kept,
        _ => return Ok(None),
    };
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    let evidence = serde_json::from_str(&text)
        .map_err(|error| Failure::faults(format!("{}: {error}", path.display())))?;
    Ok(Some(evidence))
}

fn judge(
    promise: &Promise,
    evidence: Option<&Evidence>,
    look: Option<&Look>,
    now: Timestamp,
) -> Found {
    let not = |by: &str, why: &str| Found {
        row: promise.row,
        kept: false,
        by: by.to_owned(),
        passed_at: None,
        why: why.to_owned(),
    };
    match promise.check {
        Kind::Later => not("", "not yet built"),
        Kind::Evidence { expires } => not(
            "",
            &format!("nobody's evidence is recorded; what there was ends on {expires}"),
        ),
        Kind::Test {
            names,
            max_age_days,
        } => {
            let by = format!("tests {}", names.join(", "));
            if let Err(why) = passed(evidence, names, max_age_days, now) {
                return not(&by, &why);
            }
            let at = evidence.map_or(now, |evidence| evidence.passed_at);
            seen(promise, look, &by, at).unwrap_or_else(|why| not(&by, &why))
        }
        Kind::Probe { name, .. } => {
            let by = format!("probe {name}");
            match look.map(|look| look.at(promise.row)) {
                None => not(&by, "no instance was looked at; name one with --data"),
                Some(None) => not(&by, "this version has no such probe"),
                Some(Some((_, Err(why)))) => not(&by, &why),
                Some(Some((_, Ok(())))) => kept(promise, by, now),
            }
        }
    }
}

fn kept(promise: &Promise, by: String, at: Timestamp) -> Found {
    Found {
        row: promise.row,
        kept: true,
        by,
        passed_at: Some(at.to_string()),
        why: String::new(),
    }
}

/// Whether every test passed in a run that is young enough, and not of tomorrow.
fn passed(
    evidence: Option<&Evidence>,
    names: &[&str],
    max_age_days: i64,
    now: Timestamp,
) -> Result<(), String> {
    let evidence =
        evidence.ok_or("no test run is at hand; name its passes.json with --evidence")?;
    let age_seconds = now.as_second() - evidence.passed_at.as_second();
    if !(0..=max_age_days * 86_400).contains(&age_seconds) {
        return Err(format!(
            "the test run of {} is not of the last {max_age_days} days",
            evidence.passed_at
        ));
    }
    let missing = names
        .iter()
        .find(|name| !evidence.tests.iter().any(|test| test == *name));
    match missing {
        None => Ok(()),
        Some(name) => Err(format!("the test {name} did not pass")),
    }
}

/// A row that tests keep is also looked at where it can be seen.
fn seen(promise: &Promise, look: Option<&Look>, by: &str, at: Timestamp) -> Result<Found, String> {
    match look.and_then(|look| look.at(promise.row)) {
        None => Ok(kept(promise, by.to_owned(), at)),
        Some((name, Ok(()))) => Ok(kept(promise, format!("{by}; probe {name}"), at)),
        Some((name, Err(why))) => Err(format!(
            "the tests passed, and the probe {name} found: {why}"
        )),
    }
}

fn record(look: &Look, chosen: &[&Promise], found: &[Found]) -> Result<(), Failure> {
    let claimed: Vec<&Found> = chosen
        .iter()
        .zip(found)
        .filter(|(promise, _)| promise.is_claimed())
        .map(|(_, found)| found)
        .collect();
    let checks: Vec<_> = claimed
        .iter()
        .map(|found| {
            let mut check = json!({
                "row": found.row, "kept": found.kept, "by": found.by, "why": found.why,
            });
            if let Some(at) = &found.passed_at {
                check["passed_at"] = json!(at);
            }
            check
        })
        .collect();
    for workspace in look.app.engine.workspaces()? {
        look.reach.ask(Ask {
            operation: "trust.record_checks",
            workspace: Some(&workspace.slug),
            person: None,
            input: json!({"checks": checks}),
            format: "json",
        })?;
    }
    Ok(())
}

fn lines(found: &[Found]) -> String {
    let lines = found.iter().map(|found| {
        let word = if found.kept { "kept" } else { "not kept" };
        let rest = if found.kept { &found.by } else { &found.why };
        format!("{:10} {word:8}  {rest}", found.row)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn evidence(passed_at: &str) -> Evidence {
        Evidence {
            passed_at: passed_at.parse().unwrap(),
            tests: vec!["one".to_owned()],
        }
    }

    #[test]
    fn a_row_is_green_by_a_fresh_pass_of_all_its_tests_alone() {
        let now = "2026-06-15T12:00:00Z".parse().unwrap();
        for (at, names, good) in [
            ("2026-06-15T11:00:00Z", &["one"][..], true),
            ("2026-06-08T12:00:00Z", &["one"], true),
            ("2026-06-08T11:59:59Z", &["one"], false),
            ("2026-06-15T12:00:01Z", &["one"], false),
            ("2026-06-15T11:00:00Z", &["one", "two"], false),
        ] {
            let found = passed(Some(&evidence(at)), names, 7, now);
            assert_eq!(found.is_ok(), good, "{at} {names:?}");
        }
        assert!(passed(None, &["one"], 7, now).is_err());
    }

    #[test]
    fn every_row_is_judged_and_a_later_one_is_not_kept() {
        let now = "2026-06-15T12:00:00Z".parse().unwrap();
        let found: Vec<Found> = CATALOGUE
            .iter()
            .map(|promise| judge(promise, None, None, now))
            .collect();
        assert_eq!(found.len(), 186);
        assert!(
            found
                .iter()
                .all(|found| !found.kept && !found.why.is_empty())
        );
        assert!(found.iter().any(|found| found.why == "not yet built"));
    }
}
