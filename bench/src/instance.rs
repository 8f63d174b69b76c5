//! An instance of Daybook as anybody would run it: the release binary, made by `daybook init`,
//! served by `daybook serve`, set up through the socket in its folder.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use daybook_server::{LocalAnswer, LocalRequest};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::load::Target;
use crate::stopwatch::idle;
use crate::{Result, settings};

pub const OWNER: &str = "owner@example.com";
pub const PASSWORD: &str = "correct horse battery staple";

/// A data folder that vanishes with this value.
pub struct Instance {
    folder: TempDir,
    /// The workspace that it was made with.
    pub workspace: String,
}

/// A process that listens. It is killed with this value; what it kept is thrown away anyway.
pub struct Server {
    child: Child,
    pub target: Target,
    /// Of a server without a data folder: where its certificate is.
    certificates: Option<TempDir>,
}

/// The local door of a running server: what a person does at its command line.
pub struct Door {
    reader: BufReader<UnixStream>,
    writer: UnixStream,
}

impl Instance {
    pub fn make(database: Option<&str>) -> Result<Self> {
        let folder = settings::scratch()?;
        let data = folder.path().join("data");
        let mut init = Command::new(settings::daybook()?);
        init.arg("init").arg("--data").arg(&data);
        init.args(["--owner", OWNER, "--workspace", "Bench", "--password-stdin"]);
        if let Some(database) = database {
            init.args(["--database", database]);
        }
        let mut child = init
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(PASSWORD.as_bytes())?;
        }
        let ended = child.wait_with_output()?;
        if !ended.status.success() {
            let why = String::from_utf8_lossy(&ended.stderr).into_owned();
            return Err(format!("daybook init: {why}").into());
        }
        let made: Value = serde_json::from_slice(&ended.stdout)?;
        let workspace = made["slug"].as_str().unwrap_or_default().to_owned();
        Ok(Self { folder, workspace })
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Serves it with every guard on; the limits are there, and higher than any load here.
    pub fn serve(&self) -> Result<Server> {
        self.serve_limited(1_000_000)
    }

    /// The same, with so many requests a second for one caller.
    pub fn serve_limited(&self, per_second: u32) -> Result<Server> {
        let mut serve = Command::new(settings::daybook()?);
        serve.arg("serve").arg("--data").arg(self.data());
        serve.args(["--listen", "127.0.0.1:0"]);
        serve.args(["--set", &format!("limits.requests_per_second={per_second}")]);
        serve.args(["--set", "limits.heavy_per_minute=1000000"]);
        serve.args(["--set", "limits.guesses_per_minute=1000000"]);
        serve.args(["--set", "advisories.source=off"]);
        let mut child = serve.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().ok_or("daybook serve has no stderr")?;
        let mut lines = BufReader::new(stderr);
        let address = announced(&mut lines);
        let server = Server::new(child, address, &self.data().join("tls"))?;
        // A full pipe would stop the server; nobody reads the rest.
        thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Ok(server)
    }

    pub fn door(&self) -> Result<Door> {
        Door::open(&self.data())
    }
}

/// The address in the line that ends the start.
fn announced(lines: &mut impl std::io::BufRead) -> Result<SocketAddr> {
    let mut said = String::new();
    loop {
        let start = said.len();
        if lines.read_line(&mut said)? == 0 {
            return Err(format!("daybook serve ended: {said}").into());
        }
        let address = said[start..].split("https://").nth(1);
        if let Some(address) = address {
            return Ok(address.trim().trim_end_matches('/').parse()?);
        }
    }
}

impl Server {
    /// Takes the process over, so that it ends even where its start went wrong.
    pub fn new(mut child: Child, address: Result<SocketAddr>, tls: &Path) -> Result<Self> {
        let target = address.and_then(|address| Target::new(address, tls));
        match target {
            Ok(target) => Ok(Self {
                child,
                target,
                certificates: None,
            }),
            Err(error) => {
                // It may have ended by itself; there is nothing more to do about it then.
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    /// Keeps the folder of its certificate as long as the server.
    pub fn keeping(self, certificates: TempDir) -> Self {
        let mut server = self;
        server.certificates = Some(certificates);
        server
    }

    /// Resident memory now, in KiB.
    pub fn resident_kib(&self) -> Result<f64> {
        let mut status = String::new();
        let path = format!("/proc/{}/status", self.child.id());
        std::fs::File::open(path)?.read_to_string(&mut status)?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.ok_or("the system does not tell VmRSS")?.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing more to do about it then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server tells its address a moment before the socket is there.
fn connect(socket: &Path) -> Result<UnixStream> {
    const TRIES_MAX: usize = 200;
    const PAUSE: Duration = Duration::from_millis(10);
    for _ in 1..TRIES_MAX {
        if let Ok(stream) = UnixStream::connect(socket) {
            return Ok(stream);
        }
        idle(PAUSE);
    }
    Ok(UnixStream::connect(socket)?)
}

impl Door {
    fn open(data: &Path) -> Result<Self> {
        let writer = connect(&data.join("daybook.sock"))?;
        let reader = BufReader::new(writer.try_clone()?);
        Ok(Self { reader, writer })
    }

    pub fn ask(&mut self, operation: &str, workspace: Option<&str>, input: Value) -> Result<Value> {
        self.ask_as(Some(OWNER), operation, workspace, input)
    }

    /// As this person, or as whoever holds the data folder.
    pub fn ask_as(
        &mut self,
        person: Option<&str>,
        operation: &str,
        workspace: Option<&str>,
        input: Value,
    ) -> Result<Value> {
        let request = LocalRequest {
            operation: operation.to_owned(),
            workspace: workspace.map(str::to_owned),
            r#as: person.map(str::to_owned),
            input,
            format: "json".to_owned(),
        };
        let mut line = serde_json::to_vec(&request)?;
        line.push(b'\n');
        self.writer.write_all(&line)?;
        let mut answer = String::new();
        self.reader.read_line(&mut answer)?;
        let answer: LocalAnswer = serde_json::from_str(&answer)?;
        if answer.status == 200 {
            return Ok(answer.body);
        }
        Err(format!("{operation}: {}", answer.body).into())
    }

    /// Makes a workspace and answers its slug.
    pub fn create_workspace(&mut self, name: &str) -> Result<String> {
        let made = self.ask("identity.create_workspace", None, json!({"name": name}))?;
        Ok(made["slug"].as_str().unwrap_or_default().to_owned())
    }

    /// Makes a token for the books and answers its text.
    pub fn create_token(&mut self, workspace: &str) -> Result<String> {
        let input = json!({"name": "Bench", "scopes": ["books.*"]});
        let made = self.ask("team.create_api_token", Some(workspace), input)?;
        Ok(made["token"].as_str().unwrap_or_default().to_owned())
    }
}
