//! How long the server takes for the pages that people open all day, in a workspace with a year of
//! a small company's books: one person, one connection.

use std::net::SocketAddr;
use std::time::Duration;

use crate::books::{self, ACCOUNTS};
use crate::dice::Dice;
use crate::instance::{Instance, OWNER, PASSWORD};
use crate::load::{Stream, Target, exchange, header};
use crate::report::Figure;
use crate::settings::Settings;
use crate::stopwatch::{milliseconds, now, quantile};
use crate::{Result, tell};

/// About what the demo holds.
const ENTRIES: u64 = 1_500;
/// The last of the ten years.
const FIRST_DAY: u64 = books::DAYS - 365;
const WARM_UP: usize = 5;
const SAMPLES: usize = 100;
const PAGES: [&str; 13] = [
    "",
    "books/entries",
    "books/entries/new",
    "books/entries/1",
    "books/accounts",
    "books/accounts/A000",
    "books/reports/trial-balance",
    "books/reports/profit-and-loss",
    "books/reports/balance-sheet",
    "books/reports/general-ledger",
    "books/reports/journal",
    "trust/activity",
    "team/members",
];

pub fn run(_: &Settings) -> Result<Vec<Figure>> {
    let instance = Instance::make(None)?;
    let server = instance.serve()?;
    let mut door = instance.door()?;
    books::open_accounts(&mut door, &instance.workspace, ACCOUNTS)?;
    let mut dice = Dice::new(7);
    for number in 0..ENTRIES {
        let day = FIRST_DAY + number * 365 / ENTRIES;
        let entry = books::entry(&mut dice, day, ACCOUNTS);
        door.ask("books.post_entry", Some(&instance.workspace), entry)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(read_all(&server.target, &instance.workspace))
}

async fn read_all(target: &Target, workspace: &str) -> Result<Vec<Figure>> {
    let address = target.address;
    let mut stream = target.connect().await?;
    let cookie = sign_in(&mut stream, address).await?;
    let mut figures = Vec::new();
    for page in PAGES {
        let path = format!("/w/{workspace}/{page}");
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\naccept: text/html\r\n\r\n"
        );
        match read(&mut stream, request.as_bytes()).await {
            Ok(mut samples) => {
                let name = if page.is_empty() { "dashboard" } else { page };
                for (share, word) in [(0.5, "p50"), (0.99, "p99")] {
                    let took = milliseconds(quantile(&mut samples, share));
                    figures.push(Figure::new("pages", format!("{name}, {word}"), "ms", took));
                }
            }
            // A page that moved is no reason to lose the figures of the others.
            Err(error) => tell(&format!("  {path}: {error}")),
        }
    }
    Ok(figures)
}

async fn read(stream: &mut Stream, request: &[u8]) -> Result<Vec<Duration>> {
    let mut answer = Vec::new();
    let mut samples = Vec::new();
    for _ in 0..WARM_UP + SAMPLES {
        let start = now();
        exchange(stream, request, &mut answer).await?;
        samples.push(start.elapsed());
    }
    Ok(samples.split_off(WARM_UP))
}

/// Signs in as a browser does and answers the session's cookie.
pub async fn sign_in(stream: &mut Stream, address: SocketAddr) -> Result<String> {
    let encoded = |text: &str| text.replace('@', "%40").replace(' ', "+");
    let form = format!("GET /sign-in HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let mut answer = Vec::new();
    exchange(stream, form.as_bytes(), &mut answer).await?;
    let form = String::from_utf8_lossy(&answer).into_owned();
    let csrf = header(&form, "set-cookie").and_then(|cookie| cookie.split(';').next());
    let csrf = csrf.ok_or("the sign-in page gave no cookie")?;
    let token = csrf.split_once('=').map_or("", |(_, token)| token);
    let body = format!(
        "next=%2F&csrf={token}&email={}&password={}",
        encoded(OWNER),
        encoded(PASSWORD)
    );
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {address}\r\norigin: https://{address}\r\n\
         cookie: {csrf}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(stream, request.as_bytes(), &mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let cookie = header(&answer, "set-cookie").and_then(|cookie| cookie.split(';').next());
    Ok(cookie.ok_or("signing in gave no cookie")?.to_owned())
}
