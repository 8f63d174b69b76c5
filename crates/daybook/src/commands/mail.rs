//! The relay as the settings name it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use daybook_server::{Mailer, Relay};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::settings::Mail;

/// Files of the settings are named as seen from the data folder.
pub fn mailer(data: &Path, mail: &Mail, site: &str) -> Result<Option<Mailer>, Failure> {
    let Some(address) = &mail.smtp else {
        return Ok(None);
    };
    let from = mail.from.clone().ok_or_else(|| {
        Failure::usage("mail.from: say whom letters are from, such as Daybook <books@example.com>.")
    })?;
    let authority = mail.authority_file.as_deref();
    let relay = Relay {
        address: address.clone(),
        password: password(data, mail)?,
        from,
        authority: authority
            .map(|file| read(&data.join(file)))
            .transpose()?
            .map(String::into_bytes),
    };
    Mailer::new(&relay, site).map(Some).map_err(Failure::usage)
}

/// The password of the relay's user, if a relay is named and it has one.
pub fn password(data: &Path, mail: &Mail) -> Result<Option<Zeroizing<String>>, Failure> {
    let file = mail
        .password_file
        .as_deref()
        .filter(|_| mail.smtp.is_some());
    file.map(|file| secret(&data.join(file))).transpose()
}

/// A secret that others on this machine can read is none.
fn secret(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let found = std::fs::metadata(path).map_err(|error| {
        Failure::usage(format!("mail.password_file: {}: {error}", path.display()))
    })?;
    if found.permissions().mode() & 0o077 != 0 {
        return Err(Failure::refused(format!(
            "mail.password_file: others may read {}. Close it with: chmod 600 {}",
            path.display(),
            path.display()
        )));
    }
    let text = Zeroizing::new(read(path)?);
    Ok(Zeroizing::new(text.trim_end().to_owned()))
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_password_that_others_may_read_is_refused() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("relay.password");
        std::fs::write(&file, "secret\n").unwrap();
        let mail = Mail {
            smtp: Some("smtps://books@relay.example.com".to_owned()),
            password_file: Some("relay.password".into()),
            from: Some("Daybook <books@example.com>".to_owned()),
            authority_file: None,
        };
        for (mode, good) in [(0o644, false), (0o640, false), (0o600, true), (0o400, true)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            let opened = mailer(data.path(), &mail, "https://books.example.com");
            assert_eq!(opened.is_ok(), good, "{mode:o}");
        }
        let unsigned = Mail { from: None, ..mail };
        assert!(mailer(data.path(), &unsigned, "https://books.example.com").is_err());
    }
}
