//! An instance in this process, and what its books must say: each entry follows
//! from its number in the order of sending.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZeroU32;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use daybook::features::{DIRECTORY, FEATURES};
use daybook_engine::keys::{SystemClock, SystemEntropy};
use daybook_engine::limits::Allowances;
use daybook_engine::{Call, Credential, Doors, Engine, Settings};
use daybook_kernel::operation::{Given, Wanted};
use daybook_kernel::ports::Nobody;
use daybook_kernel::{Error, Origin};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any honest answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
pub const WORKSPACES: [&str; 2] = ["first", "second"];
const ACCOUNTS: [&str; 3] = ["1100", "1200", "4100"];
const OWNER: &str = "owner@example.com";

/// An instance with two workspaces and nothing in their books; it is copied.
static BLANK: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("data")).unwrap();
    ledger.set_up(&mut |_| {}).unwrap();
    ledger.close(&folder.path().join("data"));
    folder
});

pub struct Ledger {
    pub engine: Engine,
}

/// What comes of a command: nothing if its answer was dropped.
pub type Answer = Receiver<Result<Vec<u8>, Error>>;

impl Ledger {
    pub fn open(data: &Path) -> Result<Self, Error> {
        let mut made = fs::DirBuilder::new();
        made.recursive(true).mode(0o700).create(data).unwrap();
        let plenty = NonZeroU32::new(1_000_000).unwrap();
        let settings = Settings {
            data: data.to_owned(),
            database: None,
            site: String::new(),
            password_scheme: daybook_kernel::PasswordScheme::Argon2id,
            allowances: Allowances {
                requests_per_second: plenty,
                guesses_per_minute: plenty,
                heavy_per_minute: plenty,
                generations_per_five_minutes: plenty,
            },
            open_workspaces_max: 8,
            bytes_max: None,
        };
        let doors = Doors {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            outside: Arc::new(Nobody),
        };
        let engine = Engine::open(settings, &FEATURES, DIRECTORY, doors)?;
        Ok(Self { engine })
    }

    /// Makes the person and the workspaces; `done` hears of each that is made.
    pub fn set_up(&self, done: &mut dyn FnMut(&'static str)) -> Result<(), String> {
        let password = "correct horse battery";
        self.ask(
            None,
            "identity.create_person",
            &json!({"email": OWNER, "password": password}),
        )?;
        done(OWNER);
        for slug in WORKSPACES {
            let made = json!({"name": slug, "slug": slug});
            self.ask(None, "identity.create_workspace", &made)?;
            done(slug);
            let chart = json!({"template": "small_business"});
            self.ask(Some(slug), "books.apply_chart_template", &chart)?;
        }
        Ok(())
    }

    pub fn send(&self, workspace: Option<&str>, operation: &str, input: &Value) -> Answer {
        let (sender, receiver) = mpsc::channel();
        let call = self.call(workspace, operation, input);
        if call.operation.is_command() {
            let answer = move |result| {
                // Whoever asked may have given up.
                let _ = sender.send(result);
            };
            self.engine.command(call, Box::new(answer));
        } else {
            self.engine.query(call, Wanted::Json, move |result| {
                let json = result.map(|given| match given {
                    Given::Json(json) => json,
                    Given::Table(_) | Given::File(_) => Vec::new(),
                });
                // As above.
                let _ = sender.send(json);
            });
        }
        receiver
    }

    /// Runs a command and tells whoever is to know of its success, on the thread
    /// that answers.
    pub fn post(
        &self,
        slug: &str,
        number: u64,
        size: usize,
        noted: impl FnOnce() + Send + 'static,
    ) -> Receiver<bool> {
        let (sender, receiver) = mpsc::channel();
        let call = self.call(Some(slug), "books.post_entry", &input(number, size));
        let answer = move |result: Result<Vec<u8>, Error>| {
            if result.is_ok() {
                noted();
            }
            // Whoever asked may have given up.
            let _ = sender.send(result.is_ok());
        };
        self.engine.command(call, Box::new(answer));
        receiver
    }

    fn call(&self, workspace: Option<&str>, operation: &str, input: &Value) -> Call {
        let person = (workspace.is_none() && operation != "identity.create_person")
            .then(|| OWNER.to_owned());
        Call {
            workspace: workspace.map(str::to_owned),
            operation: self.engine.registry().operation(operation).unwrap(),
            input: serde_json::to_vec(input).unwrap(),
            credential: Credential::Local(person),
            origin: Arc::new(Origin::local()),
            request: self.engine.new_request().unwrap(),
        }
    }

    pub fn ask(
        &self,
        workspace: Option<&str>,
        operation: &str,
        input: &Value,
    ) -> Result<Value, String> {
        match self
            .send(workspace, operation, input)
            .recv_timeout(PATIENCE)
        {
            Ok(Ok(json)) => Ok(serde_json::from_slice(&json).unwrap()),
            Ok(Err(error)) => Err(format!("{operation}: {error:?}")),
            Err(error) => Err(format!("{operation}: no answer: {error}")),
        }
    }

    /// Ends the engine and waits until its threads have closed all files: the last
    /// one to close a database removes its write-ahead log.
    pub fn close(self, data: &Path) {
        drop(self);
        for _ in 0..60_000 {
            let entries = fs::read_dir(data.join("databases")).unwrap();
            let open = |entry: fs::DirEntry| {
                let name = entry.file_name();
                name.to_str().is_some_and(|name| name.ends_with("-wal"))
            };
            if !entries.map_while(Result::ok).any(open) {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(1));
        }
        panic!("the engine was not closed");
    }

    /// Whether every log is whole, held against its witness.
    pub fn verify(&self) {
        for place in [None, Some(WORKSPACES[0]), Some(WORKSPACES[1])] {
            let verdict = self.engine.desk(place).unwrap().verify().unwrap();
            assert!(verdict.is_whole(), "{place:?}: {verdict}");
        }
    }

    /// Finds every acknowledged entry, no other than those that were sent, and
    /// figures that are their sum. Answers with what is there.
    pub fn check(
        &self,
        slug: &str,
        acknowledged: &BTreeSet<u64>,
        sent: &BTreeSet<u64>,
    ) -> BTreeSet<u64> {
        let entries = self.entries(slug);
        let numbers: Vec<i64> = entries.iter().map(|(number, _)| *number).collect();
        assert_eq!(
            numbers,
            (1..).take(entries.len()).collect::<Vec<i64>>(),
            "{slug}: gapless"
        );
        let found: BTreeSet<u64> = entries.iter().map(|(_, sent)| *sent).collect();
        assert_eq!(found.len(), entries.len(), "{slug}: each once");
        let lost: Vec<_> = acknowledged.difference(&found).collect();
        assert!(lost.is_empty(), "{slug}: acknowledged and lost: {lost:?}");
        let strange: Vec<_> = found.difference(sent).collect();
        assert!(strange.is_empty(), "{slug}: never sent: {strange:?}");

        let mut expected: BTreeMap<&str, i64> = BTreeMap::new();
        for number in &found {
            let (debit, credit, minor) = figures(*number);
            *expected.entry(debit).or_default() += minor;
            *expected.entry(credit).or_default() -= minor;
        }
        let report = self
            .ask(Some(slug), "books.trial_balance", &json!({}))
            .unwrap();
        let mut kept: BTreeMap<&str, i64> = BTreeMap::new();
        for row in report["rows"].as_array().unwrap() {
            let base = row["base"].as_str().unwrap().replace('.', "");
            kept.insert(row["account"].as_str().unwrap(), base.parse().unwrap());
        }
        kept.retain(|_, base| *base != 0);
        expected.retain(|_, base| *base != 0);
        assert_eq!(kept, expected, "{slug}");
        assert_eq!(kept.values().sum::<i64>(), 0, "{slug}");
        let checked = self
            .ask(Some(slug), "books.check_balances", &json!({}))
            .unwrap();
        assert_eq!(checked["good"], true, "{slug}: {checked}");
        assert_eq!(checked["entries"], found.len(), "{slug}: {checked}");
        found
    }

    /// Numbers, and which entry that was sent each is, in that order.
    fn entries(&self, slug: &str) -> Vec<(i64, u64)> {
        let mut entries = Vec::new();
        let mut input = json!({});
        loop {
            let page = self.ask(Some(slug), "books.list_entries", &input).unwrap();
            for entry in page["entries"].as_array().unwrap() {
                let sent = entry["reference"].as_str().unwrap().parse().unwrap();
                entries.push((entry["number"].as_i64().unwrap(), sent));
            }
            if page["next"].is_null() {
                break;
            }
            input = json!({"cursor": page["next"]});
        }
        // They come by date.
        entries.sort_unstable();
        entries
    }
}

/// A folder with an instance of two empty books, as if its disk had always had it.
pub fn blank() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&BLANK.path().join("data"), &folder.path().join("data"));
    folder
}

/// Copies what is no database: its folder's own disk knows those.
pub fn copy_beside(from: &Path, to: &Path) {
    make(to);
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "databases" {
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        make(to);
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

fn make(folder: &Path) {
    fs::DirBuilder::new().mode(0o700).create(folder).unwrap();
}

fn figures(number: u64) -> (&'static str, &'static str, i64) {
    let of = |number: u64| ACCOUNTS[usize::try_from(number % 3).unwrap()];
    let minor = i64::try_from(number * 7_919 % 99_991).unwrap() + 1;
    (of(number), of(number + 1 + number / 3 % 2), minor)
}

fn input(number: u64, size: usize) -> Value {
    let (debit, credit, minor) = figures(number);
    let amount = format!("{}.{:02}", minor / 100, minor % 100);
    json!({
        "date": format!("2026-{:02}-{:02}", 1 + number % 12, 1 + number % 28),
        "description": "Posted before the lights went out",
        "reference": number.to_string(),
        "note": "a note ".repeat(size),
        "lines": [
            {"account": debit, "debit": amount},
            {"account": credit, "credit": amount},
        ],
    })
}
