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
    /// Open a company with a year of books, in a folder of its own.
    Demo(Demo),
    /// Run any operation; the answer is printed as JSON.
    Do(Do),
    /// The audit log.
    #[command(subcommand)]
    Audit(Audit),
    /// Bring in a journal, or a whole workspace.
    #[command(subcommand)]
    Import(Import),
    /// Write a workspace out: its journal, or all of it.
    Export(Export),
    /// Take a workspace back to what an export of it holds; the others go on.
    Restore(Restore),
    /// Move an instance from one store to the other, and prove it equal.
    Move(Move),
    /// Known vulnerabilities of what this program is made of.
    Advisories(Advisories),
    /// Whether the promises are kept: by tests that passed lately, and by looking.
    Check(Check),
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
    /// The address to serve at, by TLS; others reach it only with an origin set.
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
pub struct Demo {
    /// Its folder; it touches no other instance.
    #[arg(long)]
    pub data: Option<PathBuf>,
    #[arg(long, default_value = "127.0.0.1:8443")]
    pub listen: String,
    /// Throw the old demo away and begin anew.
    #[arg(long)]
    pub fresh: bool,
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

#[derive(Subcommand)]
pub enum Import {
    /// A plain-text journal of hledger, ledger or beancount.
    Journal(ImportJournal),
    /// A workspace from a folder that `daybook export --format full` wrote.
    Full(ImportFull),
}

#[derive(clap::Args)]
pub struct ImportJournal {
    pub file: PathBuf,
    #[arg(long)]
    pub data: PathBuf,
    #[arg(long)]
    pub workspace: String,
    /// Act as this person; else as the workspace's first Owner.
    #[arg(long = "as", value_name = "EMAIL")]
    pub person: Option<String>,
    /// Show what would come in, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(clap::Args)]
pub struct ImportFull {
    pub folder: PathBuf,
    #[arg(long)]
    pub data: PathBuf,
    /// The workspace to fill; it must be empty.
    #[arg(long)]
    pub workspace: String,
    /// Act as this person; else as the workspace's first Owner.
    #[arg(long = "as", value_name = "EMAIL")]
    pub person: Option<String>,
}

#[derive(clap::Args)]
pub struct Export {
    #[arg(long)]
    pub data: PathBuf,
    #[arg(long)]
    pub workspace: String,
    /// The folder to write to; it must be new or empty.
    #[arg(long)]
    pub to: PathBuf,
    #[arg(long, value_enum, default_value_t = ExportFormat::Full)]
    pub format: ExportFormat,
    /// Act as this person; else as the workspace's first Owner.
    #[arg(long = "as", value_name = "EMAIL")]
    pub person: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    Hledger,
    Beancount,
    Full,
}

#[derive(clap::Args)]
pub struct Restore {
    /// A folder that `daybook export --format full` wrote.
    pub folder: PathBuf,
    #[arg(long)]
    pub data: PathBuf,
    /// The workspace that goes back; the server may be running.
    #[arg(long)]
    pub workspace: String,
    /// Whose rights hold then; `exported` only where those of now cannot be read.
    #[arg(long, value_enum, default_value_t = Members::Now)]
    pub members: Members,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Members {
    /// As they are now.
    Now,
    /// As the export has them, of those who are still listed.
    Exported,
}

#[derive(clap::Args)]
pub struct Move {
    /// A data folder, `embedded:FOLDER`, or `postgres://…`.
    #[arg(long)]
    pub from: String,
    /// A data folder, `embedded:FOLDER`, or `postgres://…`; it must hold nothing.
    #[arg(long)]
    pub to: String,
    /// The data folder with the keys; for two folders, that of `--from`.
    #[arg(long)]
    pub data: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct Advisories {
    #[arg(long)]
    pub data: PathBuf,
    /// An archive (.tar.gz) of RustSec's advisory database; else it is asked for where the
    /// setting advisories.source says.
    #[arg(long)]
    pub from: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct Check {
    /// Rows such as AUTH-01; all where none is named.
    pub rows: Vec<String>,
    /// An instance to look at; what is found is recorded for its trust page.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Which tests passed and when, as the test run wrote it; else passes.json in
    /// the data folder.
    #[arg(long)]
    pub evidence: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}
