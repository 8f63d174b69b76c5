//! One file a verb.

mod advisories;
mod audit;
mod check;
mod demo;
mod export;
mod import;
mod init;
mod journal;
mod look;
mod mail;
mod operation;
mod probes;
mod relocate;
mod restore;
mod secrets;
mod serve;

use std::io::Write as _;

use crate::cli::{self, Command};
use crate::failure::Failure;

pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Init(args) => init::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Do(args) => operation::run(args),
        Command::Audit(cli::Audit::Verify(args)) => audit::verify(args),
        Command::Import(cli::Import::Journal(args)) => journal::run(args),
        Command::Import(cli::Import::Full(args)) => import::run(args),
        Command::Export(args) => export::run(args),
        Command::Restore(args) => restore::run(&args),
        Command::Move(args) => relocate::run(args),
        Command::Advisories(args) => advisories::run(&args),
        Command::Check(args) => check::run(args),
    }
}

/// Talk goes to standard error. That nobody listens is no reason to fail.
pub fn tell(message: &str) {
    let _ = writeln!(std::io::stderr(), "{message}");
}

/// Data goes to standard output.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}
