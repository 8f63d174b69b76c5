//! The reference: a server behind the same kind of listener that reads the same JSON into the same
//! struct and answers as short a JSON. On PostgreSQL it keeps the entry as a plain program would,
//! in one transaction a request.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use daybook_engine::keys::SystemClock;
use daybook_kernel::Clock as _;
use daybook_server::{Certificate, Edge, EdgeSettings, Gate, Tls};
use postgres::{Client, NoTls, Statement};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use crate::instance::Server;
use crate::settings::Bare;
use crate::{Result, tell};

/// What `books.post_entry` takes.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Entry {
    date: String,
    description: String,
    reference: Option<String>,
    note: Option<String>,
    tags: Vec<String>,
    currency: Option<String>,
    lines: Vec<Line>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Line {
    account: String,
    amount: Option<String>,
    debit: Option<String>,
    credit: Option<String>,
    currency: Option<String>,
    rate: Option<String>,
    base_amount: Option<String>,
    note: Option<String>,
}

#[derive(Serialize)]
struct Posted<'a> {
    number: i64,
    date: &'a str,
}

/// Starts the reference as a process of its own.
pub fn start(bare: &Bare) -> Result<Server> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("bare");
    if let Some(parameters) = &bare.postgres {
        command.args(["--postgres", parameters]);
    }
    command.args(["--pool", &bare.pool.to_string()]);
    let certificates = crate::settings::scratch()?;
    let tls = certificates.path().join("tls");
    command.arg("--tls").arg(&tls);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().ok_or("the reference has no stdout")?;
    let mut said = String::new();
    let read = std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut said);
    let address = read
        .map_err(Into::into)
        .and_then(|_| Ok(said.trim().parse()?));
    Ok(Server::new(child, address, &tls)?.keeping(certificates))
}

/// What the process does: it tells its address and serves until it is killed.
pub fn serve(bare: &Bare) -> Result<()> {
    let pool = bare.postgres.as_deref();
    let pool = pool.map(|parameters| pool_of(parameters, bare.pool));
    let path = "/api/v1/{workspace}/{operation}";
    let router: Router = match pool.transpose()? {
        None => Router::new().route(path, post(answer)),
        Some(pool) => Router::new().route(path, post(keep)).with_state(pool),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(listen(router, &bare.tls))
}

/// Behind the listener of `crates/server/src/listen.rs` itself.
async fn listen(router: Router, folder: &Path) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let local = Certificate::Local { names: Vec::new() };
    let tls = Tls::open(folder.to_owned(), local, Arc::new(|| SystemClock.now()))?;
    let edge = Edge::new(&EdgeSettings::default(), &[], address.port())?;
    let edge = Arc::new(edge);
    writeln!(std::io::stdout(), "{address}")?;
    let (_stop, stopped) = watch::channel(false);
    Ok(daybook_server::serve_router(router, listener, Gate { tls, edge }, stopped).await?)
}

async fn answer(body: Bytes) -> Response {
    let Ok(entry) = serde_json::from_slice::<Entry>(&body) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let read = entry.lines.iter().map(Line::texts).sum::<usize>() + entry.texts();
    posted(i64::try_from(read).unwrap_or_default(), &entry.date)
}

fn posted(number: i64, date: &str) -> Response {
    match serde_json::to_vec(&Posted { number, date }) {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Entry {
    /// How much of what may be left out was there: each field is read, so none is optimised away.
    fn texts(&self) -> usize {
        let given = [&self.reference, &self.note, &self.currency];
        given.iter().filter(|text| text.is_some()).count() + self.tags.len()
    }
}

impl Line {
    fn texts(&self) -> usize {
        let given = [
            &self.amount,
            &self.debit,
            &self.credit,
            &self.currency,
            &self.rate,
            &self.base_amount,
            &self.note,
        ];
        given.iter().filter(|text| text.is_some()).count()
    }

    /// The amount in cents; the benches write two decimals.
    fn cents(&self) -> i64 {
        let amount = self.amount.as_deref().unwrap_or_default();
        amount.replace('.', "").parse().unwrap_or_default()
    }
}

type Kept = std::result::Result<i64, postgres::Error>;
type Job = (Arc<Entry>, oneshot::Sender<Kept>);

async fn keep(State(pool): State<Sender<Job>>, body: Bytes) -> Response {
    let Ok(entry) = serde_json::from_slice::<Entry>(&body) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let entry = Arc::new(entry);
    let (sender, receiver) = oneshot::channel();
    // A pool that is gone drops the sender, which shows below.
    let _ = pool.send((Arc::clone(&entry), sender));
    match receiver.await {
        Ok(Ok(number)) => posted(number, &entry.date),
        Ok(Err(error)) => {
            tell(&format!("the reference: {error}"));
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

const TABLES: &str = "
    CREATE SCHEMA IF NOT EXISTS bare;
    CREATE TABLE IF NOT EXISTS bare.entries (
        number BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        date TEXT NOT NULL, description TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS bare.lines (
        entry BIGINT NOT NULL, line BIGINT NOT NULL, account TEXT NOT NULL, amount BIGINT NOT NULL,
        PRIMARY KEY (entry, line));
    CREATE TABLE IF NOT EXISTS bare.balances (account TEXT PRIMARY KEY, balance BIGINT NOT NULL);
    CREATE TABLE IF NOT EXISTS bare.audit (
        id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        entry BIGINT NOT NULL, what TEXT NOT NULL);";

/// Connections that take a job each, first come, first served.
fn pool_of(parameters: &str, connections: usize) -> Result<Sender<Job>> {
    let (sender, receiver) = channel::<Job>();
    let receiver = Arc::new(Mutex::new(receiver));
    Client::connect(parameters, NoTls)?.batch_execute(TABLES)?;
    for _ in 0..connections {
        let mut client = Client::connect(parameters, NoTls)?;
        let statements = Statements::prepare(&mut client)?;
        let receiver = Arc::clone(&receiver);
        std::thread::spawn(move || {
            while let Some((entry, done)) = next(&receiver) {
                // Whoever asked may have gone.
                let _ = done.send(statements.keep(&mut client, &entry));
            }
        });
    }
    Ok(sender)
}

fn next(receiver: &Mutex<Receiver<Job>>) -> Option<Job> {
    let receiver = receiver.lock().unwrap_or_else(PoisonError::into_inner);
    receiver.recv().ok()
}

struct Statements {
    entry: Statement,
    line: Statement,
    balance: Statement,
    audit: Statement,
}

impl Statements {
    fn prepare(client: &mut Client) -> std::result::Result<Self, postgres::Error> {
        Ok(Self {
            entry: client.prepare(
                "INSERT INTO bare.entries (date, description) VALUES ($1, $2) RETURNING number",
            )?,
            line: client.prepare(
                "INSERT INTO bare.lines (entry, line, account, amount) VALUES ($1, $2, $3, $4)",
            )?,
            balance: client.prepare(
                "INSERT INTO bare.balances (account, balance) VALUES ($1, $2) \
                 ON CONFLICT (account) DO UPDATE SET balance = balances.balance + excluded.balance",
            )?,
            audit: client.prepare("INSERT INTO bare.audit (entry, what) VALUES ($1, $2)")?,
        })
    }

    fn keep(&self, client: &mut Client, entry: &Entry) -> Kept {
        let mut tx = client.transaction()?;
        let row = tx.query_one(&self.entry, &[&entry.date, &entry.description])?;
        let number: i64 = row.get(0);
        for (line, at) in entry.lines.iter().zip(1_i64..) {
            tx.execute(&self.line, &[&number, &at, &line.account, &line.cents()])?;
        }
        // Always in the same order, so that no two transactions wait for each other.
        let mut lines: Vec<&Line> = entry.lines.iter().collect();
        lines.sort_by(|a, b| a.account.cmp(&b.account));
        for line in lines {
            tx.execute(&self.balance, &[&line.account, &line.cents()])?;
        }
        tx.execute(&self.audit, &[&number, &entry.description])?;
        tx.commit()?;
        Ok(number)
    }
}
