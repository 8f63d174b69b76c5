//! `daybook demo`: makes a company with a year of books in a folder of its own,
//! and serves it.

use std::num::NonZeroU32;
use std::path::Path;

use daybook_engine::keys::SystemClock;
use daybook_kernel::Clock as _;
use daybook_server::{AUTHORITY_FILE, Site};
use jiff::tz::TimeZone;

use super::init::made_password;
use super::{serve, tell};
use crate::cli;
use crate::demo::folder::{self, Marker};
use crate::demo::people::Person;
use crate::edge;
use crate::failure::Failure;
use crate::features::SITE;
use crate::reach::Reach;
use crate::settings::{self, Settings};

pub fn run(args: cli::Demo) -> Result<(), Failure> {
    let data = match args.data {
        Some(data) => data,
        None => folder::usual()?,
    };
    if args.fresh {
        folder::remove(&data)?;
    }
    let marker = match folder::look(&data)? {
        Some(marker) if marker.finished => marker,
        Some(_) => {
            folder::remove(&data)?;
            make(&data)?
        }
        None => make(&data)?,
    };
    let mut settings = settings_of(&data)?;
    settings.listen = Some(args.listen);
    let site = Site { demo: true, ..SITE };
    serve::write_logs();
    serve::serve(&data, &settings, &site, |address| {
        tell(&welcome(
            &format!("https://{address}/"),
            &marker.password,
            &data,
        ));
    })
}

fn make(data: &Path) -> Result<Marker, Failure> {
    let password = made_password()?;
    let mut marker = Marker {
        password: password.to_string(),
        finished: false,
    };
    folder::mark(data, &marker)?;
    let mut settings = settings_of(data)?;
    // Nobody is kept waiting by a year of entries at once.
    settings.limits.requests_per_second = NonZeroU32::MAX;
    let reach = Reach::open(data, &settings)?;
    let today = SystemClock.now().to_zoned(TimeZone::UTC).date();
    crate::demo::make(&reach, &password, today)?;
    drop(reach);
    marker.finished = true;
    folder::mark(data, &marker)?;
    Ok(marker)
}

/// The demo is always in its own folder, whatever its settings say of a database.
fn settings_of(data: &Path) -> Result<Settings, Failure> {
    let mut settings = settings::read(data, &[])?;
    settings.database = None;
    Ok(settings)
}

fn welcome(address: &str, password: &str, data: &Path) -> String {
    let people: Vec<String> = Person::ALL
        .iter()
        .map(|person| format!("    {:28} {}", person.email(), person.role()))
        .collect();
    format!(
        "\n  The demo is at  {address}\n\n  Sign in as any of\n{}\n  with the password  {password}\n\n  \
         Its certificate is made here, so a browser asks before the first visit; to be asked no \
         more, add\n  {} to the authorities that the browser trusts.\n\n  \
         It is kept in {}; `daybook demo --fresh` begins it anew.\n  Ctrl+C ends it.\n",
        people.join("\n"),
        data.join(edge::FOLDER).join(AUTHORITY_FILE).display(),
        data.display()
    )
}
