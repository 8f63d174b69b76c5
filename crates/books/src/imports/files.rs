//! The files of one import, as they were handed over: a journal reaches no other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::journal_file::{self, Journal, Sources, Syntax};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JournalFile {
    /// Its name, with the folders that other files include it by: 2026/january.journal.
    pub name: String,
    /// What it says.
    #[serde(default)]
    pub text: String,
}

struct HandedOver<'a>(&'a [JournalFile]);

impl Sources for HandedOver<'_> {
    fn text(&mut self, path: &str) -> Option<String> {
        find(self.0, path).map(|file| file.text.clone())
    }

    fn matching(&mut self, pattern: &str) -> Vec<String> {
        let pattern = plain(pattern).as_bytes();
        let names = self.0.iter().map(|file| plain(&file.name));
        let mut names: Vec<String> = names
            .filter(|name| matches(pattern, name.as_bytes()))
            .map(str::to_owned)
            .collect();
        names.sort();
        names
    }
}

/// Reads the main file, or the first, with those that it includes.
pub(crate) fn read(files: &[JournalFile], main: Option<&str>) -> Journal {
    let root = main
        .and_then(|name| find(files, name))
        .or_else(|| files.first());
    let Some(root) = root else {
        return Journal::default();
    };
    let syntax = Syntax::detect(&root.name, &root.text);
    journal_file::read(plain(&root.name), syntax, &mut HandedOver(files))
}

fn plain(path: &str) -> &str {
    path.trim_start_matches("./").trim_start_matches('/')
}

/// By its path; or by its name alone where a browser told no folders and only one has it.
fn find<'a>(files: &'a [JournalFile], path: &str) -> Option<&'a JournalFile> {
    let path = plain(path);
    let exact = files.iter().find(|file| plain(&file.name) == path);
    exact.or_else(|| {
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut named = files.iter().filter(|file| last(&file.name) == last(path));
        named.next().filter(|_| named.next().is_none())
    })
}

/// Whether a name fits a pattern of `*` (within a folder), `**` and `?`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) if rest.first() == Some(&b'*') => {
            let rest = rest[1..].strip_prefix(b"/").unwrap_or(&rest[1..]);
            (0..=name.len()).any(|at| matches(rest, &name[at..]))
        }
        (Some((b'*', rest)), _) => {
            let folder = name
                .iter()
                .position(|byte| *byte == b'/')
                .unwrap_or(name.len());
            (0..=folder).any(|at| matches(rest, &name[at..]))
        }
        (Some((b'?', rest)), Some((_, tail))) => matches(rest, tail),
        (Some((wanted, rest)), Some((byte, tail))) => wanted == byte && matches(rest, tail),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stay_within_a_folder_unless_they_say_otherwise() {
        for (pattern, name, fits) in [
            ("*.journal", "a.journal", true),
            ("*.journal", "x/a.journal", false),
            ("**/*.journal", "x/y/a.journal", true),
            ("**/*.journal", "a.journal", true),
            ("202?.j", "2026.j", true),
            ("202?.j", "202.j", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), name.as_bytes()),
                fits,
                "{pattern} {name}"
            );
        }
    }
}
