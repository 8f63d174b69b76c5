//! What an idle server holds, what an open workspace adds to it, and what a thousand workspaces that
//! were each posted to leave behind.

use std::time::Duration;

use crate::books;
use crate::dice::Dice;
use crate::instance::{Door, Instance, Server};
use crate::report::Figure;
use crate::settings::Settings;
use crate::stopwatch::{idle, now};
use crate::{Result, tell};

/// Workspaces that are open at once, below the number that a server keeps open.
const OPEN: usize = 100;
const KIB: f64 = 1_024.0;

pub fn run(settings: &Settings) -> Result<Vec<Figure>> {
    let mut figures = open_workspaces(settings)?;
    figures.extend(many_workspaces(settings)?);
    Ok(figures)
}

fn open_workspaces(settings: &Settings) -> Result<Vec<Figure>> {
    let instance = Instance::make(None)?;
    let mut slugs = Vec::new();
    {
        let _server = instance.serve()?;
        let mut door = instance.door()?;
        for number in 0..OPEN {
            slugs.push(found(&mut door, number)?);
        }
    }
    // Started anew, so that what it took to make them is not counted.
    let server = instance.serve()?;
    let mut door = instance.door()?;
    let mut open = |slugs: &[String]| -> Result<f64> {
        for slug in slugs {
            door.ask("books.trial_balance", Some(slug), serde_json::json!({}))?;
        }
        at_rest(&server, settings)
    };
    let one = open(std::slice::from_ref(&instance.workspace))?;
    let all = open(&slugs)?;
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let each = (all - one) / OPEN as f64;
    Ok(vec![
        figure("idle server, 1 workspace open".to_owned(), one).goal("under 40 MiB"),
        figure(format!("an idle open workspace, of {OPEN}"), each).goal("under 1 MiB"),
    ])
}

fn many_workspaces(settings: &Settings) -> Result<Vec<Figure>> {
    let instance = Instance::make(None)?;
    let server = instance.serve()?;
    let mut door = instance.door()?;
    let start = now();
    for number in 0..settings.workspaces {
        found(&mut door, number)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let resident = server.resident_kib()?;
    let rested = at_rest(&server, settings)?;
    let what = format!("{} workspaces created and posted to", settings.workspaces);
    Ok(vec![
        Figure::new("memory", what.clone(), "s", seconds).goal("done on one machine"),
        figure(format!("{what}, at once"), resident),
        figure(format!("{what}, at rest"), rested),
    ])
}

/// A workspace with two accounts and one entry.
fn found(door: &mut Door, number: usize) -> Result<String> {
    let slug = door.create_workspace(&format!("Firm {number}"))?;
    books::open_accounts(door, &slug, 2)?;
    let entry = books::entry(&mut Dice::new(6), 0, 2);
    door.ask("books.post_entry", Some(&slug), entry)?;
    Ok(slug)
}

fn at_rest(server: &Server, settings: &Settings) -> Result<f64> {
    tell(&format!("  idle for {} s", settings.idle));
    idle(Duration::from_secs(settings.idle));
    server.resident_kib()
}

fn figure(what: String, kib: f64) -> Figure {
    Figure::new("memory", what, "MiB", kib / KIB)
}
