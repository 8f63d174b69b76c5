//! `cargo xtask COMMAND`: what a developer runs beside the build.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use xtask::{Finding, Tree, breached, date, finding, passes, promises, supply_chain, tidy};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  ci             everything that must hold before a change lands (make test)
  crash --rounds N  kill the server N times, and look for what it had acknowledged
  tidy           the house rules, on the tree as it lies here
  promises       the form of the catalogue in promises/
  passes LOG OUT the tests that passed in LOG, as the evidence that promises are shown with
  breached       makes the list of passwords that attackers try first, of its words
  supply-chain   checksums, sources, licences and advisories of every package
  scan           outside scanners on a served instance: sslyze, Mozilla's Observatory, schemathesis
  faketime       promises that name a time, by a release binary under libfaketime
  bench [NAME…]  measures Daybook beside its references (docs/performance.md); --help tells more
";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let answer = match command.as_str() {
        "ci" => ci(),
        "crash" => crash(),
        "tidy" => tidy_tree().and_then(|findings| report(&findings, "The house rules hold.")),
        "promises" => tree().and_then(|tree| {
            report(
                &promises::check(&tree),
                "The catalogue is whole, and its tests exist.",
            )
        }),
        "passes" => record_passes(),
        "supply-chain" => check_supply_chain(),
        "breached" => write_breached(),
        "scan" => scan(),
        "faketime" => faketime(),
        "bench" => bench(),
        _ => {
            let told = io::stderr().write_all(USAGE.as_bytes());
            return if told.is_ok() {
                ExitCode::from(2)
            } else {
                ExitCode::FAILURE
            };
        }
    };
    match answer {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let told = writeln!(io::stderr(), "{why}");
            ExitCode::from(if told.is_ok() { 3 } else { 5 })
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(PathBuf::new, Path::to_path_buf)
}

fn tree() -> Result<Tree, String> {
    Tree::read(&root()).map_err(|error| format!("the tree cannot be read: {error}"))
}

fn ci() -> Result<(), String> {
    let status = Command::new("make")
        .arg("test")
        .current_dir(root())
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("make test ended with {status}")),
        Err(error) => Err(format!("make did not start: {error}")),
    }
}

/// What is built in, for instances without a list of their own.
fn write_breached() -> Result<(), String> {
    let words = fs::read_to_string(root().join(breached::WORDS))
        .map_err(|error| format!("{}: {error}", breached::WORDS))?;
    fs::write(root().join(breached::LIST), breached::list(&words))
        .map_err(|error| format!("{}: {error}", breached::LIST))
}

/// The kill loop of the tests, for longer than a test may take.
fn crash() -> Result<(), String> {
    let mut arguments = std::env::args().skip(2);
    let rounds = match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => "200".to_owned(),
        (Some("--rounds"), Some(rounds)) => rounds,
        _ => return Err("cargo xtask crash --rounds N".to_owned()),
    };
    let status = Command::new("cargo")
        .args(["test", "--locked", "-p", "daybook", "--test", "durability"])
        .args(["kill::", "--", "--nocapture"])
        .env("DAYBOOK_CRASH_ROUNDS", rounds)
        .current_dir(root())
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the kill loop ended with {status}")),
        Err(error) => Err(format!("cargo did not start: {error}")),
    }
}

fn tidy_tree() -> Result<Vec<Finding>, String> {
    let mut findings = tidy::all(&tree()?);
    findings.extend(tidy::arrows::check(&supply_chain::metadata(
        &root(),
        &["--no-deps", "--offline"],
    )?));
    findings.extend(tidy::features::check(&root())?);
    Ok(findings)
}

fn record_passes() -> Result<(), String> {
    let mut paths = std::env::args().skip(2);
    let (Some(log), Some(out)) = (paths.next(), paths.next()) else {
        return Err("cargo xtask passes LOG OUT".to_owned());
    };
    let text = fs::read_to_string(&log).map_err(|error| format!("{log}: {error}"))?;
    let record = passes::record(&text, &passes::commit(&root()), &date::now());
    fs::write(&out, format!("{record:#}\n")).map_err(|error| format!("{out}: {error}"))
}

fn check_supply_chain() -> Result<(), String> {
    let seen = supply_chain::check(&root(), &date::today())?;
    let age = seen.data_age_days.map_or_else(
        || "an unknown number of".to_owned(),
        |days| days.to_string(),
    );
    say(&format!(
        "{} packages against {} advisories",
        seen.packages, seen.advisories
    ))?;
    say(&format!(
        "The newest advisory in the data is of {}, {age} days ago.",
        seen.data_date
    ))?;
    for warning in &seen.warnings {
        say(&format!("Note: {warning}"))?;
    }
    report(
        &seen.findings,
        "Checksums, sources, licences and advisories are as they must be.",
    )
}

/// Builds what is shipped and lets others look at it; what they print is kept in docs/scans.
fn scan() -> Result<(), String> {
    cargo(&["build", "--release", "--locked", "-p", "daybook"])?;
    let status = Command::new("scripts/scan")
        .arg("target/release/daybook")
        .current_dir(root())
        .status();
    match status {
        Ok(status) if status.success() => say("The scanners found nothing."),
        Ok(_) => Err("a scanner found something: read docs/scans".to_owned()),
        Err(error) => Err(format!("scripts/scan did not start: {error}")),
    }
}

/// Builds what is shipped and moves its clock; what was seen is kept in docs/scans.
fn faketime() -> Result<(), String> {
    cargo(&["build", "--release", "--locked", "-p", "daybook"])?;
    let output = Command::new("scripts/faketime.py")
        .arg("target/release/daybook")
        .current_dir(root())
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("scripts/faketime.py did not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let kept = root().join("docs/scans/faketime.txt");
    fs::write(&kept, text.as_bytes()).map_err(|error| format!("{}: {error}", kept.display()))?;
    say(text.trim_end())?;
    if output.status.success() {
        return Ok(());
    }
    Err("a promise that names a time is not kept".to_owned())
}

/// Builds what is shipped and what measures it, and runs the latter.
fn bench() -> Result<(), String> {
    cargo(&["build", "--release", "--locked", "-p", "daybook"])?;
    let mut run = vec!["run", "--release", "--locked", "-p", "daybook-bench", "--"];
    let chosen: Vec<String> = std::env::args().skip(2).collect();
    run.extend(chosen.iter().map(String::as_str));
    cargo(&run)
}

fn cargo(arguments: &[&str]) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cargo {} ended with {status}", arguments[0])),
        Err(error) => Err(format!("cargo did not start: {error}")),
    }
}

fn report(findings: &[Finding], good: &str) -> Result<(), String> {
    if findings.is_empty() {
        say(good)
    } else {
        Err(finding::listed(findings))
    }
}

fn say(line: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{line}").map_err(|error| error.to_string())
}
