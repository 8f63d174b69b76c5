//! Each dependency says what it is for, on its line in the root `Cargo.toml`; a dependency whose
//! line nobody can write is one too many.

use crate::{Finding, Tree};

const MANIFEST: &str = "Cargo.toml";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = tree
        .file(MANIFEST)
        .map_or_else(Vec::new, |file| reasons(&file.text));
    let members = tree
        .files
        .iter()
        .filter(|file| file.path.ends_with("/Cargo.toml"));
    for file in
        members.filter(|file| file.path.starts_with("crates/") || file.path.starts_with("xtask/"))
    {
        findings.extend(inherited(&file.path, &file.text));
    }
    findings
}

/// Every line of `[workspace.dependencies]` that is not one of our crates ends in its reason.
pub fn reasons(manifest: &str) -> Vec<Finding> {
    section(manifest, |name| name == "workspace.dependencies")
        .filter(|(_, line)| !line.contains("path = "))
        .filter(|(_, line)| {
            line.rsplit_once(" # ")
                .is_none_or(|(_, reason)| reason.trim().len() < 4)
        })
        .map(|(number, line)| {
            let name = line.split('=').next().unwrap_or(line).trim();
            Finding::new(
                MANIFEST,
                number,
                format!("{name} does not say what it is for: end its line in `# reason`"),
            )
        })
        .collect()
}

/// A member takes its dependencies from the workspace, so that each version is chosen once.
pub fn inherited(path: &str, manifest: &str) -> Vec<Finding> {
    section(manifest, |name| name.ends_with("dependencies"))
        .filter(|(_, line)| !line.contains("workspace = true"))
        .map(|(number, line)| {
            Finding::new(path, number, format!("take it from the workspace: {line}"))
        })
        .collect()
}

fn section(manifest: &str, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    manifest
        .lines()
        .enumerate()
        .filter_map(move |(number, line)| {
            let line = line.trim();
            if let Some(name) = line.strip_prefix('[') {
                inside = wanted(name.trim_end_matches(']'));
                return None;
            }
            (inside && !line.is_empty() && !line.starts_with('#')).then_some((number + 1, line))
        })
}

#[cfg(test)]
mod tests {
    use super::{inherited, reasons};

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[workspace.dependencies]\n\
            # A remark on all.\n\
            daybook-kernel = { path = \"crates/kernel\" }\n\
            serde = \"1\" # operation input and output\n\
            leftpad = \"1\"\n\
            other = \"1\" # \n\
            [workspace.lints.rust]\n\
            unsafe_code = \"forbid\"\n";
        let lines: Vec<usize> = reasons(manifest)
            .iter()
            .map(|finding| finding.line)
            .collect();
        assert_eq!(lines, [5, 6]);
    }

    #[test]
    fn a_version_of_its_own_is_found() {
        let manifest = "[dependencies]\nserde.workspace = true\naxum = { workspace = true }\nrand = \"0.9\"\n[lints]\nx = 1\n";
        assert_eq!(inherited("crates/books/Cargo.toml", manifest).len(), 1);
    }
}
