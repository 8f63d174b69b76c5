//! What is measured and how long; and where the parts beside Daybook lie.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::Result;

/// Measures Daybook beside plain references, on this machine.
#[derive(Parser)]
#[command(name = "cargo xtask bench", args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub hidden: Option<Hidden>,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Subcommand)]
pub enum Hidden {
    /// The reference server; the benches start it themselves.
    #[command(hide = true)]
    Bare(Bare),
}

#[derive(clap::Args, Default)]
pub struct Bare {
    /// Parameters of a connection to PostgreSQL: one transaction a request on it.
    #[arg(long)]
    pub postgres: Option<String>,
    #[arg(long, default_value_t = 32)]
    pub pool: usize,
    /// The folder of its certificate.
    #[arg(long, default_value = "")]
    pub tls: PathBuf,
}

#[derive(clap::Args)]
pub struct Settings {
    /// Which benches to run; all of them where none is named.
    pub names: Vec<Bench>,
    /// Print the figures as JSON.
    #[arg(long)]
    pub json: bool,
    /// How long each side is measured in each round.
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// How long each side is warmed up before that.
    #[arg(long, default_value_t = 2.0)]
    pub warm_up: f64,
    /// How often the sides take turns.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// Connections that post at once.
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    /// Connections of the PostgreSQL reference's pool.
    #[arg(long, default_value_t = 32)]
    pub pool: usize,
    /// Entries of the small ledger whose reports are timed.
    #[arg(long, default_value_t = 10_000)]
    pub small: u64,
    /// Entries of the large one.
    #[arg(long, default_value_t = 1_000_000)]
    pub large: u64,
    /// Entries of the imported journal.
    #[arg(long, default_value_t = 100_000)]
    pub journal: u64,
    /// Workspaces that are created and posted to once.
    #[arg(long, default_value_t = 1_000)]
    pub workspaces: usize,
    /// Seconds that a server idles before its memory is read.
    #[arg(long, default_value_t = 30)]
    pub idle: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Bench {
    Posting,
    Postgres,
    Reports,
    Import,
    Memory,
    Pages,
    Identity,
    Neighbours,
}

impl Bench {
    pub fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

impl Settings {
    pub fn chosen(&self) -> Vec<Bench> {
        if self.names.is_empty() {
            return Bench::value_variants().to_vec();
        }
        self.names.clone()
    }
}

/// `daybook` as it was built beside this program.
pub fn daybook() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("daybook");
    if path.exists() {
        return Ok(path);
    }
    let missing = path.display();
    Err(format!("{missing} is not there: cargo build --release -p daybook").into())
}

/// A fresh folder on the disk that the build lies on: a folder in memory would make every
/// commit free.
pub fn scratch() -> Result<tempfile::TempDir> {
    let program = std::env::current_exe()?;
    let beside = program.parent().ok_or("the program lies in no folder")?;
    Ok(tempfile::Builder::new()
        .prefix("bench-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(beside)?)
}

/// Where `scripts/parts` found a part, or the name under which it is on the path.
#[expect(
    clippy::disallowed_methods,
    reason = "scripts/parts names the parts in the environment, as for the tests"
)]
pub fn part(variable: &str, otherwise: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| otherwise.to_owned())
}
