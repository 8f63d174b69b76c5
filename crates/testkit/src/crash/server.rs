//! The program as a process: an instance in a folder that vanishes, and its
//! server, which is killed or stopped.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use super::Told;

/// Longer than a start takes on a busy machine.
const START_MAX: Duration = Duration::from_mins(1);
pub const OWNER: &str = "owner@example.com";
const PASSWORD: &str = "correct horse battery";

pub struct Instance {
    binary: PathBuf,
    folder: tempfile::TempDir,
}

pub struct Server {
    process: Child,
    pub address: SocketAddr,
}

impl Instance {
    pub fn make(binary: &Path) -> Told<Self> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let instance = Self {
            binary: binary.to_owned(),
            folder,
        };
        instance.run(
            &[
                "init",
                "--owner",
                OWNER,
                "--workspace",
                "Unused",
                "--password-stdin",
            ],
            PASSWORD,
        )?;
        Ok(instance)
    }

    /// Any operation, as whoever holds the folder.
    pub fn ask(&self, workspace: Option<&str>, operation: &str, input: &Value) -> Told<Value> {
        let input = input.to_string();
        let mut arguments = vec!["do", operation, "--as", OWNER, "--input", &input];
        if let Some(workspace) = workspace {
            arguments.extend(["--workspace", workspace]);
        }
        let answer = self.run(&arguments, "")?;
        serde_json::from_str(&answer).map_err(|error| format!("{operation}: {error}: {answer}"))
    }

    /// Whether every log is whole, held against its witness.
    pub fn verify(&self) -> Told<()> {
        self.run(&["audit", "verify"], "").map(|_| ())
    }

    /// Starts the server and waits until it listens.
    pub fn serve(&self) -> Told<Server> {
        let mut process = self
            .command(&["serve"])
            .args(["--listen", "127.0.0.1:0"])
            .args(["--set", "limits.requests_per_second=1000000"])
            .args(["--set", "limits.heavy_per_minute=1000000"])
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let (sender, receiver) = mpsc::channel();
        if let Some(errors) = process.stderr.take() {
            // Read to its end, so that a full pipe never stops the server.
            std::thread::spawn(move || {
                let lines = BufReader::new(errors).lines().map_while(Result::ok);
                for address in lines.filter_map(|line| listening_at(&line)) {
                    // Nobody waits any more if the receiver is gone.
                    let _ = sender.send(address);
                }
            });
        }
        if let Ok(address) = receiver.recv_timeout(START_MAX) {
            crate::tls::trust(address, &self.folder.path().join("data"), None);
            return Ok(Server { process, address });
        }
        // It is of no use any more; that it cannot be killed adds nothing.
        let _ = process.kill();
        let ended = process.wait().map_err(|error| error.to_string())?;
        Err(format!("the server did not start: {ended}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str], typed: &str) -> Told<String> {
        let failed = |error: std::io::Error| format!("{arguments:?}: {error}");
        let mut process = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        if let Some(mut stdin) = process.stdin.take() {
            // A program that does not read what is typed need not.
            let _ = stdin.write_all(typed.as_bytes());
        }
        let ended = process.wait_with_output().map_err(failed)?;
        let out = String::from_utf8_lossy(&ended.stdout).into_owned();
        if ended.status.success() {
            return Ok(out);
        }
        let errors = String::from_utf8_lossy(&ended.stderr);
        Err(format!("{arguments:?}: {}: {out}{errors}", ended.status))
    }
}

impl Server {
    /// SIGKILL: nothing is closed, nothing is told.
    pub fn kill(&mut self) -> Told<()> {
        self.process
            .kill()
            .and_then(|()| self.process.wait())
            .map(|_| ())
            .map_err(|error| error.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is dead already, or dies now.
        let _ = self.kill();
    }
}

fn listening_at(line: &str) -> Option<SocketAddr> {
    let address = line.strip_prefix("Daybook is at https://")?;
    address.trim_end_matches('/').parse().ok()
}
