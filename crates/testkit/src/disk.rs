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
    let found = grep.arg("--").arg(folder).output().expect("grep");
    assert!(found.status.code().is_some_and(|code| code < 2) || !found.stdout.is_empty());
    String::from_utf8_lossy(&found.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Whether the bytes hold the text.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(text)
}
