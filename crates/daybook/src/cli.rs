//! The command line's shape. `daybook do` has one verb per operation of the
//! registry; the rest runs the instance itself.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Books, clients, documents and messages of a business in one encrypted place.
#[derive(Parser)]
#[command(name = "daybook", version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str =
    "Exit codes: 0 done, 2 usage, 3 refused, 4 faults in the input, 5 our fault.";

#[derive(Subcommand)]
pub enum Command {
    /// Make an instance with its first person and workspace.
    Init(Init),
    /// Serve an instance.
    Serve(Serve),
    /// Run any operation; the answer is printed as JSON.
    Do(Do),
    /// The audit log.
    #[command(subcommand)]
    Audit(Audit),
}

#[derive(clap::Args)]
pub struct Init {
    /// The data folder; made if it is not there.
    #[arg(long)]
    pub data: PathBuf,
    /// The e-mail address of the first Owner.
    #[arg(long)]
    pub owner: String,
    /// The name of the first workspace.
    #[arg(long)]
    pub workspace: String,
    /// Read the Owner's password from standard input; without this one is made.
    #[arg(long)]
    pub password_stdin: bool,
    /// `postgres://…` for the store past one machine; written to daybook.toml.
    #[arg(long)]
    pub database: Option<String>,
}

#[derive(clap::Args)]
pub struct Serve {
    #[arg(long)]
    pub data: PathBuf,
    /// The address to serve at; loopback, as TLS stands before it.
    #[arg(long)]
    pub listen: Option<String>,
    /// `postgres://…` for the store past one machine.
    #[arg(long)]
    pub database: Option<String>,
    /// Any setting of daybook.toml, such as limits.requests_per_second=100.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

#[derive(clap::Args)]
pub struct Do {
    /// Such as books.trial_balance; `--list` names them all.
    #[arg(required_unless_present = "list")]
    pub operation: Option<String>,
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// The workspace, for operations inside one.
    #[arg(long)]
    pub workspace: Option<String>,
    /// Act as this person; else as the workspace's first Owner.
    #[arg(long = "as", value_name = "EMAIL")]
    pub person: Option<String>,
    /// The input as JSON; `-` reads it from standard input.
    #[arg(long, default_value = "{}")]
    pub input: String,
    /// How a report is written.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub format: Format,
    /// Name every operation with its sentence.
    #[arg(long)]
    pub list: bool,
    /// Show the operation's input, with an example.
    #[arg(long)]
    pub explain: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    Json,
    Csv,
    Text,
}

impl Format {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Text => "text",
        }
    }
}

#[derive(Subcommand)]
pub enum Audit {
    /// Prove that the log is whole, or name the first bad record.
    Verify(Verify),
}

#[derive(clap::Args)]
pub struct Verify {
    #[arg(long, required_unless_present = "export")]
    pub data: Option<PathBuf>,
    /// One workspace; else all of them and the instance.
    #[arg(long, requires = "data")]
    pub workspace: Option<String>,
    /// A folder that `daybook export --format full` wrote; needs no key.
    #[arg(long, conflicts_with = "data")]
    pub export: Option<PathBuf>,
}
