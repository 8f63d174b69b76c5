//! The trial balance at any date and a page of a register, in the process, over a small ledger and
//! over a large one. Every guard is on here too: what is timed is a query with a token, from the
//! call to its answer.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use daybook::features::{DIRECTORY, FEATURES};
use daybook_engine::keys::{SystemClock, SystemEntropy};
use daybook_engine::limits::Allowances;
use daybook_engine::{Call, Credential, Doors, Engine};
use daybook_kernel::operation::{Given, Operation, Wanted};
use daybook_kernel::ports::Nobody;
use daybook_kernel::{Error, Origin};
use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::books::{self, DAYS};
use crate::dice::Dice;
use crate::instance::{OWNER, PASSWORD};
use crate::report::Figure;
use crate::settings::{self, Settings};
use crate::stopwatch::{milliseconds, now, quantile};
use crate::{Result, tell};

const ACCOUNTS: u64 = 1_000;
/// One entry in so many is dated anywhere in the ten years; the others come in order.
const OUT_OF_ORDER: u64 = 4;
/// Postings under way at once while a ledger is filled.
const WINDOW: usize = 1_024;
const WARM_UP: usize = 20;
const SAMPLES: usize = 300;

pub fn run(settings: &Settings) -> Result<Vec<Figure>> {
    let house = House::open()?;
    let mut small = house.measure("Small", settings.small)?;
    let mut large = house.measure("Large", settings.large)?;
    let mut figures = Vec::new();
    let names = ["trial balance", "register page"];
    for (name, (small, large)) in names.into_iter().zip(small.iter_mut().zip(&mut large)) {
        for (share, word) in [(0.5, "median"), (0.99, "p99")] {
            let of_small = milliseconds(quantile(small, share));
            let of_large = milliseconds(quantile(large, share));
            let what = format!("{name}, {word}, {} entries", settings.large);
            let figure = Figure::new("reports", what, "ms", of_large).beside(
                "the small ledger",
                of_small,
                of_large / of_small,
            );
            figures.push(if share < 0.9 {
                figure.goal("at most 2, and 10 ms")
            } else {
                figure
            });
        }
    }
    Ok(figures)
}

/// An engine on a fresh folder, with its Owner.
struct House {
    engine: Engine,
    _folder: TempDir,
}

/// One workspace with a token for it.
struct Ledger<'h> {
    house: &'h House,
    slug: String,
    token: String,
}

impl House {
    fn open() -> Result<Self> {
        let folder = settings::scratch()?;
        let engine = daybook_engine::Settings {
            data: folder.path().to_owned(),
            database: None,
            site: String::new(),
            password_scheme: daybook_kernel::PasswordScheme::Argon2id,
            allowances: Allowances {
                requests_per_second: 10_000_000.try_into()?,
                ..Allowances::default()
            },
            open_workspaces_max: 16,
        };
        let doors = Doors {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            outside: Arc::new(Nobody),
        };
        let engine = Engine::open(engine, &FEATURES, DIRECTORY, doors);
        let house = Self {
            engine: engine.map_err(plain)?,
            _folder: folder,
        };
        let person = json!({"email": OWNER, "password": PASSWORD});
        house.act(
            "identity.create_person",
            None,
            person,
            Credential::Local(None),
        )?;
        Ok(house)
    }

    /// Fills a ledger and answers the samples of both reports.
    fn measure(&self, name: &str, entries: u64) -> Result<[Vec<Duration>; 2]> {
        let owner = || Credential::Local(Some(OWNER.to_owned()));
        let create = "identity.create_workspace";
        let made = self.act(create, None, json!({"name": name}), owner())?;
        let slug = made["slug"].as_str().unwrap_or_default().to_owned();
        let input = json!({"name": "Bench", "scopes": ["books.*"]});
        let made = self.act("team.create_api_token", Some(&slug), input, owner())?;
        let token = made["token"].as_str().unwrap_or_default().to_owned();
        let ledger = Ledger {
            house: self,
            slug,
            token,
        };
        ledger.fill(entries)?;
        Ok([ledger.trial_balances()?, ledger.register_pages()?])
    }

    fn act(
        &self,
        operation: &str,
        workspace: Option<&str>,
        input: Value,
        credential: Credential,
    ) -> Result<Value> {
        let (sender, receiver) = channel();
        let call = self.call(operation, workspace, &input, credential)?;
        // The receiver waits below for as long as this lives.
        let answer = move |done| drop(sender.send(done));
        self.engine.command(call, Box::new(answer));
        Ok(serde_json::from_slice(&receiver.recv()?.map_err(plain)?)?)
    }

    fn call(
        &self,
        operation: &str,
        workspace: Option<&str>,
        input: &Value,
        credential: Credential,
    ) -> Result<Call> {
        Ok(Call {
            workspace: workspace.map(str::to_owned),
            operation: self.operation(operation)?,
            input: serde_json::to_vec(input)?,
            credential,
            origin: Arc::new(Origin::local()),
            request: self.engine.new_request().map_err(plain)?,
        })
    }

    fn operation(&self, name: &str) -> Result<&'static Operation> {
        let found = self.engine.registry().operation(name);
        Ok(found.ok_or_else(|| format!("there is no operation {name}"))?)
    }
}

impl Ledger<'_> {
    fn call(&self, operation: &str, input: &Value) -> Result<Call> {
        let credential = Credential::Token(Zeroizing::new(self.token.clone()));
        self.house
            .call(operation, Some(&self.slug), input, credential)
    }

    fn fill(&self, entries: u64) -> Result<()> {
        let start = now();
        let (sender, receiver) = channel();
        let mut under_way = 0;
        let mut post = |operation: &str, input: &Value| -> Result<()> {
            if under_way == WINDOW {
                take(&receiver, 1)?;
                under_way -= 1;
            }
            let sender = sender.clone();
            let answer = move |done| drop(sender.send(done));
            let call = self.call(operation, input)?;
            self.house.engine.command(call, Box::new(answer));
            under_way += 1;
            Ok(())
        };
        for account in 0..ACCOUNTS {
            post("books.open_account", &books::opening(account))?;
        }
        let mut dice = Dice::new(2);
        for number in 0..entries {
            let day = match dice.below(OUT_OF_ORDER) {
                0 => dice.below(DAYS),
                _ => number * DAYS / entries,
            };
            post("books.post_entry", &books::entry(&mut dice, day, ACCOUNTS))?;
        }
        take(&receiver, under_way)?;
        let seconds = start.elapsed().as_secs_f64();
        tell(&format!(
            "  {entries} entries were posted in {seconds:.1} s"
        ));
        Ok(())
    }

    fn trial_balances(&self) -> Result<Vec<Duration>> {
        let mut dice = Dice::new(3);
        let input = |_| json!({"on": books::day(dice.below(DAYS))});
        self.sample("books.trial_balance", input)
    }

    fn register_pages(&self) -> Result<Vec<Duration>> {
        let mut dice = Dice::new(4);
        let input = |_| {
            let account = books::code(dice.below(ACCOUNTS));
            json!({"account": account, "from": books::day(dice.below(DAYS))})
        };
        self.sample("books.account_register", input)
    }

    fn sample(&self, operation: &str, input: impl FnMut(usize) -> Value) -> Result<Vec<Duration>> {
        let inputs: Vec<Value> = (0..WARM_UP + SAMPLES).map(input).collect();
        let mut samples = Vec::with_capacity(inputs.len());
        for input in inputs {
            let call = self.call(operation, &input)?;
            let (sender, receiver) = channel();
            let start = now();
            self.house.engine.query(call, Wanted::Json, move |given| {
                // The receiver waits below for as long as this lives.
                let _ = sender.send(given);
            });
            let given = receiver.recv()?;
            samples.push(start.elapsed());
            if !matches!(given.map_err(plain)?, Given::Json(_)) {
                return Err("a report came as no JSON".into());
            }
        }
        Ok(samples.split_off(WARM_UP))
    }
}

/// Waits for so many answers; one that is no success ends the bench.
fn take(receiver: &Receiver<std::result::Result<Vec<u8>, Error>>, count: usize) -> Result<()> {
    for _ in 0..count {
        receiver.recv()?.map_err(plain)?;
    }
    Ok(())
}

/// An error in all its words: whoever measures may see the cause.
fn plain(error: Error) -> String {
    match error {
        Error::Ours(cause) => cause,
        other => other.to_string(),
    }
}
