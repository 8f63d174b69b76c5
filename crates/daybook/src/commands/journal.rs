//! `daybook import journal`: gathers a journal with the files that it includes,
//! by their paths as seen from it, and hands them to the operation that reads them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::print;
use crate::cli::ImportJournal;
use crate::failure::Failure;
use crate::reach::{Ask, Reach};

/// As many as the operation takes.
const FILES_MAX: usize = 10_000;

pub fn run(args: ImportJournal) -> Result<(), Failure> {
    let shown = spinner();
    let (main, files) = gather(&args.file, &shown)?;
    let operation = if args.dry_run {
        "books.preview_import"
    } else {
        "books.import_journal"
    };
    shown.set_message(match (files.len(), args.dry_run) {
        (1, true) => "Reading 1 file".to_owned(),
        (1, false) => "Importing 1 file".to_owned(),
        (count, true) => format!("Reading {count} files"),
        (count, false) => format!("Importing {count} files"),
    });
    let files: Vec<Value> = files
        .into_iter()
        .map(|(name, text)| json!({"name": name, "text": text}))
        .collect();
    let ask = Ask {
        operation,
        workspace: Some(&args.workspace),
        person: args.person.as_deref(),
        input: json!({"files": files, "main": main}),
        format: "json",
    };
    let answer = Reach::of_folder(&args.data)?.ask_watched(ask, |done, total| {
        measure(&shown, done, total);
    });
    shown.finish_and_clear();
    print(&format!("{:#}", answer?))
}

/// Talk goes to standard error, and only where somebody looks.
pub fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Turns the spinner into a bar, once it is known how much there is to do.
fn measure(shown: &ProgressBar, done: u64, total: u64) {
    if shown.length() != Some(total) {
        let bar = "{msg} {wide_bar} {human_pos} of {human_len} ({elapsed})";
        if let Ok(style) = ProgressStyle::with_template(bar) {
            shown.set_style(style);
        }
        shown.set_length(total);
    }
    shown.set_position(done);
}

/// The name of the journal, and every file by its path as seen from the folder of
/// the first. What is not there is left for the operation to name by line.
fn gather(path: &Path, shown: &ProgressBar) -> Result<(String, BTreeMap<String, String>), Failure> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let main = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .ok_or_else(|| Failure::usage(format!("{} is no file.", path.display())))?;
    let text = read(path)?;
    let mut files = BTreeMap::new();
    let mut waiting = vec![(main.clone(), text)];
    while let Some((name, text)) = waiting.pop() {
        for wanted in text.lines().filter_map(included) {
            for found in matching(folder, &beside(&name, wanted)) {
                let known = files.contains_key(&found)
                    || found == name
                    || waiting.iter().any(|(waits, _)| *waits == found);
                let path = on_disk(folder, &found);
                if !known && path.is_file() {
                    waiting.push((found, read(&path)?));
                }
            }
        }
        files.insert(name, text);
        shown.set_message(format!("{} files", files.len()));
        if files.len() + waiting.len() > FILES_MAX {
            return Err(Failure::faults(format!(
                "{}: More than {FILES_MAX} files are included. Join some.",
                path.display()
            )));
        }
    }
    Ok((main, files))
}

fn read(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good]
            .split(|byte| *byte == b'\n')
            .count();
        Failure::faults(format!(
            "{}:{line}: This is not UTF-8. Save the file as UTF-8.",
            path.display()
        ))
    })
}

/// What a line of a journal includes: `include a.journal`, `!include a.journal`,
/// `include "a.beancount"`; a format before a colon is no part of the path.
fn included(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('!').unwrap_or(line);
    let rest = rest.strip_prefix("include")?;
    let wanted = rest.strip_prefix([' ', '\t'])?.trim();
    if let Some(quoted) = wanted.strip_prefix('"') {
        return quoted.split('"').next();
    }
    let unformatted = wanted.split_once(':').filter(|(format, _)| {
        matches!(
            *format,
            "journal" | "j" | "hledger" | "ledger" | "beancount"
        )
    });
    Some(unformatted.map_or(wanted, |(_, path)| path)).filter(|path| !path.is_empty())
}

/// A path as seen from the file that names it, without `.` and, where it can be,
/// without `..`.
fn beside(file: &str, path: &str) -> String {
    let folder = file.rfind('/').map_or("", |slash| &file[..=slash]);
    let joined = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{folder}{path}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    let root = if joined.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

fn on_disk(folder: &Path, name: &str) -> PathBuf {
    // An absolute name replaces the folder.
    folder.join(name)
}

/// The files that a name or a pattern stands for.
fn matching(folder: &Path, wanted: &str) -> Vec<String> {
    if !wanted.contains(['*', '?']) {
        return vec![wanted.to_owned()];
    }
    let mut found = vec![if wanted.starts_with('/') {
        "/".to_owned()
    } else {
        String::new()
    }];
    let parts: Vec<&str> = wanted.split('/').filter(|part| !part.is_empty()).collect();
    for (at, part) in parts.iter().enumerate() {
        let is_last = at + 1 == parts.len();
        found = found
            .iter()
            .flat_map(|before| below(folder, before, part, is_last))
            .collect();
    }
    found.sort();
    found.dedup();
    found
}

fn below(folder: &Path, before: &str, part: &str, is_last: bool) -> Vec<String> {
    let joined = |name: &str| match before {
        "" | "/" => format!("{before}{name}"),
        _ => format!("{before}/{name}"),
    };
    if !part.contains(['*', '?']) {
        return vec![joined(part)];
    }
    let mut names = Vec::new();
    if part == "**" && !is_last {
        // Any folders, or none.
        names.push(before.to_owned());
    }
    let Ok(entries) = std::fs::read_dir(on_disk(
        folder,
        if before.is_empty() { "." } else { before },
    )) else {
        return names;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if part == "**" && is_folder && !name.starts_with('.') {
            names.extend(below(folder, &joined(&name), part, is_last));
        } else if fits(part.as_bytes(), name.as_bytes()) && is_folder != is_last {
            names.push(joined(&name));
        }
    }
    names
}

/// Whether a name fits a pattern of `*` and `?`.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=name.len()).any(|at| fits(rest, &name[at..])),
        (Some((b'?', rest)), Some((_, tail))) => fits(rest, tail),
        (Some((wanted, rest)), Some((byte, tail))) => wanted == byte && fits(rest, tail),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn an_include_is_found_in_each_syntax() {
        for (line, expected) in [
            ("include a.journal", Some("a.journal")),
            ("!include b/c.ledger", Some("b/c.ledger")),
            ("include \"d.beancount\" ; last year", Some("d.beancount")),
            ("include journal:e.j", Some("e.j")),
            ("includes f", None),
            ("; include g", None),
            ("include", None),
        ] {
            assert_eq!(included(line), expected, "{line}");
        }
    }

    #[test]
    fn includes_are_followed_with_their_patterns() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            "main.journal",
            "include 2026/*.journal\ninclude main.journal\ninclude gone.journal\n",
        );
        write("2026/jan.journal", "include ../prices.journal\n");
        write("2026/feb.journal", "");
        write("2026/notes.txt", "");
        write("prices.journal", "");
        let (main, files) = gather(&folder.path().join("main.journal"), &ProgressBar::hidden())
            .ok()
            .unwrap();
        assert_eq!(main, "main.journal");
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "2026/feb.journal",
                "2026/jan.journal",
                "main.journal",
                "prices.journal"
            ]
        );
    }
}
