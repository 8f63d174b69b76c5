//! `daybook move`: an instance from one store to the other. The source is only
//! read; the target must hold nothing, and is proved to hold the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use daybook_engine::carry::{Moved, relocate};
use daybook_engine::store::Store;
use serde_json::{Value, json};

use super::{print, tell};
use crate::cli::Move;
use crate::failure::Failure;
use crate::features::FEATURES;
use crate::outside;
use crate::reach::{self, engine, must_exist};
use crate::settings;

#[derive(Debug, PartialEq, Eq)]
enum Side {
    Embedded(PathBuf),
    Postgres(String),
}

pub fn run(args: Move) -> Result<(), Failure> {
    let (from, to) = (side(&args.from), side(&args.to));
    if from == to {
        return Err(Failure::usage("--from and --to name the same store."));
    }
    let data = keys(&from, &to, args.data)?;
    must_exist(&data)?;
    let Some(_lock) = reach::lock(&data)? else {
        return Err(Failure::refused(
            "A server has this instance open. Stop it, move, and start it again.",
        ));
    };
    let mut settings = settings::read(&data, &[])?;
    settings.database = match &from {
        Side::Embedded(_) => None,
        Side::Postgres(url) => Some(url.clone()),
    };
    let source = engine(&data, &settings)?;
    let target = Arc::new(match &to {
        Side::Postgres(url) => Store::postgres(&outside::database(&data, &settings, url)?)?,
        Side::Embedded(folder) => {
            bring_keys(&data, folder)?;
            Store::embedded(folder)?
        }
    });
    let moved = relocate(&source, &target, &FEATURES, &mut |moved| {
        let rows: u64 = moved.tables.values().map(|table| table.rows).sum();
        let was = if moved.was_there {
            " (was there already)"
        } else {
            ""
        };
        tell(&format!("{}: {rows} rows, equal{was}", moved.name));
    })?;
    tell(&advice(&data, &to));
    print(&answer(&moved).to_string())
}

fn side(text: &str) -> Side {
    // Either form of PostgreSQL's own addresses.
    let forms = ["postgres://", "postgresql://", "host="];
    if forms.iter().any(|form| text.starts_with(form)) {
        return Side::Postgres(text.to_owned());
    }
    Side::Embedded(text.strip_prefix("embedded:").unwrap_or(text).into())
}

/// The folder whose root key opens both.
fn keys(from: &Side, to: &Side, data: Option<PathBuf>) -> Result<PathBuf, Failure> {
    match (from, to, data) {
        (Side::Embedded(folder), _, None) => Ok(folder.clone()),
        (Side::Embedded(folder), _, Some(data)) if data != *folder => Err(Failure::usage(
            "The keys of an embedded store are in its own folder: leave out --data.",
        )),
        (Side::Postgres(_), Side::Embedded(folder), None) if folder.join("root.key").exists() => {
            Ok(folder.clone())
        }
        (_, _, Some(data)) => Ok(data),
        (Side::Postgres(_), _, None) => {
            Err(Failure::usage("Say where the keys are: --data FOLDER"))
        }
    }
}

/// A folder that is to hold the instance needs its root key, and what was
/// witnessed of its logs.
fn bring_keys(data: &Path, folder: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    if data == folder {
        return Ok(());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let (ours, theirs) = (data.join("root.key"), folder.join("root.key"));
    if theirs.exists() {
        if std::fs::read(&ours)? == std::fs::read(&theirs)? {
            return Ok(());
        }
        return Err(Failure::refused(format!(
            "{} has another root key. Name a new folder.",
            folder.display()
        )));
    }
    // The mode is copied with the file.
    std::fs::copy(&ours, &theirs)?;
    copy_folder(&data.join("witness"), &folder.join("witness"))
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    if !from.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn advice(data: &Path, to: &Side) -> String {
    match to {
        Side::Postgres(url) => format!(
            "Every database is there and equal. Put this line in {}: database = {}",
            data.join("daybook.toml").display(),
            toml::Value::String(url.clone())
        ),
        Side::Embedded(folder) => format!(
            "Every database is there and equal. Serve it with: daybook serve --data {} \
             (without a database in its daybook.toml)",
            folder.display()
        ),
    }
}

fn answer(moved: &[Moved]) -> Value {
    let databases = moved.iter().map(|moved| {
        let rows: u64 = moved.tables.values().map(|table| table.rows).sum();
        json!({
            "database": moved.name, "tables": moved.tables.len(), "rows": rows,
            "records": moved.records, "equal": true,
        })
    });
    json!({ "databases": databases.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_read_from_its_address() {
        for (text, expected) in [
            ("postgres://h/db", Side::Postgres("postgres://h/db".into())),
            ("host=h dbname=d", Side::Postgres("host=h dbname=d".into())),
            ("embedded:x/y", Side::Embedded("x/y".into())),
            ("x/y", Side::Embedded("x/y".into())),
        ] {
            assert_eq!(side(text), expected);
        }
    }
}
