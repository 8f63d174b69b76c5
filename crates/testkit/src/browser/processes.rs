//! ChromeDriver and Chromium, and that neither outlives its story.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// Nothing outside of this machine is asked for, and no background work disturbs.
const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-features=Translate,OptimizationHints",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/// ChromeDriver on any free port, which it then says; Chromium joins its process group. The
/// group ends when the input does: also where the test was killed and could clean up nothing. It
/// ends with ChromeDriver too, so that nobody waits for the port of one that is gone.
const WATCHED: &str = "{ \"$1\" --port=0; kill -KILL 0; } & cat >/dev/null; kill -KILL 0";
/// A start may fail for reasons of the machine.
const STARTS_MAX: usize = 3;

/// What must not outlive the story, even one that panics.
pub(super) struct Processes {
    driver: Child,
    /// Held, since ChromeDriver may still write into it.
    _said: BufReader<ChildStdout>,
    profile: TempDir,
}

impl Processes {
    pub(super) fn start() -> (Self, SocketAddr) {
        (0..STARTS_MAX)
            .find_map(|_| Self::try_start())
            .expect("ChromeDriver says its port")
    }

    fn try_start() -> Option<(Self, SocketAddr)> {
        let profile = tempfile::Builder::new()
            .prefix("daybook-browser-")
            .tempdir()
            .expect("a folder");
        let mut driver = Command::new("sh")
            .args(["-c", WATCHED, "sh"])
            .arg(part("DAYBOOK_TEST_CHROMEDRIVER"))
            .env("HOME", profile.path())
            .env("TMPDIR", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("ChromeDriver");
        let mut said = BufReader::new(driver.stdout.take().expect("its output"));
        let port = port(&mut said);
        let processes = Self {
            driver,
            _said: said,
            profile,
        };
        Some((processes, SocketAddr::from(([127, 0, 0, 1], port?))))
    }

    /// The hashes name the certificates beyond the browser's own that it takes.
    pub(super) fn flags(&self, key_hashes: &[String]) -> Vec<String> {
        let profile = self.profile.path().join("profile");
        let profile = format!("--user-data-dir={}", profile.display());
        let flags = FLAGS.iter().map(|flag| (*flag).to_owned());
        let keys = key_hashes.join(",");
        let key = format!("--ignore-certificate-errors-spki-list={keys}");
        flags.chain([profile, key]).collect()
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // The end of its input is the sign to end; the wait lets the folder go unused.
        drop(self.driver.stdin.take());
        let _ = self.driver.wait();
    }
}

/// The port of the line "ChromeDriver was started successfully on port 9515."
fn port(said: &mut BufReader<ChildStdout>) -> Option<u16> {
    for line in said.by_ref().lines().map_while(Result::ok) {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().ok();
        }
    }
    None
}

/// A part that `scripts/parts test` found.
pub fn part(name: &str) -> String {
    crate::postgres::part(name)
        .unwrap_or_else(|| panic!("{name} is not known: run scripts/parts test"))
}
