//! A PostgreSQL of its own: made by `initdb` in a folder that vanishes, on a socket there, with the
//! durability that it has by default.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use postgres::{Client, NoTls};
use tempfile::TempDir;

use crate::Result;
use crate::settings::part;

pub struct Cluster {
    programs: PathBuf,
    /// Whom the server runs as, where we ourselves are root: it refuses that.
    owner: Option<(u32, u32)>,
    folder: TempDir,
}

impl Cluster {
    pub fn start() -> Result<Self> {
        let owner = match (
            part("DAYBOOK_TEST_PG_UID", "").parse(),
            part("DAYBOOK_TEST_PG_GID", "").parse(),
        ) {
            (Ok(user), Ok(group)) => Some((user, group)),
            _ => None,
        };
        // The path of a socket is short, so it lies in the system's own folder for such things.
        let cluster = Self {
            programs: part("DAYBOOK_TEST_PG_BIN", "").into(),
            owner,
            folder: tempfile::Builder::new().prefix("bench-").tempdir()?,
        };
        if let Some((user, group)) = owner {
            chown(cluster.folder.path(), Some(user), Some(group))?;
        }
        let initdb = [
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
        ];
        cluster.run("initdb", &initdb)?;
        let socket = cluster.folder.path().display();
        let options = format!("-k {socket} -c listen_addresses=''");
        let log = cluster.folder.path().join("log").display().to_string();
        cluster.run("pg_ctl", &["-w", "-l", &log, "-o", &options, "start"])?;
        Ok(cluster)
    }

    pub fn create_database(&self, name: &str) -> Result<()> {
        let mut client = Client::connect(&self.url("postgres"), NoTls)?;
        Ok(client.batch_execute(&format!("CREATE DATABASE {name}"))?)
    }

    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{socket}/{database}")
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-D").arg(self.folder.path().join("data"));
        command.args(arguments).current_dir(self.folder.path());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        // The server lives on with whatever it was given, so it is given a file and no pipe.
        let said = self.folder.path().join("said");
        let file = fs::File::create(&said)?;
        let status = command.stdout(file.try_clone()?).stderr(file).status();
        let status = status.map_err(|error| format!("{program}: {error}"))?;
        if status.success() {
            return Ok(());
        }
        Err(format!("{program}: {}", fs::read_to_string(said)?).into())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Its folder goes with it; what is left of a failed stop is only this process's own.
        let _ = self.run("pg_ctl", &["-m", "immediate", "stop"]);
    }
}
