//! `cargo xtask bench`: Daybook measured beside a plain reference in the same run. It prints what
//! it saw and asserts nothing: a figure is read with the machine that made it in mind.

mod bare;
mod books;
mod cluster;
mod dice;
mod house;
mod identity;
mod import;
mod instance;
mod load;
mod memory;
mod neighbours;
mod pages;
mod postgres;
mod posting;
mod report;
mod reports;
mod settings;
mod stopwatch;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::report::Figure;
use crate::settings::{Bench, Cli, Hidden, Settings};

/// Whatever stops a bench is told to whoever runs it, in words.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help is no failure; clap knows which is which.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let run = match cli.hidden {
        Some(Hidden::Bare(bare)) => bare::serve(&bare),
        None => measure(&cli.settings),
    };
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error.to_string());
            ExitCode::from(5)
        }
    }
}

fn measure(settings: &Settings) -> Result<()> {
    let mut figures: Vec<Figure> = Vec::new();
    for bench in settings.chosen() {
        tell(&format!("{} …", bench.name()));
        figures.extend(run(bench, settings)?);
    }
    if settings.json {
        return report::print_json(&figures);
    }
    report::print_table(&figures)
}

fn run(bench: Bench, settings: &Settings) -> Result<Vec<Figure>> {
    match bench {
        Bench::Posting => posting::run(settings),
        Bench::Postgres => postgres::run(settings),
        Bench::Reports => reports::run(settings),
        Bench::Import => import::run(settings),
        Bench::Memory => memory::run(settings),
        Bench::Pages => pages::run(settings),
        Bench::Identity => identity::run(settings),
        Bench::Neighbours => neighbours::run(settings),
    }
}

/// Talk goes to standard error. That nobody listens is no reason to fail.
fn tell(message: &str) {
    let _ = writeln!(std::io::stderr(), "{message}");
}
