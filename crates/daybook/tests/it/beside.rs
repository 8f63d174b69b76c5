//! What whoever holds the data folder does beside a running server: exports,
//! checks, verifies. The server goes on, and its log stays one.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::listeners::{Served, made};

fn daybook(data: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_daybook"))
        .args(words)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[track_caller]
fn done(data: &Path, words: &[&str]) {
    let ended = daybook(data, words);
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{words:?}: {said}");
}

#[test]
fn a_server_goes_on_beside_an_export_a_check_and_a_verification() {
    let folder = made();
    let data = folder.path().join("data");
    let _served = Served::start(&data, &["advisories.source=off"]);
    let book = |operation: &str, input: &str| {
        let words = ["do", operation, "--workspace", "acme", "--input", input];
        done(&data, &words);
    };
    book("books.set_base_currency", r#"{"currency": "EUR"}"#);
    for round in 1..=2 {
        let to = folder.path().join(format!("export-{round}"));
        let to = to.to_str().unwrap();
        let export = ["export", "--workspace", "acme", "--to", to];
        done(&data, &[&export[..], &["--format", "full"]].concat());
        // Here, no promise but those that are probed can be kept: it may end as it likes.
        daybook(&data, &["check"]);
        done(&data, &["audit", "verify"]);
        let through = format!("2026-0{round}-28");
        let input = format!(r#"{{"through": "{through}", "reason": "Filed"}}"#);
        book("books.lock_period", &input);
    }
    done(&data, &["audit", "verify"]);
}
