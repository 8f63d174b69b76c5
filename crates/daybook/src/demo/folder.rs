//! The demo's own folder. A marker file says that it is one; without it nothing
//! here is opened, let alone removed.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

const MARKER: &str = "daybook-demo.toml";

/// What the marker keeps: the password is worth no more than the demo is.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marker {
    pub password: String,
    /// False while the demo is being made: one that was cut short begins anew.
    pub finished: bool,
}

/// Where the demo is when nobody says: with the other data of this user.
#[expect(
    clippy::disallowed_methods,
    reason = "this is configuration: where this user keeps data"
)]
pub fn usual() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let home = || absolute("HOME").map(|home| home.join(".local").join("share"));
    let of_user = absolute("XDG_DATA_HOME").or_else(home);
    of_user
        .map(|folder| folder.join("daybook-demo"))
        .ok_or_else(|| Failure::usage("Say where the demo may be: --data DIR"))
}

/// The marker, or nothing where the folder is free for a demo to be made. A
/// folder with anything else in it is refused.
pub fn look(data: &Path) -> Result<Option<Marker>, Failure> {
    match fs::read_to_string(data.join(MARKER)) {
        Ok(text) => {
            let marker = toml::from_str(&text);
            let marker = marker.map_err(|error| unreadable(data, &error.to_string()))?;
            return Ok(Some(marker));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(unreadable(data, &error.to_string())),
    }
    let is_free = match fs::read_dir(data) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == ErrorKind::NotFound,
    };
    if is_free {
        return Ok(None);
    }
    Err(Failure::refused(format!(
        "{} holds something that is not a demo, and stays untouched. Name a folder that is new or empty.",
        data.display()
    )))
}

pub fn mark(data: &Path, marker: &Marker) -> Result<(), Failure> {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .map_err(|error| Failure::usage(format!("{}: {error}", data.display())))?;
    let text = toml::to_string(marker).map_err(|error| Failure::ours(error.to_string()))?;
    let mut file = fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(data.join(MARKER))?;
    Ok(file.write_all(text.as_bytes())?)
}

/// Removes a demo. It must be marked as one, and nobody may have it open.
pub fn remove(data: &Path) -> Result<(), Failure> {
    if look(data)?.is_none() {
        return Ok(());
    }
    let Some(lock) = crate::reach::lock(data)? else {
        return Err(Failure::refused(format!(
            "Another process has {} open. Stop it first.",
            data.display()
        )));
    };
    // The marker goes last: what a failure leaves is still known as a demo.
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        if entry.file_name() == MARKER {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_file(data.join(MARKER))?;
    drop(lock);
    Ok(())
}

fn unreadable(data: &Path, why: &str) -> Failure {
    Failure::refused(format!(
        "{} cannot be read, so this folder is left alone: {why}",
        data.join(MARKER).display()
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn marker(finished: bool) -> Marker {
        Marker {
            password: "a long enough one".to_owned(),
            finished,
        }
    }

    #[test]
    fn another_instance_is_never_touched() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("root.key"), "key").unwrap();
        let refused = look(folder.path()).err().unwrap();
        assert_eq!(refused.code, 3);
        assert_eq!(remove(folder.path()).err().unwrap().code, 3);
        assert!(folder.path().join("root.key").exists());
    }

    #[test]
    fn a_marked_folder_is_emptied_and_a_new_one_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("demo");
        assert!(look(&data).ok().unwrap().is_none());
        mark(&data, &marker(true)).ok().unwrap();
        fs::create_dir(data.join("workspaces")).unwrap();
        fs::write(data.join("root.key"), "key").unwrap();
        assert!(look(&data).ok().unwrap().unwrap().finished);
        remove(&data).ok().unwrap();
        assert!(look(&data).ok().unwrap().is_none());
        assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
    }

    #[test]
    fn a_marker_that_cannot_be_read_protects_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(MARKER), "not ours").unwrap();
        assert_eq!(look(folder.path()).err().unwrap().code, 3);
        assert_eq!(remove(folder.path()).err().unwrap().code, 3);
    }
}
