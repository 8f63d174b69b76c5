//! Functions and files stay small. Old debt stands in `xtask/ratchet.toml` with its exact size:
//! what grows fails, and so does an entry that is larger than what it stands for, so the file can
//! only shrink.

use std::collections::BTreeMap;

use crate::{Finding, Tree, rust_source::RustSource};

/// A function fits a screen.
pub const FUNCTION_LINES_MAX: usize = 70;
/// A file is read in one sitting; its test module is not counted.
pub const FILE_LINES_MAX: usize = 400;
pub const RATCHET: &str = "xtask/ratchet.toml";

type Sizes = BTreeMap<String, (usize, usize)>;

pub fn check(tree: &Tree) -> Vec<Finding> {
    let (functions, files) = measure(tree);
    let table = match tree
        .file(RATCHET)
        .map(|file| file.text.parse::<toml::Table>())
    {
        None => toml::Table::new(),
        Some(Ok(table)) => table,
        Some(Err(error)) => return vec![Finding::whole(RATCHET, error.to_string())],
    };
    let mut findings = against(&functions, &table, "functions", FUNCTION_LINES_MAX);
    findings.extend(against(&files, &table, "files", FILE_LINES_MAX));
    findings
}

/// Production functions and files by name, with their line and their size. Of functions of one name
/// in one file the longest counts.
fn measure(tree: &Tree) -> (Sizes, Sizes) {
    let (mut functions, mut files) = (Sizes::new(), Sizes::new());
    for file in tree.with_extension("rs") {
        let source = RustSource::scan(file);
        for function in source
            .functions()
            .into_iter()
            .filter(|function| !function.in_test)
        {
            let entry = functions
                .entry(format!("{}::{}", file.path, function.name))
                .or_default();
            if function.lines > entry.1 {
                *entry = (function.line, function.lines);
            }
        }
        files.insert(file.path.clone(), (0, source.production_lines()));
    }
    (functions, files)
}

fn against(sizes: &Sizes, table: &toml::Table, kind: &str, max: usize) -> Vec<Finding> {
    let empty = toml::Table::new();
    let debts = table
        .get(kind)
        .and_then(toml::Value::as_table)
        .unwrap_or(&empty);
    let allowed = |name: &str| {
        debts
            .get(name)?
            .as_integer()
            .and_then(|lines| usize::try_from(lines).ok())
    };
    let mut findings = Vec::new();
    for (name, (line, lines)) in sizes {
        let path = name.split("::").next().unwrap_or(name);
        let limit = allowed(name).unwrap_or(max);
        if *lines > limit {
            findings.push(Finding::new(
                path,
                *line,
                format!("{name} has {lines} lines; at most {limit} are allowed"),
            ));
        }
    }
    for name in debts.keys() {
        let lines = sizes.get(name).map_or(0, |(_, lines)| *lines);
        if lines <= max {
            findings.push(Finding::whole(
                RATCHET,
                format!("{name} has {lines} lines and needs no entry: delete it"),
            ));
        } else if allowed(name).is_none_or(|allowed| allowed > lines) {
            findings.push(Finding::whole(
                RATCHET,
                format!("{name} has shrunk to {lines} lines: write that down"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{RATCHET, check};
    use crate::Tree;

    fn function(lines: usize) -> String {
        format!("fn post() {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    fn found(code: &str, ratchet: &str) -> Vec<String> {
        let tree = Tree::of(&[("crates/books/src/post.rs", code), (RATCHET, ratchet)]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_long_function_is_found() {
        assert_eq!(found(&function(70), ""), Vec::<String>::new());
        assert_eq!(
            found(&function(71), ""),
            [
                "crates/books/src/post.rs:1: crates/books/src/post.rs::post has 71 lines; at most 70 are allowed"
            ]
        );
    }

    #[test]
    fn a_long_file_is_found_and_its_tests_are_not_counted() {
        let code = "struct A;\n".repeat(400);
        let tests = format!(
            "#[cfg(test)]\nmod tests {{\n{}}}\n",
            "    // why\n".repeat(300)
        );
        assert_eq!(found(&format!("{code}{tests}"), ""), Vec::<String>::new());
        assert_eq!(found(&format!("struct B;\n{code}{tests}"), "").len(), 1);
    }

    #[test]
    fn the_ratchet_allows_old_debt_exactly_and_only_shrinks() {
        let name = "crates/books/src/post.rs::post";
        for (lines, ratchet, faults) in [
            (80, format!("[functions]\n\"{name}\" = 80"), 0),
            (81, format!("[functions]\n\"{name}\" = 80"), 1),
            (79, format!("[functions]\n\"{name}\" = 80"), 1),
            (60, format!("[functions]\n\"{name}\" = 80"), 1),
            (
                60,
                "[functions]\n\"crates/books/src/gone.rs::gone\" = 80".to_owned(),
                1,
            ),
            (60, "not toml".to_owned(), 1),
        ] {
            assert_eq!(
                found(&function(lines), &ratchet).len(),
                faults,
                "{lines} lines against {ratchet}"
            );
        }
    }
}
