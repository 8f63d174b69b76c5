//! The trial balance at any date and a page of a register, in the process, over a small ledger and
//! over a large one. Every guard is on here too: what is timed is a query with a token, from the
//! call to its answer.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use daybook_engine::{Call, Credential};
use daybook_kernel::Error;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::Result;
use crate::books::{self, DAYS};
use crate::dice::Dice;
use crate::house::{House, plain, posted};
use crate::instance::OWNER;
use crate::report::Figure;
use crate::settings::Settings;
use crate::stopwatch::{milliseconds, now, quantile};

const ACCOUNTS: u64 = 1_000;
/// One entry in so many is dated anywhere in the ten years; the others come in order.
const OUT_OF_ORDER: u64 = 4;
/// Postings under way at once while a ledger is filled.
const WINDOW: usize = 1_024;
const WARM_UP: usize = 20;
const SAMPLES: usize = 300;

pub fn run(settings: &Settings) -> Result<Vec<Figure>> {
    let house = House::open()?;
    let mut small = measure(&house, "Small", settings.small)?;
    let mut large = measure(&house, "Large", settings.large)?;
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

/// One workspace with a token for it.
struct Ledger<'h> {
    house: &'h House,
    slug: String,
    token: String,
}

/// Fills a ledger and answers the samples of both reports.
fn measure(house: &House, name: &str, entries: u64) -> Result<[Vec<Duration>; 2]> {
    let slug = house.workspace(name)?;
    let owner = Credential::Local(Some(OWNER.to_owned()));
    let input = json!({"name": "Bench", "scopes": ["books.*"]});
    let made = house.act("team.create_api_token", Some(&slug), input, owner)?;
    let token = made["token"].as_str().unwrap_or_default().to_owned();
    let ledger = Ledger { house, slug, token };
    ledger.fill(entries)?;
    Ok([ledger.trial_balances()?, ledger.register_pages()?])
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
        posted(entries, start.elapsed());
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
            samples.push(self.house.timed(call)?);
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
