//! What a workspace feels of its neighbour's troubles: its page, its query and its posting, alone
//! and beside each of them, one after the other in the same run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Result;
use crate::books::{self, ACCOUNTS, requests};
use crate::dice::Dice;
use crate::instance::{Door, Instance, PASSWORD};
use crate::load::{Stream, Target, exchange};
use crate::pages::sign_in;
use crate::report::Figure;
use crate::settings::{self, Settings};
use crate::stopwatch::{milliseconds, now, quantile};

const NEIGHBOUR: &str = "neighbour@example.com";
/// What one caller may ask a second; the neighbour asks ten times as much where that is tried.
const PER_SECOND: u32 = 200;
const CONNECTIONS: u32 = 8;
/// Entries of the neighbour, which its restorations carry.
const ENTRIES: u64 = 500;
/// Between two rounds of page, query and posting: half of what one caller may ask.
const PAUSE: Duration = Duration::from_millis(30);
const KINDS: [&str; 3] = ["a page", "a query", "a posting"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    BeyondItsLimit,
    Locked,
    Full,
    Restored,
    Damaged,
}

impl Trouble {
    /// The damaged one comes last: nothing is asked of it afterwards.
    const ALL: [Self; 5] = [
        Self::BeyondItsLimit,
        Self::Locked,
        Self::Full,
        Self::Restored,
        Self::Damaged,
    ];

    const fn words(self) -> &'static str {
        match self {
            Self::BeyondItsLimit => "at ten times its limit",
            Self::Locked => "that is locked and asked on",
            Self::Full => "that is full and posted to",
            Self::Restored => "that is restored over and over",
            Self::Damaged => "whose database is damaged",
        }
    }

    /// Requests a second to the neighbour.
    const fn asked_a_second(self) -> u32 {
        match self {
            Self::BeyondItsLimit => 10 * PER_SECOND,
            Self::Restored => 0,
            Self::Locked | Self::Full | Self::Damaged => PER_SECOND,
        }
    }
}

pub fn run(settings: &Settings) -> Result<Vec<Figure>> {
    let span = Duration::from_secs_f64(settings.seconds);
    let instance = Instance::make(None)?;
    let mut server = instance.serve()?;
    let scene = Scene::make(&instance)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut figures = Vec::new();
    for trouble in Trouble::ALL {
        let id = id(&mut instance.door()?)?;
        drop(server);
        if !scene.exported().exists() {
            daybook(&export(&scene.data, &scene.other, &scene.exported()))?;
        }
        if trouble == Trouble::Damaged {
            damage(&instance.data().join(format!("databases/ws_{id}.db")))?;
        }
        server = instance.serve_limited(PER_SECOND)?;
        let mut door = instance.door()?;
        let mut own = runtime.block_on(Own::come(&scene, &server.target))?;
        let mut alone = runtime.block_on(own.work(span))?;
        scene.begin(trouble, &mut door)?;
        let noise = scene.noise(trouble);
        let beside = runtime.block_on(scene.beside(trouble, &server.target, &mut own, span));
        let made = noise.map_or(Ok(1), Noise::end)?;
        scene.end(trouble, &mut door)?;
        if made == 0 {
            return Err(format!("no neighbour was there {}", trouble.words()).into());
        }
        figures.extend(told(trouble, &mut alone, &mut beside?));
    }
    Ok(figures)
}

fn told(trouble: Trouble, alone: &mut Samples, beside: &mut Samples) -> Vec<Figure> {
    let pairs = alone.iter_mut().zip(beside);
    let figures = pairs.zip(KINDS).map(|((alone, beside), kind)| {
        let alone = milliseconds(quantile(alone, 0.95));
        let beside = milliseconds(quantile(beside, 0.95));
        let what = format!("{kind} beside a neighbour {}, p95", trouble.words());
        Figure::new("neighbours", what, "ms", beside)
            .beside("alone", alone, beside / alone)
            .goal("at most 2")
    });
    figures.collect()
}

/// Of each kind, how long each took.
type Samples = [Vec<Duration>; 3];

struct Scene {
    data: PathBuf,
    own: String,
    own_token: String,
    other: String,
    other_token: String,
    /// Where the neighbour's export is, which is restored.
    exports: TempDir,
}

impl Scene {
    fn make(instance: &Instance) -> Result<Self> {
        let mut door = instance.door()?;
        let own = instance.workspace.clone();
        books::open_accounts(&mut door, &own, ACCOUNTS)?;
        let own_token = door.create_token(&own)?;
        let person = json!({"email": NEIGHBOUR, "password": PASSWORD});
        door.ask_as(None, "identity.create_person", None, person)?;
        let mut ask = |operation: &str, workspace: Option<&str>, input: Value| {
            door.ask_as(Some(NEIGHBOUR), operation, workspace, input)
        };
        let made = ask(
            "identity.create_workspace",
            None,
            json!({"name": "Neighbour"}),
        )?;
        let other = made["slug"].as_str().unwrap_or_default().to_owned();
        for account in 0..ACCOUNTS {
            ask("books.open_account", Some(&other), books::opening(account))?;
        }
        let mut dice = Dice::new(11);
        for number in 0..ENTRIES {
            let entry = books::entry(&mut dice, books::DAYS - 1 - number % 28, ACCOUNTS);
            ask("books.post_entry", Some(&other), entry)?;
        }
        let token = json!({"name": "Bench", "scopes": ["books.*"]});
        let token = ask("team.create_api_token", Some(&other), token)?;
        let scene = Self {
            data: instance.data(),
            own,
            own_token,
            other,
            other_token: token["token"].as_str().unwrap_or_default().to_owned(),
            exports: settings::scratch()?,
        };
        Ok(scene)
    }

    fn exported(&self) -> PathBuf {
        self.exports.path().join("whole")
    }

    fn begin(&self, trouble: Trouble, door: &mut Door) -> Result<()> {
        self.operate(trouble, door, "identity.lock_workspace", Some(1))
    }

    fn end(&self, trouble: Trouble, door: &mut Door) -> Result<()> {
        self.operate(trouble, door, "identity.unlock_workspace", None)
    }

    fn operate(
        &self,
        trouble: Trouble,
        door: &mut Door,
        lock: &str,
        bytes_max: Option<i64>,
    ) -> Result<()> {
        let other = &self.other;
        let (operation, input) = match trouble {
            Trouble::Locked => (lock, json!({"workspace": other, "reason": "A bench"})),
            Trouble::Full => (
                "identity.set_storage_limit",
                json!({"workspace": other, "bytes_max": bytes_max}),
            ),
            _ => return Ok(()),
        };
        door.ask_as(None, operation, None, input).map(|_| ())
    }

    /// What is done at the command line over and over.
    fn noise(&self, trouble: Trouble) -> Option<Noise> {
        let (data, other) = (self.data.clone(), self.other.clone());
        let exported = self.exported();
        let is_restored = trouble == Trouble::Restored;
        is_restored.then(|| Noise::begin(move || restore(&data, &other, &exported)))
    }

    /// The own work while the neighbour is asked from several connections.
    async fn beside(
        &self,
        trouble: Trouble,
        target: &Target,
        own: &mut Own,
        span: Duration,
    ) -> Result<Samples> {
        let (stop, stopped) = watch::channel(false);
        let mut crowd = JoinSet::new();
        let asked = trouble.asked_a_second() / CONNECTIONS;
        for connection in 0..CONNECTIONS {
            if asked == 0 {
                continue;
            }
            let mut dice = Dice::new(u64::from(connection));
            let token = &self.other_token;
            let all = requests(&mut dice, target.address, &self.other, token, 64);
            let pause = Duration::from_secs(1) / asked;
            crowd.spawn(ask_on(target.clone(), all, pause, stopped.clone()));
        }
        let samples = own.work(span).await;
        // Nobody listens where every one has failed, which shows below.
        let _ = stop.send(true);
        while let Some(ended) = crowd.join_next().await {
            ended??;
        }
        samples
    }
}

/// The id of the neighbour's database; a restored workspace is a new one.
fn id(door: &mut Door) -> Result<String> {
    let listed = door.ask_as(Some(NEIGHBOUR), "identity.list_workspaces", None, json!({}))?;
    let id = listed["workspaces"][0]["id"].as_str();
    Ok(id.ok_or("the neighbour is in no list")?.to_owned())
}

/// Asks at this pace, whatever is answered.
async fn ask_on(
    target: Target,
    requests: Vec<Vec<u8>>,
    pause: Duration,
    stopped: watch::Receiver<bool>,
) -> Result<()> {
    let mut stream = target.connect().await?;
    let mut answer = Vec::new();
    let mut pace = tokio::time::interval(pause);
    for request in requests.iter().cycle() {
        pace.tick().await;
        if *stopped.borrow() {
            break;
        }
        let asked = exchange(&mut stream, request, &mut answer).await;
        // To be refused is what the trouble is about; to be cut off is not.
        if asked.is_err() && !answer.starts_with(b"HTTP/1.1 ") {
            return asked;
        }
    }
    Ok(())
}

/// One person's page, a program's query and its posting, on a connection each.
struct Own {
    streams: [Stream; 3],
    requests: [Vec<Vec<u8>>; 3],
}

impl Own {
    async fn come(scene: &Scene, target: &Target) -> Result<Self> {
        let (address, own, token) = (target.address, &scene.own, &scene.own_token);
        let mut reader = target.connect().await?;
        let cookie = sign_in(&mut reader, address).await?;
        let page = format!(
            "GET /w/{own}/books/reports/trial-balance HTTP/1.1\r\nhost: {address}\r\n\
             cookie: {cookie}\r\naccept: text/html\r\n\r\n"
        );
        let query = format!(
            "GET /api/v1/{own}/books.trial_balance HTTP/1.1\r\nhost: {address}\r\n\
             authorization: Bearer {token}\r\n\r\n"
        );
        let postings = requests(&mut Dice::new(3), address, own, token, 64);
        let streams = [reader, target.connect().await?, target.connect().await?];
        let requests = [vec![page.into_bytes()], vec![query.into_bytes()], postings];
        let mut come = Self { streams, requests };
        // What is looked up once is looked up.
        come.work(Duration::from_secs(2)).await?;
        Ok(come)
    }

    async fn work(&mut self, span: Duration) -> Result<Samples> {
        let mut samples = Samples::default();
        let mut answer = Vec::new();
        let end = now() + span;
        for turn in 0.. {
            if now() >= end {
                break;
            }
            for (kind, stream) in self.streams.iter_mut().enumerate() {
                let requests = &self.requests[kind];
                let start = now();
                exchange(stream, &requests[turn % requests.len()], &mut answer).await?;
                samples[kind].push(start.elapsed());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(samples)
    }
}

/// A command that runs over and over, until it is ended.
struct Noise {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<usize>>,
}

impl Noise {
    fn begin(words: impl Fn() -> Vec<OsString> + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut turn = 0;
            while !told.load(Ordering::Relaxed) {
                daybook(&words())?;
                turn += 1;
            }
            Ok(turn)
        });
        Self { stop, thread }
    }

    /// How often it ran.
    fn end(self) -> Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| "the noise panicked")?
    }
}

fn export(data: &Path, workspace: &str, folder: &Path) -> Vec<OsString> {
    let words = ["export", "--workspace", workspace].map(OsString::from);
    let places = ["--data".into(), data.into(), "--to".into(), folder.into()];
    words.into_iter().chain(places).collect()
}

fn restore(data: &Path, workspace: &str, folder: &Path) -> Vec<OsString> {
    let words = ["restore", "--workspace", workspace].map(OsString::from);
    let places = ["--data".into(), data.into(), folder.into()];
    words.into_iter().chain(places).collect()
}

fn daybook(words: &[OsString]) -> Result<()> {
    let mut command = Command::new(settings::daybook()?);
    let ended = command.args(words).stdin(Stdio::null()).output()?;
    if ended.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&ended.stderr).into_owned().into())
}

/// Puts noise in the place of a file that no server has open.
fn damage(file: &Path) -> Result<()> {
    let length = usize::try_from(file.metadata()?.len())?;
    Ok(std::fs::write(file, vec![0x5a; length])?)
}
