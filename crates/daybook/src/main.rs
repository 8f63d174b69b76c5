//! `daybook`: the server and its command line in one program. Data goes to
//! standard output, talk to standard error.

mod cli;
mod commands;
mod confinement;
mod demo;
mod edge;
mod failure;
mod outside;
mod reach;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;
use daybook::features;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no failure; clap knows which is which.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match commands::run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            commands::tell(&failure.message);
            ExitCode::from(failure.code)
        }
    }
}
