//! What no file of ours may name: folders of one machine, and the hosts of package registries. A
//! path that begins at one machine's root works there alone, and a registry is chosen by the
//! ordinary client where the project is built.

use crate::{Finding, Tree};

/// Folders at the root of a machine. Kept without their slash, so that this file passes its own rule.
const MACHINE_FOLDERS: [&str; 3] = ["root", "work", "tmp"];

/// Hosts of registries, kept in parts for the same reason.
const REGISTRIES: [&[&str]; 7] = [
    &["crates", "io"],
    &["pypi", "org"],
    &["pythonhosted", "org"],
    &["npmjs", "org"],
    &["npmjs", "com"],
    &["deb", "debian", "org"],
    &["proxy", "golang", "org"],
];

/// Written by cargo, which names its registry in it.
const GENERATED: [&str; 1] = ["Cargo.lock"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree
        .files
        .iter()
        .filter(|file| !GENERATED.contains(&file.path.as_str()))
    {
        for (number, line) in file.text.lines().enumerate() {
            for what in banned(line) {
                findings.push(Finding::new(&file.path, number + 1, what));
            }
        }
    }
    findings
}

fn banned(line: &str) -> Vec<String> {
    let folders = MACHINE_FOLDERS
        .iter()
        .map(|folder| format!("/{folder}"))
        .filter(|path| names_folder(line, path))
        .map(|path| format!("names {path}, a folder of one machine"));
    let registries = REGISTRIES
        .iter()
        .map(|parts| parts.join("."))
        .filter(|host| names_host(line, host))
        .map(|host| format!("names {host}, a package registry"));
    folders.chain(registries).collect()
}

/// The folder at the start of a path; not inside a longer path, a closing tag or a longer name.
fn names_folder(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        let begins =
            before.is_none_or(|c| !(c.is_alphanumeric() || "/.-_<>{}()[]$*~%".contains(c)));
        let ends = after.is_none_or(|c| !(c.is_alphanumeric() || "-_".contains(c)));
        begins && ends
    })
}

fn names_host(line: &str, host: &str) -> bool {
    line.match_indices(host).any(|(at, _)| {
        let after = line[at + host.len()..].chars().next();
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || "-_".contains(c)))
            && after.is_none_or(|c| !(c.is_alphanumeric() || "-_".contains(c)))
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    #[test]
    fn places_of_one_machine_and_registries_are_found() {
        let slash = "/";
        for (line, faults) in [
            (format!("cd {slash}work/main"), 1),
            (format!("data = \"{slash}tmp\""), 1),
            (format!("{slash}root/notes.txt"), 1),
            (
                "docs/work/plan.md, a/tmp, </root>, /workspace, ../tmp".to_owned(),
                0,
            ),
            ("/var/lib/daybook".to_owned(), 0),
            (format!("see https://{}.{}/books", "crates", "io"), 1),
            (format!("https://registry.{}.{}/", "npmjs", "org"), 1),
            ("crates/io.rs and mycrates.iota".to_owned(), 0),
        ] {
            let tree = Tree::of(&[("docs/notes.md", &line)]);
            assert_eq!(check(&tree).len(), faults, "{line}");
        }
    }
}
