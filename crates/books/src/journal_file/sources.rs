//! Where the text of a journal and of the files it includes comes from.
//!
//! Reading is pure: the caller decides which files there are, so an `include` can never
//! reach beyond what was handed over.

/// Files that may include one another. A closure from path to text is one.
pub trait Sources {
    /// The text of the file at `path`, or `None` where there is no such file.
    fn text(&mut self, path: &str) -> Option<String>;

    /// The paths that a pattern with `*`, `?` or `[` stands for, in order.
    fn matching(&mut self, _pattern: &str) -> Vec<String> {
        Vec::new()
    }
}

impl<F: FnMut(&str) -> Option<String>> Sources for F {
    fn text(&mut self, path: &str) -> Option<String> {
        self(path)
    }
}

/// Files in files at most: deeper than any hand would nest them.
pub(super) const DEPTH_MAX: usize = 32;

/// Files in one journal at most: one a day for a quarter of a century.
pub(super) const FILES_MAX: usize = 10_000;

/// Finds `path` as seen from the file that mentions it.
pub(super) fn beside(file: &str, path: &str) -> String {
    let folder = file.rfind('/').map_or("", |slash| &file[..=slash]);
    let joined = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{folder}{path}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/').skip(usize::from(joined.starts_with('/'))) {
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

/// The files that an `include` names, each with its text; or the reason there are none.
pub(super) fn included(
    sources: &mut dyn Sources,
    open: &[String],
    path: &str,
) -> Result<Vec<(String, String)>, String> {
    if open.len() >= DEPTH_MAX {
        return Err(format!(
            "Files include one another more than {DEPTH_MAX} deep; include this file from a file nearer to the first."
        ));
    }
    let here = open.last().map_or("", String::as_str);
    let wanted = beside(here, path);
    let paths = if wanted.contains(['*', '?', '[']) {
        let mut paths = sources.matching(&wanted);
        // A pattern beside the file would otherwise match the file that holds it.
        paths.retain(|path| path != here);
        paths
    } else {
        vec![wanted.clone()]
    };
    if paths.is_empty() {
        return Err(format!(
            "No file matches {path}; hand over the files it should include as well."
        ));
    }
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        if open.contains(&path) {
            return Err(format!(
                "{path} includes itself, directly or through another file; remove one of the includes."
            ));
        }
        let text = sources.text(&path).ok_or_else(|| {
            format!("The file {path} is included but was not handed over; add it and try again.")
        })?;
        files.push((path, text));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_including_file() {
        let cases = [
            ("main.journal", "a.journal", "a.journal"),
            ("books/main.journal", "a.journal", "books/a.journal"),
            ("books/main.journal", "../a.journal", "a.journal"),
            ("books/main.journal", "./x/../a.journal", "books/a.journal"),
            ("books/main.journal", "/srv/a.journal", "/srv/a.journal"),
        ];
        for (file, path, expected) in cases {
            assert_eq!(beside(file, path), expected, "{path} from {file}");
        }
    }
}
