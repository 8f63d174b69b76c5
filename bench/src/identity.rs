//! What coming in costs: a sign-in beside the hash that it must make, a query by session beside the
//! same query without one, and other people's pages while fifty sign in at once.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use daybook_engine::Credential;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use crate::Result;
use crate::books::{self, ACCOUNTS};
use crate::house::House;
use crate::instance::{Instance, OWNER, PASSWORD};
use crate::load::{Stream, Target, exchange};
use crate::pages::sign_in;
use crate::report::Figure;
use crate::settings::Settings;
use crate::stopwatch::{milliseconds, now, quantile, time};

const SIGN_INS: usize = 30;
const CHECKS: usize = 2_000;
const WARM_UP: usize = 200;
/// At once, over and over.
const CROWD: usize = 50;
/// Between two pages.
const PAUSE: Duration = Duration::from_millis(20);
/// Accounts of the list that both sides of a session's check read.
const LISTED: u64 = 50;

pub fn run(settings: &Settings) -> Result<Vec<Figure>> {
    let span = Duration::from_secs_f64(settings.seconds);
    let mut figures = check_sessions()?;
    let instance = Instance::make(None)?;
    let server = instance.serve()?;
    let mut door = instance.door()?;
    books::open_accounts(&mut door, &instance.workspace, ACCOUNTS)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    figures.push(runtime.block_on(sign_ins(&server.target))?);
    figures.extend(runtime.block_on(crowd(&server.target, &instance.workspace, span))?);
    Ok(figures)
}

/// One list of accounts, asked for in turns by a session and by whoever holds the data folder, who
/// shows nothing that is looked up.
fn check_sessions() -> Result<Vec<Figure>> {
    let house = House::open()?;
    let slug = house.workspace("Bench")?;
    let local = || Credential::Local(Some(OWNER.to_owned()));
    for account in 0..LISTED {
        house.act(
            "books.open_account",
            Some(&slug),
            books::opening(account),
            local(),
        )?;
    }
    let input = json!({"email": OWNER, "password": PASSWORD});
    let signed_in = house.act("identity.sign_in", None, input, Credential::Nobody)?;
    let token = signed_in["token"].as_str().unwrap_or_default().to_owned();
    let session = || Credential::Session(Zeroizing::new(token.clone()));
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for at in 0..WARM_UP + CHECKS {
        let ask = |credential| {
            house.timed(house.call("books.list_accounts", Some(&slug), &json!({}), credential)?)
        };
        let (by_session, locally) = (ask(session())?, ask(local())?);
        if at >= WARM_UP {
            with.push(by_session);
            without.push(locally);
        }
    }
    let figure = |share: f64, word: &str, with: &mut [Duration], without: &mut [Duration]| {
        let (with, without) = (quantile(with, share), quantile(without, share));
        let (with, without) = (milliseconds(with), milliseconds(without));
        let what = format!("a query by session, {word}");
        Figure::new("identity", what, "ms", with).beside("without one", without, with / without)
    };
    Ok(vec![
        figure(0.5, "p50", &mut with, &mut without).goal("at most 1.3"),
        figure(0.99, "p99", &mut with, &mut without),
    ])
}

fn sign_in_request(target: &Target) -> Vec<u8> {
    let address = target.address;
    let body = json!({"email": OWNER, "password": PASSWORD}).to_string();
    format!(
        "POST /api/v1/identity.sign_in HTTP/1.1\r\nhost: {address}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sign-ins one after the other, each beside a bare hash of the same cost.
async fn sign_ins(target: &Target) -> Result<Figure> {
    let argon2 = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(64 << 10, 3, 1, None).map_err(|error| error.to_string())?,
    );
    let mut stream = target.connect().await?;
    let request = sign_in_request(target);
    let mut answer = Vec::new();
    let (mut whole, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..SIGN_INS {
        let start = now();
        exchange(&mut stream, &request, &mut answer).await?;
        whole.push(start.elapsed());
        let mut hash = [0; 32];
        let (done, took) = time(|| {
            argon2.hash_password_into(PASSWORD.as_bytes(), b"a salt of sixteen", &mut hash)
        });
        done.map_err(|error| error.to_string())?;
        bare.push(took);
    }
    let whole = milliseconds(quantile(&mut whole, 0.5));
    let bare = milliseconds(quantile(&mut bare, 0.5));
    let figure = Figure::new("identity", "a sign-in, p50", "ms", whole);
    Ok(figure
        .beside("its hash alone", bare, whole / bare)
        .goal("its hash and little else"))
}

/// One person's page alone, and while fifty others sign in.
async fn crowd(target: &Target, workspace: &str, span: Duration) -> Result<Vec<Figure>> {
    let address = target.address;
    let mut reader = target.connect().await?;
    let cookie = sign_in(&mut reader, address).await?;
    let request = format!(
        "GET /w/{workspace}/books/reports/trial-balance HTTP/1.1\r\nhost: {address}\r\n\
         cookie: {cookie}\r\naccept: text/html\r\n\r\n"
    );
    let mut alone = look(&mut reader, request.as_bytes(), span).await?;
    let (stop, stopped) = watch::channel(false);
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        crowd.spawn(come_in(target.clone(), stopped.clone()));
    }
    let mut beside = look(&mut reader, request.as_bytes(), span).await?;
    // Nobody listens where every sign-in has failed, which shows below.
    let _ = stop.send(true);
    let mut signed_in = 0_usize;
    while let Some(ended) = crowd.join_next().await {
        signed_in += ended??;
    }
    let mut figures = Vec::new();
    for (share, word) in [(0.5, "p50"), (0.99, "p99")] {
        let with = milliseconds(quantile(&mut beside, share));
        let without = milliseconds(quantile(&mut alone, share));
        let what = format!("a page while {CROWD} sign in ({signed_in} did), {word}");
        let figure = Figure::new("identity", what, "ms", with);
        figures.push(
            figure
                .beside("alone", without, with / without)
                .goal("at most 2"),
        );
    }
    Ok(figures)
}

/// Looks at a page for so long, with the pauses of somebody who reads.
async fn look(stream: &mut Stream, request: &[u8], span: Duration) -> Result<Vec<Duration>> {
    let mut answer = Vec::new();
    let mut samples = Vec::new();
    let end = now() + span;
    while now() < end {
        let start = now();
        exchange(stream, request, &mut answer).await?;
        samples.push(start.elapsed());
        if !answer.starts_with(b"HTTP/1.1 200 ") {
            return Err(format!("no page: {}", String::from_utf8_lossy(&answer)).into());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(samples)
}

/// Signs in over and over, and answers how often it was let in; whoever is told to wait is not.
async fn come_in(target: Target, stopped: watch::Receiver<bool>) -> Result<usize> {
    let mut stream = target.connect().await?;
    let request = sign_in_request(&target);
    let (mut answer, mut let_in) = (Vec::new(), 0);
    while !*stopped.borrow() {
        match exchange(&mut stream, &request, &mut answer).await {
            Ok(()) => let_in += 1,
            // A full queue of hashes is told with 503 and when to come again.
            Err(_) if answer.starts_with(b"HTTP/1.1 503 ") => {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(let_in)
}
