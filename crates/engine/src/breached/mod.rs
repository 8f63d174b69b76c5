//! The passwords that attackers try first. A short list is built in, made by
//! `cargo xtask breached`; an operator replaces it with `breached.txt` in the
//! data folder: a line a password, or the SHA-1 lists of Have I Been Pwned as
//! they come, in the order of their hashes. The file is never read whole.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use daybook_kernel::{Error, PasswordScheme, Passwords};

/// The first six bytes of each SHA-1, in order: at this count, one password in
/// ten thousand million is refused without being on the list.
const BUILT_IN: &[u8] = include_bytes!("common.bin");
const PREFIX_BYTES: usize = 6;

/// The operator's own list.
const FILE: &str = "breached.txt";
const HEX_DIGITS: usize = 40;
/// A list of plain lines is read through for each new password.
const PLAIN_BYTES_MAX: u64 = 64 << 20;
/// Longer than any line of either form.
const LINE_BYTES_MAX: u64 = 1_024;

/// What the settings say of passwords, and the list.
pub struct Rules {
    pub scheme: PasswordScheme,
    pub tries_per_minute: u32,
    pub data: PathBuf,
}

impl Passwords for Rules {
    fn scheme(&self) -> PasswordScheme {
        self.scheme
    }

    fn tries_per_minute(&self) -> u32 {
        self.tries_per_minute
    }

    fn is_breached(&self, password: &[u8]) -> Result<bool, Error> {
        let path = self.data.join(FILE);
        match File::open(&path) {
            Ok(file) => in_file(file, &path, password),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(is_built_in(password)),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }
}

fn is_built_in(password: &[u8]) -> bool {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, password);
    let (entries, _) = BUILT_IN.as_chunks::<PREFIX_BYTES>();
    entries
        .binary_search_by(|entry| entry.as_slice().cmp(&hash.as_ref()[..PREFIX_BYTES]))
        .is_ok()
}

fn in_file(mut file: File, path: &Path, password: &[u8]) -> Result<bool, Error> {
    let failed = |error: std::io::Error| unreadable(path, &error);
    let length = file.metadata().map_err(failed)?.len();
    let (_, first) = line_from(&mut file, 0).map_err(failed)?;
    if hash_of(&first).is_some() {
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, password);
        let wanted = daybook_kernel::id::hex(hash.as_ref()).to_uppercase();
        return by_halves(&mut file, length, &wanted).map_err(failed);
    }
    if length > PLAIN_BYTES_MAX {
        return Err(Error::ours(format!(
            "{}: a list of plain passwords may have 64 MiB; a longer one must be of SHA-1 hashes in order",
            path.display()
        )));
    }
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    for line in BufReader::new(file).split(b'\n') {
        let line = line.map_err(failed)?;
        if line.strip_suffix(b"\r").unwrap_or(&line) == password {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Looks between two places for the line of a hash, where lines are in order.
fn by_halves(file: &mut File, length: u64, wanted: &str) -> std::io::Result<bool> {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low + (high - low) / 2;
        let (begins, line) = line_from(file, middle)?;
        let found = hash_of(&line).filter(|_| begins < high);
        match found.map(|hash| hash.as_str().cmp(wanted)) {
            Some(std::cmp::Ordering::Equal) => return Ok(true),
            Some(std::cmp::Ordering::Less) => low = begins + line.len() as u64,
            // Nothing begins between the middle and the upper end, or too late.
            Some(std::cmp::Ordering::Greater) | None => high = middle,
        }
    }
    Ok(false)
}

/// The first line that begins at this place or after it, with where it begins.
fn line_from(file: &mut File, at: u64) -> std::io::Result<(u64, String)> {
    let from = at.saturating_sub(1);
    file.seek(SeekFrom::Start(from))?;
    let mut reader = BufReader::with_capacity(256, &mut *file).take(2 * LINE_BYTES_MAX);
    let mut begins = from;
    if at > 0 {
        let mut rest = Vec::new();
        begins += reader.read_until(b'\n', &mut rest)? as u64;
    }
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    Ok((begins, String::from_utf8_lossy(&line).into_owned()))
}

/// The hash of a line such as `0018A45C4D1DEF81644B54AB7F969B88D65:37359195`.
fn hash_of(line: &str) -> Option<String> {
    let hash = line.get(..HEX_DIGITS)?;
    let ends = line[HEX_DIGITS..].starts_with([':', '\r', '\n']) || line.len() == HEX_DIGITS;
    let is_hash = ends && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| hash.to_uppercase())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::ours(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn rules(list: Option<&[u8]>) -> (tempfile::TempDir, Rules) {
        let data = tempfile::tempdir().unwrap();
        if let Some(list) = list {
            std::fs::write(data.path().join(FILE), list).unwrap();
        }
        let rules = Rules {
            scheme: PasswordScheme::Argon2id,
            tries_per_minute: 10,
            data: data.path().to_owned(),
        };
        (data, rules)
    }

    #[test]
    fn the_list_that_is_built_in_is_in_order_and_knows_what_everybody_tries() {
        let (entries, rest) = BUILT_IN.as_chunks::<PREFIX_BYTES>();
        assert!(
            rest.is_empty() && entries.len() > 10_000,
            "{}",
            entries.len()
        );
        assert!(entries.is_sorted());
        let (_data, rules) = rules(None);
        for (password, listed) in [
            ("password1234", true),
            ("Password2024!", true),
            ("qwertyuiop123", true),
            ("correct horse battery", false),
            ("plinth-otter-vague-9", false),
        ] {
            let found = rules.is_breached(password.as_bytes()).unwrap();
            assert_eq!(found, listed, "{password}");
        }
    }

    #[test]
    fn an_operators_list_replaces_it_in_either_form() {
        let words: Vec<String> = (0..500).map(|it| format!("word number {it}")).collect();
        let plain = words.join("\r\n");
        let mut hashes: Vec<String> = words
            .iter()
            .map(|word| digest(&SHA1_FOR_LEGACY_USE_ONLY, word.as_bytes()))
            .enumerate()
            .map(|(at, hash)| {
                let hash = daybook_kernel::id::hex(hash.as_ref()).to_uppercase();
                format!("{hash}:{}\n", at * at)
            })
            .collect();
        hashes.sort_unstable();
        let windows = hashes.concat().replace('\n', "\r\n");
        for list in [plain, hashes.concat(), windows] {
            let (_data, rules) = rules(Some(list.as_bytes()));
            for word in &words {
                assert!(rules.is_breached(word.as_bytes()).unwrap(), "{word}");
            }
            for other in ["word number 500", "word number", "password1234", ""] {
                assert!(!rules.is_breached(other.as_bytes()).unwrap(), "{other}");
            }
        }
    }
}
