//! Known vulnerabilities of what the program is made of: a build with one is
//! refused elsewhere; here a running one hears of them.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use daybook_engine::keys::SystemClock;
use daybook_kernel::Clock as _;
use daybook_testkit::{Answer, Authority, On, Request, for_both_stores};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::scene::instance;

/// A package of every build, and one that no build of ours has.
const OURS: &str = "maud";
const NOT_OURS: &str = "left-pad";
const MADE_UP: &str = "RUSTSEC-2026-9999";

/// A database with one advisory, as the project publishes it.
fn archive(package: &str) -> Vec<u8> {
    let text = format!(
        "```toml\n[advisory]\nid = \"{MADE_UP}\"\npackage = \"{package}\"\n\
         date = \"2026-01-31\"\n\n[versions]\npatched = [\">= 999.0.0\"]\n```\n\n\
         # Its pages open every door\n\nSomebody found out.\n"
    );
    let mut packed = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len().try_into().unwrap());
    header.set_mode(0o644);
    let path = format!("advisory-db-main/crates/{package}/{MADE_UP}.md");
    packed
        .append_data(&mut header, path, text.as_bytes())
        .unwrap();
    packed.into_inner().unwrap().finish().unwrap()
}

/// The archive at an address of this machine, for whoever asks.
fn source(archive: Vec<u8>) -> String {
    let place = Authority::shared().serve(move |mut stream| {
        let mut asked = [0; 4_096];
        let _ = stream.read(&mut asked);
        let length = archive.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.write_all(&archive);
        stream.conn.send_close_notify();
        let _ = stream.flush();
    });
    place.to_string()
}

struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    fn new() -> Self {
        let made = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let who = ["--owner", "owner@example.com", "--workspace", "Acme"];
        assert!(made.run("init", &who).status.success());
        made
    }

    fn run(&self, verb: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_daybook"))
            .arg(verb)
            .args(arguments)
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .output()
            .unwrap()
    }

    /// The settings name this as the place to ask.
    fn ask_at(&self, place: &str) {
        Authority::shared().file(&self.folder.path().join("data"));
        let text = format!(
            "[egress]\nallow = [\"{place}\"]\nauthority_file = \"authority.pem\"\n\
             [advisories]\nsource = \"https://{place}/db.tar.gz\"\n"
        );
        self.write("data/daybook.toml", text.as_bytes());
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// What `daybook check` says of the row: whether it is kept, and why not.
    fn row(&self) -> (bool, String) {
        let passed = json!({
            "passed_at": SystemClock.now().to_string(),
            "tests": [
                "our_packages_have_checksums_allowed_licences_and_no_advisory",
                "a_package_with_a_known_advisory_is_refused",
                "a_case_is_opened_by_itself_and_closed_by_a_newer_build",
                "a_running_program_hears_of_what_is_wrong_with_it",
                "everybody_can_see_what_the_program_is_made_of",
            ],
        });
        let evidence = self.write("passes.json", passed.to_string().as_bytes());
        let evidence = evidence.to_str().unwrap();
        let said = self.run("check", &["SDLC-10", "--json", "--evidence", evidence]);
        let rows: Value = serde_json::from_slice(&said.stdout).unwrap();
        let kept = rows[0]["kept"].as_bool().unwrap();
        assert_eq!(said.status.code(), Some(if kept { 0 } else { 3 }), "{rows}");
        (kept, rows[0]["why"].as_str().unwrap().to_owned())
    }
}

fn told(output: &Output) -> String {
    let said = [output.stdout.as_slice(), b"\n", &output.stderr].concat();
    String::from_utf8(said).unwrap()
}

#[test]
fn a_running_program_hears_of_what_is_wrong_with_it() {
    let made = Made::new();
    let (kept, why) = made.row();
    assert!(!kept && why.contains("nobody has looked yet"), "{why}");

    made.ask_at(&source(archive(NOT_OURS)));
    let said = made.run("advisories", &[]);
    assert_eq!(said.status.code(), Some(0), "{}", told(&said));
    assert!(told(&said).contains("Nothing is known against them."));
    assert_eq!(made.row(), (true, String::new()));

    made.ask_at(&source(archive(OURS)));
    let said = made.run("advisories", &[]);
    assert_eq!(said.status.code(), Some(3), "{}", told(&said));
    assert!(told(&said).contains(MADE_UP), "{}", told(&said));
    let (kept, why) = made.row();
    assert!(
        !kept && why.contains("open: RUSTSEC-2026-9999 of maud"),
        "{why}"
    );
}

#[test]
fn old_advisories_keep_no_promise() {
    let made = Made::new();
    // Nobody knows since when a file lies there, so its newest advisory counts.
    let file = made.write("db.tar.gz", &archive(NOT_OURS));
    let said = made.run("advisories", &["--from", file.to_str().unwrap()]);
    assert_eq!(said.status.code(), Some(0), "{}", told(&said));
    let (kept, why) = made.row();
    assert!(!kept && why.contains("days old, 7 are allowed"), "{why}");
}

#[test]
fn what_is_no_database_is_refused_and_changes_nothing() {
    let made = Made::new();
    let empty = GzEncoder::new(Vec::new(), Compression::fast());
    let whole = archive(OURS);
    for (name, bytes, why) in [
        ("empty.tar.gz", empty.finish().unwrap(), "holds no advisory"),
        (
            "page.html",
            b"<html>not here</html>".to_vec(),
            "cannot be read",
        ),
        ("cut.tar.gz", whole[..whole.len() / 2].to_vec(), ""),
    ] {
        let file = made.write(name, &bytes);
        let said = made.run("advisories", &["--from", file.to_str().unwrap()]);
        assert_eq!(said.status.code(), Some(4), "{}", told(&said));
        assert!(told(&said).contains(name), "{}", told(&said));
        assert!(told(&said).contains(why), "{}", told(&said));
    }
    // Nobody is at that address any more.
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    made.ask_at(&gone.to_string());
    let said = made.run("advisories", &[]);
    assert_eq!(said.status.code(), Some(3), "{}", told(&said));
    made.write("data/daybook.toml", b"[advisories]\nsource = \"off\"\n");
    let said = made.run("advisories", &[]);
    assert_eq!(said.status.code(), Some(2), "{}", told(&said));
    assert!(made.row().1.contains("nobody has looked yet"));
}

fn scan(defects: &Value) -> Value {
    json!({
        "data_at": "2026-01-31T12:00:00Z", "advisories": 1_000,
        "parts_digest": "ab".repeat(32), "defects": defects,
    })
}

#[test]
fn a_case_is_opened_by_itself_and_closed_by_a_newer_build() {
    for_both_stores(|on| {
        let instance = instance(on);
        let operator = instance.operator();
        let found = json!([{
            "advisory": MADE_UP, "package": OURS, "version": "0.27.0", "title": "Its pages open",
        }]);
        let record = |defects: &Value| operator.ok("trust.record_advisory_scan", scan(defects));
        assert_eq!(
            record(&found),
            json!({"opened": [MADE_UP], "closed": [], "open": 1})
        );
        // The same finding of the next day is the same case.
        assert_eq!(
            record(&found),
            json!({"opened": [], "closed": [], "open": 1})
        );
        let cases = || operator.ok("trust.list_vulnerability_cases", json!({}))["cases"].clone();
        assert_eq!(cases()[0]["package"], OURS);
        assert_eq!(cases()[0]["closed_at"], Value::Null);
        assert_eq!(
            record(&json!([])),
            json!({"opened": [], "closed": [MADE_UP], "open": 0})
        );
        assert!(cases()[0]["closed_at"].is_string());
        // It came back: somebody went back to an older build.
        assert_eq!(
            record(&found),
            json!({"opened": [MADE_UP], "closed": [], "open": 1})
        );
        assert_eq!(cases().as_array().unwrap().len(), 1);
    });
}

#[test]
fn a_scan_that_says_nothing_is_refused() {
    let instance = instance(On::Embedded);
    let operator = instance.operator();
    for (field, bad) in [
        ("data_at", json!("yesterday")),
        ("advisories", json!(0)),
        ("parts_digest", json!("abc")),
        ("parts_digest", json!("zz".repeat(32))),
        (
            "defects",
            json!([{"advisory": "", "package": "a", "version": "1", "title": "b"}]),
        ),
    ] {
        let mut input = scan(&json!([]));
        input[field] = bad;
        let answer = operator.call("trust.record_advisory_scan", input);
        assert_eq!(answer.status, 422, "{field}: {}", answer.text());
    }
    let listed = operator.ok("trust.list_vulnerability_cases", json!({}));
    assert_eq!(listed, json!({"cases": []}));
}

#[test]
fn everybody_can_see_what_the_program_is_made_of() {
    let instance = instance(On::Embedded);
    let request = Request::new("GET", "/sbom.json");
    let answer: Answer = request.send(instance.address()).into();
    assert_eq!(answer.status, 200);
    let bill: Value = serde_json::from_str(&answer.text()).unwrap();
    assert_eq!(
        (&bill["bomFormat"], &bill["specVersion"]),
        (&json!("CycloneDX"), &json!("1.6"))
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let lock = std::fs::read_to_string(root).unwrap();
    for component in bill["components"].as_array().unwrap() {
        let (name, version) = (&component["name"], &component["version"]);
        assert!(
            lock.contains(&format!("name = {name}\nversion = {version}\n")),
            "{component}"
        );
    }
    assert!(answer.text().contains("pkg:cargo/rusqlite@"));
}
