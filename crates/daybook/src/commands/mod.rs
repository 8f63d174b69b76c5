//! One file a verb.

mod audit;
mod init;
mod operation;
mod serve;

use std::io::Write as _;

use crate::cli::{self, Command};
use crate::failure::Failure;

pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Init(args) => init::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Do(args) => operation::run(args),
        Command::Audit(cli::Audit::Verify(args)) => audit::verify(args),
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
