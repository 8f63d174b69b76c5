//! Posting over the API with every guard on, on one workspace and on sixteen, beside a handler that
//! only parses the same JSON.

use std::time::Duration;

use crate::books::{self, ACCOUNTS};
use crate::dice::Dice;
use crate::instance::{Door, Instance, Server};
use crate::load::{self, Outcome, Plan, Target};
use crate::report::Figure;
use crate::settings::{Bare, Settings};
use crate::stopwatch::{median, milliseconds};
use crate::{Result, bare, tell};

/// Requests written for each connection; it sends them in turn.
const REQUESTS: usize = 256;
const WORKSPACES: [usize; 2] = [1, 16];

/// Whom Daybook is measured beside, and the words for it.
pub struct Beside<'b> {
    pub bench: &'static str,
    pub what: &'static str,
    pub goal: &'static str,
    pub bare: Bare,
    /// The database of an instance with so many workspaces; none is the embedded store.
    pub database: &'b dyn Fn(usize) -> Result<Option<String>>,
}

pub fn run(settings: &Settings) -> Result<Vec<Figure>> {
    let beside = Beside {
        bench: "posting",
        what: "bare handler",
        goal: "at least 0.20",
        bare: Bare {
            postgres: None,
            pool: 0,
            ..Bare::default()
        },
        database: &|_| Ok(None),
    };
    against(settings, &beside)
}

pub fn against(settings: &Settings, beside: &Beside<'_>) -> Result<Vec<Figure>> {
    let reference = bare::start(&beside.bare)?;
    let mut figures = Vec::new();
    for workspaces in WORKSPACES {
        // Each size starts with empty books, so that neither pays for the other's.
        let instance = Instance::make((beside.database)(workspaces)?.as_deref())?;
        let server = instance.serve()?;
        let plan = plan(settings, &instance, &server, workspaces)?;
        let addresses = [&reference.target, &server.target];
        let rounds = take_turns(settings.rounds, addresses, &plan)?;
        figures.extend(figures_of(beside, workspaces, &rounds));
    }
    Ok(figures)
}

fn plan(settings: &Settings, instance: &Instance, server: &Server, count: usize) -> Result<Plan> {
    let mut door = instance.door()?;
    let mut workspaces = vec![ready(&mut door, instance.workspace.clone())?];
    for number in 1..count {
        let slug = door.create_workspace(&format!("Bench {number}"))?;
        workspaces.push(ready(&mut door, slug)?);
    }
    let mut dice = Dice::new(1);
    let requests = workspaces.iter().cycle().take(settings.connections);
    let requests = requests.map(|(slug, token)| {
        books::requests(&mut dice, server.target.address, slug, token, REQUESTS)
    });
    Ok(Plan {
        requests: requests.collect(),
        warm_up: Duration::from_secs_f64(settings.warm_up),
        span: Duration::from_secs_f64(settings.seconds),
    })
}

fn ready(door: &mut Door, slug: String) -> Result<(String, String)> {
    books::open_accounts(door, &slug, ACCOUNTS)?;
    let token = door.create_token(&slug)?;
    Ok((slug, token))
}

/// The reference, then Daybook, as often as asked: what the machine does meanwhile meets both.
fn take_turns(
    rounds: usize,
    [reference, daybook]: [&Target; 2],
    plan: &Plan,
) -> Result<Vec<[Outcome; 2]>> {
    let round = |number| {
        let sides = [load::run(reference, plan)?, load::run(daybook, plan)?];
        tell(&format!(
            "  round {number}: reference {:.0}/s, daybook {:.0}/s",
            sides[0].per_second, sides[1].per_second
        ));
        Ok(sides)
    };
    (1..=rounds).map(round).collect()
}

fn figures_of(beside: &Beside<'_>, workspaces: usize, rounds: &[[Outcome; 2]]) -> Vec<Figure> {
    let middle = |of: fn(&[Outcome; 2]) -> f64| median(rounds.iter().map(of).collect());
    let on = match workspaces {
        1 => "1 workspace".to_owned(),
        several => format!("{several} workspaces"),
    };
    let figure = |what: &str, unit, [reference, value, ratio]: [f64; 3]| {
        let what = format!("{what}, {on}");
        Figure::new(beside.bench, what, unit, value).beside(beside.what, reference, ratio)
    };
    vec![
        figure(
            "entries",
            "1/s",
            [
                middle(|[reference, _]| reference.per_second),
                middle(|[_, daybook]| daybook.per_second),
                middle(|[reference, daybook]| daybook.per_second / reference.per_second),
            ],
        )
        .goal(beside.goal),
        figure(
            "latency p50",
            "ms",
            [
                middle(|[reference, _]| milliseconds(reference.p50)),
                middle(|[_, daybook]| milliseconds(daybook.p50)),
                middle(|[reference, it]| it.p50.as_secs_f64() / reference.p50.as_secs_f64()),
            ],
        ),
        figure(
            "latency p99",
            "ms",
            [
                middle(|[reference, _]| milliseconds(reference.p99)),
                middle(|[_, daybook]| milliseconds(daybook.p99)),
                middle(|[reference, it]| it.p99.as_secs_f64() / reference.p99.as_secs_f64()),
            ],
        ),
    ]
}
