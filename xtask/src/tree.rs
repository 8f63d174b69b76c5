//! The files of the repository as they lie in the work tree.

use std::{fs, io, path::Path};

/// A text file. Its path is relative to the root, with forward slashes.
#[derive(Debug, Clone)]
pub struct File {
    pub path: String,
    pub text: String,
}

#[derive(Debug, Clone, Default)]
pub struct Tree {
    pub files: Vec<File>,
}

/// Folders whose content is made, not written.
const MADE: [&str; 3] = ["target", "__pycache__", "node_modules"];
/// Hidden names that are part of the project; every other one belongs to a tool.
const HIDDEN_BUT_OURS: [&str; 4] = [".ci", ".cargo", ".gitignore", ".gitattributes"];
/// Larger files are data, and no rule of text applies to them.
const TEXT_MAX_BYTES: u64 = 2_000_000;

impl Tree {
    /// Reads the tree by walking it, not by asking git: a file that is about to be committed counts,
    /// and a source archive without history can be checked.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        tree.walk(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// A tree of examples, for the tests of rules.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Self {
            files: files.iter().map(file).collect(),
        }
    }

    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    pub fn with_extension<'a>(&'a self, extension: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| {
            file.path
                .rsplit_once('.')
                .is_some_and(|(_, found)| found == extension)
        })
    }

    /// True for a file that was read, and for a folder that holds one.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.files.iter().any(|file| {
            file.path
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let hidden = name.starts_with('.') && !HIDDEN_BUT_OURS.contains(&name.as_str());
            if hidden || MADE.contains(&name.as_str()) || name.ends_with(".snap.new") {
                continue;
            }
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.walk(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() {
                self.files.push(File {
                    text: read_text(&entry.path())?,
                    path,
                });
            }
        }
        Ok(())
    }
}

/// A picture or an archive is in the tree with an empty text: it can be named, and has nothing to read.
fn read_text(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > TEXT_MAX_BYTES {
        return Ok(String::new());
    }
    Ok(String::from_utf8(fs::read(path)?).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn a_folder_is_there_when_a_file_in_it_is() {
        let tree = Tree::of(&[("docs/decisions/0001-stores.md", "")]);
        for (path, there) in [
            ("docs/decisions/0001-stores.md", true),
            ("docs/decisions/", true),
            ("docs", true),
            ("docs/decision", false),
            ("docs/decisions/0002.md", false),
        ] {
            assert_eq!(tree.has(path), there, "{path}");
        }
    }
}
