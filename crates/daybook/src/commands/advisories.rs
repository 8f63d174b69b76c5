//! `daybook advisories`: known vulnerabilities of what this program is made of.
//! The server looks once a day by itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use daybook_engine::keys::SystemClock;
use daybook_kernel::Clock as _;
use daybook_kernel::ports::{Outside, Outward};
use daybook_server::{App, Egress, LocalRequest, answer_local};
use daybook_supply_chain::{Data, Defect, digest, parts, put_off};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};

use super::{print, tell};
use crate::cli::Advisories;
use crate::failure::{Failure, succeeded};
use crate::outside;
use crate::reach::{Ask, Reach, must_exist};
use crate::settings::{self, Settings};

/// The setting of an instance that asks nobody.
const OFF: &str = "off";
/// A start is busy enough, and one that goes wrong should not ask the world each time.
const FIRST_AFTER: Duration = Duration::from_mins(1);
const EVERY: Duration = Duration::from_hours(24);
/// After a day's answer did not come.
const AGAIN_AFTER: Duration = Duration::from_hours(1);
/// The archive has less than one megabyte today.
const ARCHIVE_BYTES_MAX: usize = 64 << 20;
const RECORD: &str = "trust.record_advisory_scan";

pub fn run(args: &Advisories) -> Result<(), Failure> {
    must_exist(&args.data)?;
    let settings = settings::read(&args.data, &[])?;
    let scan = match &args.from {
        Some(file) => read(file)?,
        None => asked(&args.data, &settings)?,
    };
    let reach = Reach::open(&args.data, &settings)?;
    reach.ask(Ask {
        operation: RECORD,
        workspace: None,
        person: None,
        input: scan.record()?,
        format: "json",
    })?;
    print(&format!(
        "{} packages against {} advisories as of {}",
        scan.packages,
        scan.data.count(),
        scan.data_at
    ))?;
    if scan.defects.is_empty() {
        return print("Nothing is known against them.");
    }
    let lines = scan.defects.iter().map(|it| {
        let (package, version) = (&it.package, &it.version);
        format!("{package} {version}: {} {}", it.advisory, it.title)
    });
    Err(Failure::refused(lines.collect::<Vec<_>>().join("\n")))
}

fn read(file: &Path) -> Result<Scan, Failure> {
    let archive = std::fs::read(file)
        .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    // Of a file nobody knows when it was current: as of its newest advisory, surely.
    let scan = Scan::of(&archive, None);
    scan.map_err(|why| Failure::faults(format!("{}: {why}", file.display())))
}

fn asked(data: &Path, settings: &Settings) -> Result<Scan, Failure> {
    let source = &settings.advisories.source;
    if source == OFF {
        return Err(Failure::usage(
            "advisories.source is off. Name an archive of the database with --from.",
        ));
    }
    tell(&format!("Asking {source} …"));
    fetched(&outside::egress(data, settings)?, source).map_err(Failure::refused)
}

/// What this program is made of, held against advisories.
struct Scan {
    data: Data,
    data_at: Timestamp,
    packages: usize,
    defects: Vec<Defect>,
}

impl Scan {
    /// `current_at` is when the source gave the archive.
    fn of(archive: &[u8], current_at: Option<Timestamp>) -> Result<Self, String> {
        let data = Data::read(archive)?;
        let newest = format!("{}T00:00:00Z", data.newest());
        let data_at = match current_at {
            Some(at) => at,
            None => newest
                .parse()
                .map_err(|error| format!("{newest}: {error}"))?,
        };
        let parts = parts()?;
        let put_off = put_off()?;
        let today = SystemClock.now().strftime("%Y-%m-%d").to_string();
        let mut defects = data.defects(&parts);
        defects.retain(|defect| !put_off.covers(&defect.advisory, &today));
        Ok(Self {
            data,
            data_at,
            packages: parts.packages.len(),
            defects,
        })
    }

    fn record(&self) -> Result<Value, Failure> {
        let advisories =
            i64::try_from(self.data.count()).map_err(|error| Failure::ours(error.to_string()))?;
        let defects = self.defects.iter().map(|it| {
            json!({
                "advisory": it.advisory, "package": it.package,
                "version": it.version, "title": it.title,
            })
        });
        Ok(json!({
            "data_at": self.data_at.to_string(),
            "advisories": advisories,
            "parts_digest": digest(),
            "defects": defects.collect::<Vec<_>>(),
        }))
    }
}

fn fetched(outside: &dyn Outside, source: &str) -> Result<Scan, String> {
    let question = Outward {
        address: source.to_owned(),
        headers: vec![("accept".to_owned(), "application/gzip".to_owned())],
        body: None,
        age_ms_max: 0,
        bytes_max: ARCHIVE_BYTES_MAX,
    };
    let answer = outside.ask(&question).map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("{source} answers {}", answer.status));
    }
    Scan::of(&answer.body, Some(SystemClock.now())).map_err(|why| format!("{source}: {why}"))
}

/// The server's own look.
pub struct Daily {
    source: String,
    egress: Arc<Egress>,
}

impl Daily {
    pub fn new(data: &Path, settings: &Settings) -> Result<Option<Self>, Failure> {
        let source = settings.advisories.source.clone();
        if source == OFF {
            return Ok(None);
        }
        let egress = Arc::new(outside::egress(data, settings)?);
        Ok(Some(Self { source, egress }))
    }

    /// On a thread of its own: a server that ends waits for no answer from outside.
    async fn asked(&self) -> Result<Scan, String> {
        let (sender, receiver) = oneshot::channel();
        let (egress, source) = (Arc::clone(&self.egress), self.source.clone());
        std::thread::spawn(move || {
            // Whoever asked may have ended.
            let _ = sender.send(fetched(egress.as_ref(), &source));
        });
        receiver.await.map_err(|error| error.to_string())?
    }
}

pub async fn each_day(
    app: Arc<App>,
    daily: Option<Daily>,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let Some(daily) = daily else {
        return Ok(());
    };
    let mut wait = FIRST_AFTER;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.changed() => return Ok(()),
        }
        let looked = tokio::select! {
            looked = look(&app, &daily) => looked,
            _ = stop.changed() => return Ok(()),
        };
        wait = match looked {
            Ok(()) => EVERY,
            Err(why) => {
                tracing::warn!(why, "known vulnerabilities could not be looked for");
                AGAIN_AFTER
            }
        };
    }
}

async fn look(app: &Arc<App>, daily: &Daily) -> Result<(), String> {
    let scan = daily.asked().await?;
    metrics::gauge!("daybook_vulnerabilities_open").set(small(scan.defects.len()));
    for defect in &scan.defects {
        let Defect {
            advisory,
            package,
            version,
            title,
        } = defect;
        tracing::error!(advisory, package, version, title, "a known vulnerability");
    }
    let request = LocalRequest {
        operation: RECORD.to_owned(),
        workspace: None,
        r#as: None,
        input: scan.record().map_err(|failure| failure.message)?,
        format: "json".to_owned(),
    };
    let answer = answer_local(app, request).await;
    succeeded(answer).map_err(|failure| failure.message)?;
    Ok(())
}

fn small(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}
