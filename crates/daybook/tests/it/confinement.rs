//! The server as a process: which user it is, what it may do, and that it writes
//! nowhere but in its folder.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Whom the server runs as where a story is told by root: nobody.
const NOBODY: u32 = 65_534;
const BINARY: &str = env!("CARGO_BIN_EXE_daybook");

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().any(|line| line.starts_with("Uid:\t0\t"))
}

/// The program as somebody who is not root, and has no capability.
fn unprivileged() -> Command {
    if !is_root() {
        return Command::new(BINARY);
    }
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={NOBODY}"))
        .arg(format!("--regid={NOBODY}"))
        .args(["--clear-groups", "--inh-caps=-all", "--bounding-set=-all"])
        .arg(BINARY);
    command
}

/// Two folders of theirs: one for the data, and one besides it.
struct Folders {
    _parent: tempfile::TempDir,
    data: PathBuf,
    besides: PathBuf,
}

fn made() -> Folders {
    let parent = tempfile::tempdir().unwrap();
    std::fs::set_permissions(parent.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let own = |name: &str| {
        let path = parent.path().join(name);
        std::fs::create_dir(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        if is_root() {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        path
    };
    let (data, besides) = (own("data"), own("besides"));
    let init = unprivileged()
        .args([
            "init",
            "--owner",
            "owner@example.com",
            "--workspace",
            "Acme",
            "--data",
        ])
        .arg(&data)
        .output()
        .unwrap();
    assert!(
        init.status.success(),
        "{}",
        String::from_utf8_lossy(&init.stderr)
    );
    Folders {
        _parent: parent,
        data,
        besides,
    }
}

/// A server process, and what it said until it served or ended.
struct Served {
    process: Child,
    said: String,
    serves: bool,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn serve(mut command: Command, data: &Path) -> Served {
    let mut process = command
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap());
    let mut said = String::new();
    let serves = loop {
        let before = said.len();
        if lines.read_line(&mut said).unwrap() == 0 {
            break false;
        }
        if said[before..].starts_with("Daybook is at") {
            break true;
        }
    };
    std::thread::spawn(move || {
        // A full pipe would make it wait.
        let _ = lines.read_to_string(&mut String::new());
    });
    Served {
        process,
        said,
        serves,
    }
}

/// What `daybook check` finds of the row.
fn checked(mut command: Command, data: &Path) -> String {
    // Whether its tests passed is not what is asked here.
    let row = include_str!("../../../../promises/RBAC-05.toml");
    let names: Vec<&str> = row.split('"').filter(|it| it.contains('_')).collect();
    let now = daybook_kernel::Clock::now(&daybook_engine::keys::SystemClock);
    let evidence = serde_json::json!({"passed_at": now.to_string(), "tests": names});
    let passes = data.with_extension("passes.json");
    std::fs::write(&passes, evidence.to_string()).unwrap();
    let check = command
        .args(["check", "--evidence"])
        .arg(&passes)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    let row = said.lines().find(|line| line.starts_with("RBAC-05"));
    row.unwrap_or_else(|| panic!("{said}")).to_owned()
}

#[test]
fn the_server_runs_without_root_without_capabilities_and_confined() {
    let folders = made();
    let served = serve(unprivileged(), &folders.data);
    assert!(served.serves, "{}", served.said);
    assert!(!served.said.contains("runs as root"), "{}", served.said);
    assert!(!served.said.contains("does not keep"), "{}", served.said);
    let status = format!("/proc/{}/status", served.process.id());
    let status = std::fs::read_to_string(status).unwrap();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_once('\t').unwrap().1.to_owned()
    };
    assert!(of("Uid:").split('\t').all(|id| id != "0"), "{status}");
    for name in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        assert_eq!(u64::from_str_radix(&of(name), 16), Ok(0), "{status}");
    }
    assert_eq!(of("NoNewPrivs:"), "1");
    let found = checked(unprivileged(), &folders.data);
    assert!(!found.contains("not kept"), "{found}");
}

#[test]
fn the_server_writes_nowhere_but_in_its_folder() {
    let folders = made();
    // Its certificate would go astray: to a folder that is its user's own.
    symlink(&folders.besides, folders.data.join("tls")).unwrap();
    let astray = serve(unprivileged(), &folders.data);
    assert!(!astray.serves, "{}", astray.said);
    assert!(astray.said.contains("Permission denied"), "{}", astray.said);
    assert_eq!(std::fs::read_dir(&folders.besides).unwrap().count(), 0);
    std::fs::remove_file(folders.data.join("tls")).unwrap();
    let served = serve(unprivileged(), &folders.data);
    assert!(served.serves, "{}", served.said);
}

#[test]
fn a_server_that_runs_as_root_says_so_and_keeps_no_promise() {
    if !is_root() {
        // Nobody else can start one.
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    crate::logs::init(&data);
    let unserved = checked(Command::new(BINARY), &data);
    assert!(unserved.contains("start it, and look again"), "{unserved}");
    let served = serve(Command::new(BINARY), &data);
    assert!(served.serves, "{}", served.said);
    assert!(
        served.said.contains("the server runs as root"),
        "{}",
        served.said
    );
    let found = checked(Command::new(BINARY), &data);
    assert!(found.contains("it runs as root"), "{found}");
}
