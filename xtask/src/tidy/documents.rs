//! What our documents name exists: every path in them, and every crate in the map.

use crate::{Finding, Tree};

const MAP: &str = "ARCHITECTURE.md";

/// A name that begins with one of these is a path from the root.
const ROOTS: [&str; 9] = [
    "crates/",
    "xtask/",
    "docs/",
    "promises/",
    "scripts/",
    "supply-chain/",
    "seeds/",
    ".ci/",
    ".cargo/",
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = paths(tree);
    findings.extend(map(tree));
    findings
}

/// Every path in backticks, and every relative link, leads somewhere.
pub fn paths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("md") {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, line) in file.text.lines().enumerate() {
            let named = backticked(line)
                .filter(|span| looks_like_path(span))
                .chain(linked(line));
            for name in named {
                let path = clean(name);
                if !tree.has(path) && !tree.has(&joined(folder, path)) {
                    findings.push(Finding::new(
                        &file.path,
                        number + 1,
                        format!("names {name}, which does not exist"),
                    ));
                }
            }
        }
    }
    findings
}

/// Every crate stands in the map, as `crates/name` or as a line of its tree.
pub fn map(tree: &Tree) -> Vec<Finding> {
    let text = tree.file(MAP).map_or("", |file| file.text.as_str());
    let crates = tree.files.iter().filter_map(|file| {
        let name = file
            .path
            .strip_prefix("crates/")?
            .strip_suffix("/Cargo.toml")?;
        (!name.contains('/')).then_some(name)
    });
    crates
        .filter(|name| {
            let full = format!("crates/{name}");
            let in_tree = |word: &str| word.trim_matches('`') == format!("{name}/");
            !text.contains(&full) && !text.split_whitespace().any(in_tree)
        })
        .map(|name| Finding::whole(MAP, format!("does not say what crates/{name} is")))
        .collect()
}

fn backticked(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Targets of links that are neither addresses nor places on the page.
fn linked(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|target| target.split(['#', ' ']).next().unwrap_or(target))
        .filter(|target| !target.is_empty() && !target.contains(':') && !target.starts_with('/'))
}

fn looks_like_path(span: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:".contains(c);
    if span.is_empty() || !span.chars().all(plain) {
        return false;
    }
    ROOTS.iter().any(|root| span.starts_with(root)) || span.strip_suffix(".md").is_some()
}

/// `crates/kernel/src/money.rs:12` names the file; `./x` names `x`.
fn clean(name: &str) -> &str {
    let name = name.split(':').next().unwrap_or(name);
    name.strip_prefix("./")
        .unwrap_or(name)
        .trim_end_matches('/')
}

fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        if part == ".." {
            parts.pop();
        } else if part != "." {
            parts.push(part);
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{map, paths};
    use crate::Tree;

    #[test]
    fn a_path_that_does_not_exist_is_found() {
        for (line, faults) in [
            ("see `crates/books/src/lib.rs`", 0),
            ("see `crates/books/src/lib.rs:40`", 0),
            ("see `crates/books/`", 0),
            ("see `crates/gone/src/lib.rs`", 1),
            ("see `docs/{name}.md` and `docs/*.md`", 0),
            ("see [the stores](decisions/stores.md#why)", 0),
            ("see [the stores](decisions/gone.md)", 1),
            ("see [up](../README.md) and `README.md`", 0),
            ("see [out](https://example.org/gone.md)", 0),
            ("run `daybook init --data DIR`, then `cargo test`", 0),
            ("see `GONE.md`", 1),
        ] {
            let tree = Tree::of(&[
                ("docs/performance.md", line),
                ("docs/decisions/stores.md", ""),
                ("README.md", ""),
                ("crates/books/src/lib.rs", ""),
            ]);
            assert_eq!(paths(&tree).len(), faults, "{line}: {:?}", paths(&tree));
        }
    }

    #[test]
    fn a_crate_that_the_map_leaves_out_is_found() {
        let tree = |text: &str| {
            Tree::of(&[
                ("ARCHITECTURE.md", text),
                ("crates/books/Cargo.toml", ""),
                ("crates/kernel/Cargo.toml", ""),
                ("crates/kernel/tests/sample/Cargo.toml", ""),
            ])
        };
        assert_eq!(
            map(&tree(
                "`crates/books` keeps them\n  kernel/   ids and money"
            )),
            []
        );
        assert_eq!(
            map(&tree("`crates/books` keeps the books of kernel")).len(),
            1
        );
        assert_eq!(map(&Tree::of(&[("crates/books/Cargo.toml", "")])).len(), 1);
    }
}
