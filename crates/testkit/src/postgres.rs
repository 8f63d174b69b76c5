//! A real PostgreSQL for the tests of one process: a cluster in a folder of its
//! own, reached by a socket in that folder and by no network, stopped and
//! removed when the process ends, however it ends. And one that is reached by a
//! network, as one on another machine is.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use postgres::{Client, NoTls};

use crate::{Authority, Pair, until};

/// Starts the server, says so, waits until whoever started it is gone, and
/// clears up. What is under test is not the disk, so nothing is synced to it.
const KEEPER: &str = r#"
"$1/initdb" -D "$2/data" -U daybook -A trust -E UTF8 --no-locale --no-sync >"$2/log" 2>&1 &&
printf '%s\n' "local all all trust" "host all all 127.0.0.1/32 scram-sha-256" >"$2/data/pg_hba.conf" &&
"$1/pg_ctl" -D "$2/data" -w -l "$2/log" -o "-k $2 $3 -c fsync=off -c full_page_writes=off \
    -c synchronous_commit=off -c max_connections=300 -c shared_buffers=32MB -c log_statement=none" \
    start >>"$2/log" 2>&1 &&
echo ready
read -r _
"$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null 2>&1
rm -rf "$2"
"#;

/// No network reaches it.
const BY_SOCKET: &str = "-c listen_addresses=";
/// By which its socket is named then.
const USUAL_PORT: u16 = 5432;

pub struct Cluster {
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    _keeper: Child,
}

static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(BY_SOCKET, USUAL_PORT));

impl Cluster {
    pub fn shared() -> &'static Self {
        &CLUSTER
    }

    fn start(options: &str, port: u16) -> Self {
        let bin =
            part("DAYBOOK_TEST_PG_BIN").expect("DAYBOOK_TEST_PG_BIN; run `scripts/parts test`");
        let folder = tempfile::Builder::new()
            .prefix("daybook-pg-")
            .tempdir()
            .expect("a folder")
            .keep();
        let mut keeper = Command::new("/bin/sh");
        keeper.args(["-c", KEEPER, "keeper", &bin]).arg(&folder);
        keeper.arg(options.replace("FOLDER", &folder.display().to_string()));
        if let Some((user, group)) = owner() {
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
        Self {
            folder,
            port,
            databases: AtomicU32::new(0),
            _keeper: keeper,
        }
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
            "host={} port={} user=daybook dbname={database}",
            self.folder.display(),
            self.port
        )
    }

    /// A connection of the cluster's own superuser.
    pub fn client(&self, database: &str) -> Client {
        Client::connect(&self.url(database), NoTls).expect("a connection")
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// A cluster that shows a certificate of the stories' authority and asks for a
/// password. In the clear it would answer too: it is for Daybook not to ask.
pub struct NetworkCluster {
    cluster: Cluster,
}

impl NetworkCluster {
    pub const PASSWORD: &str = "the-database-servers-own-password";

    pub fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
        let port = free.expect("a port").port();
        let options = format!("-c listen_addresses=127.0.0.1 -c port={port}");
        let started = Self {
            cluster: Cluster::start(&options, port),
        };
        started.show(Authority::shared().here());
        started.set(&[("ssl", "on")]);
        // No more than the documentation asks for.
        let password = Self::PASSWORD;
        started.say(&format!(
            "CREATE ROLE served LOGIN CREATEROLE PASSWORD '{password}'"
        ));
        started
    }

    /// A new database, as settings name it by this host.
    pub fn address(&self, host: &str) -> String {
        let database = self.cluster.make_database();
        self.say(&format!("ALTER DATABASE {database} OWNER TO served"));
        let (password, port) = (Self::PASSWORD, self.cluster.port);
        format!("postgres://served:{password}@{host}:{port}/{database}")
    }

    pub const fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    pub const fn port(&self) -> u16 {
        self.cluster.port
    }

    /// Another certificate, from the next connection on.
    pub fn show(&self, pair: &Pair) {
        let folder = tempfile::Builder::new()
            .prefix("shown-")
            .tempdir_in(&self.cluster.folder);
        let folder = folder.expect("a folder").keep();
        pair.write(&folder);
        give(&folder);
        let file = |name| folder.join(name).display().to_string();
        let (certificate, key) = (file("cert.pem"), file("key.pem"));
        self.set(&[("ssl_cert_file", &certificate), ("ssl_key_file", &key)]);
    }

    /// Settings of the server, from the next connection on.
    pub fn set(&self, settings: &[(&str, &str)]) {
        for (name, value) in settings {
            self.say(&format!("ALTER SYSTEM SET {name} = '{value}'"));
        }
        self.say("SELECT pg_reload_conf()");
        until("the server reads its settings again", || {
            let mut client = self.cluster.client("postgres");
            settings.iter().all(|(name, value)| {
                let shown = client.query_one(&format!("SHOW {name}"), &[]);
                shown.expect("a setting").get::<_, &str>(0) == *value
            })
        });
    }

    fn say(&self, sql: &str) {
        let mut client = self.cluster.client("postgres");
        client.batch_execute(sql).expect("an answer");
    }
}

/// As whom the server runs, where that is somebody else.
fn owner() -> Option<(u32, u32)> {
    let number = |name| part(name).map(|text| text.parse::<u32>().expect("a number"));
    number("DAYBOOK_TEST_PG_UID").zip(number("DAYBOOK_TEST_PG_GID"))
}

/// Gives the folder and the certificate in it to that user.
fn give(folder: &Path) {
    if let Some((user, group)) = owner() {
        for path in [folder, &folder.join("cert.pem"), &folder.join("key.pem")] {
            std::os::unix::fs::chown(path, Some(user), Some(group)).expect("chown");
        }
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
