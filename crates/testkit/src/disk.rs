//! Looking for a text in the raw bytes of files.

use std::path::Path;
use std::process::Command;

/// The files below the folder that hold one of these texts as plain bytes.
pub fn files_holding(folder: &Path, texts: &[&str]) -> Vec<String> {
    // grep reads hundreds of megabytes in the time that a debug build reads one.
    let mut grep = Command::new("grep");
    grep.args([
        "--recursive",
        "--text",
        "--fixed-strings",
        "--files-with-matches",
    ]);
    for text in texts {
        grep.args(["-e", text]);
    }
    grep.arg("--").arg(folder).env("LC_ALL", "C");
    let found = grep.output().expect("grep");
    let read_all = found.status.code().is_some_and(|code| code < 2);
    assert!(
        read_all || only_vanished(&found.stderr),
        "grep: {}",
        String::from_utf8_lossy(&found.stderr)
    );
    String::from_utf8_lossy(&found.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Whether grep's complaints are of files alone that went while it read: a database server that
/// other tests use too drops their schemas meanwhile. What nobody may read is another matter.
fn only_vanished(complaints: &[u8]) -> bool {
    let complaints = String::from_utf8_lossy(complaints);
    let mut lines = complaints.lines().peekable();
    lines.peek().is_some() && lines.all(|line| line.ends_with(": No such file or directory"))
}

/// Whether the bytes hold the text.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(text)
}
