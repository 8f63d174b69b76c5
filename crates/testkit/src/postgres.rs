//! A real PostgreSQL for the tests of one process: a cluster in a folder of its
//! own, reached by a socket in that folder and by no network, stopped and
//! removed when the process ends, however it ends.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use postgres::{Client, NoTls};

/// Starts the server, says so, waits until whoever started it is gone, and
/// clears up. What is under test is not the disk, so nothing is synced to it.
const KEEPER: &str = r#"
"$1/initdb" -D "$2/data" -U daybook -A trust -E UTF8 --no-locale --no-sync >"$2/log" 2>&1 &&
"$1/pg_ctl" -D "$2/data" -w -l "$2/log" -o "-k $2 -c listen_addresses= -c fsync=off \
    -c full_page_writes=off -c synchronous_commit=off -c max_connections=300 -c shared_buffers=32MB \
    -c log_statement=none" start >>"$2/log" 2>&1 &&
echo ready
read -r _
"$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null 2>&1
rm -rf "$2"
"#;

pub struct Cluster {
    folder: PathBuf,
    databases: AtomicU32,
    opening: Mutex<()>,
    _keeper: Child,
}

static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

impl Cluster {
    pub fn shared() -> &'static Self {
        &CLUSTER
    }

    fn start() -> Self {
        let bin =
            part("DAYBOOK_TEST_PG_BIN").expect("DAYBOOK_TEST_PG_BIN; run `scripts/parts test`");
        let number = |name| part(name).map(|text| text.parse::<u32>().expect("a number"));
        let folder = tempfile::Builder::new()
            .prefix("daybook-pg-")
            .tempdir()
            .expect("a folder")
            .keep();
        let mut keeper = Command::new("/bin/sh");
        keeper.args(["-c", KEEPER, "keeper", &bin]).arg(&folder);
        if let (Some(user), Some(group)) =
            (number("DAYBOOK_TEST_PG_UID"), number("DAYBOOK_TEST_PG_GID"))
        {
            std::os::unix::fs::chown(&folder, Some(user), Some(group)).expect("chown");
            keeper.uid(user).gid(group);
        }
        keeper
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut keeper = keeper.spawn().expect("a shell");
        let mut line = String::new();
        let out = keeper.stdout.take().expect("its output");
        BufReader::new(out)
            .read_line(&mut line)
            .expect("its output");
        let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert_eq!(line.trim(), "ready", "PostgreSQL did not start:\n{}", log());
        let cluster = Self {
            folder,
            databases: AtomicU32::new(0),
            opening: Mutex::default(),
            _keeper: keeper,
        };
        // Roles are the cluster's; two instances that make this one at once collide.
        cluster
            .client("postgres")
            .batch_execute("CREATE ROLE daybook_instance NOLOGIN")
            .expect("a role");
        cluster
    }

    /// Makes a database, and answers with its name.
    pub fn make_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::SeqCst);
        let name = format!("t{number}");
        let sql = format!("CREATE DATABASE {name}");
        self.client("postgres")
            .batch_execute(&sql)
            .expect("a database");
        name
    }

    /// What Daybook is told of a database.
    pub fn url(&self, database: &str) -> String {
        format!(
            "host={} user=daybook dbname={database}",
            self.folder.display()
        )
    }

    /// A connection of the cluster's own superuser.
    pub fn client(&self, database: &str) -> Client {
        Client::connect(&self.url(database), NoTls).expect("a connection")
    }

    /// Grants of one role by two instances collide: one opens at a time.
    pub fn opening(&self) -> MutexGuard<'_, ()> {
        self.opening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// A part of the tests, by the environment or by what `scripts/parts` wrote.
pub fn part(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the parts of the tests are named in the environment"
    )]
    let told = std::env::var(name).ok();
    told.or_else(|| {
        let written = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/parts/env");
        let written = std::fs::read_to_string(written).ok()?;
        let line = written
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
        Some(line.to_owned())
    })
}
