//! Importing a journal into a fresh encrypted instance, from the command to its end, beside the time
//! in which hledger reads the same file.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::books::{self, DAYS};
use crate::dice::Dice;
use crate::instance::Instance;
use crate::report::Figure;
use crate::settings::{self, Settings, part};
use crate::stopwatch::{median, time};
use crate::{Result, tell};

const ACCOUNTS: u64 = 1_000;

pub fn run(settings: &Settings) -> Result<Vec<Figure>> {
    let folder = settings::scratch()?;
    let file = folder.path().join("bench.journal");
    std::fs::write(&file, journal(settings.journal)?)?;
    let mut rounds = Vec::new();
    for number in 1..=settings.rounds {
        let hledger = read_by_hledger(&file)?;
        let daybook = import_by_daybook(&file)?;
        tell(&format!(
            "  round {number}: hledger {hledger:.2} s, daybook {daybook:.2} s"
        ));
        rounds.push([hledger, daybook]);
    }
    let middle = |of: fn(&[f64; 2]) -> f64| median(rounds.iter().map(of).collect());
    let what = format!("journal of {} entries", settings.journal);
    let figure = Figure::new("import", what, "s", middle(|[_, daybook]| *daybook))
        .beside(
            "hledger stats",
            middle(|[hledger, _]| *hledger),
            middle(|[hledger, daybook]| daybook / hledger),
        )
        .goal("at most 1");
    Ok(vec![figure])
}

/// A journal as hledger writes one: in order of date, with the currency after the amount.
fn journal(entries: u64) -> Result<String> {
    let mut text = String::new();
    let mut dice = Dice::new(5);
    for number in 0..entries {
        let from = dice.below(ACCOUNTS);
        let to = (from + 1 + dice.below(ACCOUNTS - 1)) % ACCOUNTS;
        let (whole, cents) = (1 + dice.below(9_000), dice.below(100));
        let day = books::day(number * DAYS / entries);
        writeln!(text, "{day} * Delivery {number}")?;
        writeln!(
            text,
            "    Assets:Bank:{}    {whole}.{cents:02} EUR",
            books::code(to)
        )?;
        writeln!(
            text,
            "    Assets:Bank:{}   -{whole}.{cents:02} EUR\n",
            books::code(from)
        )?;
    }
    Ok(text)
}

fn read_by_hledger(file: &Path) -> Result<f64> {
    let mut command = Command::new(part("DAYBOOK_TEST_HLEDGER", "hledger"));
    command.arg("stats").arg("-f").arg(file);
    seconds(command)
}

/// The instance is made before the clock starts: nobody makes one for each import.
fn import_by_daybook(file: &Path) -> Result<f64> {
    let instance = Instance::make(None)?;
    let mut command = Command::new(settings::daybook()?);
    command.args(["import", "journal"]).arg(file);
    command.arg("--data").arg(instance.data());
    command.args(["--workspace", &instance.workspace]);
    seconds(command)
}

fn seconds(mut command: Command) -> Result<f64> {
    let name = command.get_program().display().to_string();
    let command = command.stdin(Stdio::null());
    let (ended, took) = time(|| command.output());
    let ended = ended.map_err(|error| format!("{name}: {error}"))?;
    if ended.status.success() {
        return Ok(took.as_secs_f64());
    }
    Err(format!("{name}: {}", String::from_utf8_lossy(&ended.stderr)).into())
}
