//! What the settings say of the outside: which providers' word counts, what is
//! reached though it is not public, and who vouches for the database's server.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use daybook_engine::keys::SystemClock;
use daybook_engine::store::Server;
use daybook_kernel::ports::Provider;
use daybook_server::{Egress, EgressSettings, trusting, trusting_the_machine};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::settings::{OidcProvider, Settings};

/// Providers that need not be described: name in addresses, name, issuer.
const PRESETS: [(&str, &str, &str); 1] = [("google", "Google", "https://accounts.google.com")];
/// What nearly every provider signs by.
const ALGORITHMS_USUAL: [&str; 2] = ["RS256", "ES256"];
/// Signatures by a key pair. A shared secret proves nothing to whoever holds it too.
const ALGORITHMS: [&str; 9] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
];

pub fn egress(data: &Path, settings: &Settings) -> Result<Egress, Failure> {
    let providers = settings.oidc.iter();
    let providers = providers.map(|(id, provider)| judged(data, id, provider));
    let settings = EgressSettings {
        allow: settings.egress.allow.clone(),
        providers: providers.collect::<Result<_, _>>()?,
        authority: authority(data, settings.egress.authority_file.as_deref())?,
    };
    Egress::new(settings, Arc::new(SystemClock)).map_err(Failure::usage)
}

fn authority(data: &Path, file: Option<&Path>) -> Result<Option<Vec<u8>>, Failure> {
    let Some(path) = file.map(|file| data.join(file)) else {
        return Ok(None);
    };
    let read = std::fs::read(&path).map_err(|error| {
        Failure::usage(format!(
            "egress.authority_file: {}: {error}",
            path.display()
        ))
    });
    read.map(Some)
}

/// The server at this address, known as the settings in `data` say.
pub fn database(data: &Path, settings: &Settings, address: &str) -> Result<Server, Failure> {
    let trust = || match &settings.postgres.authority_file {
        Some(file) => trusting(&data.join(file)),
        None => trusting_the_machine(None),
    };
    Server::new(address, || trust().map_err(|error| error.0)).map_err(Failure::usage)
}

fn judged(data: &Path, id: &str, provider: &OidcProvider) -> Result<Provider, Failure> {
    let fault = |setting: &str, why: &str| Failure::usage(format!("oidc.{id}.{setting}: {why}"));
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > 32 || !id.chars().all(is_plain) {
        let why =
            "name it in at most 32 small letters, digits and hyphens: it stands in addresses.";
        return Err(Failure::usage(format!("oidc.{id}: {why}")));
    }
    let preset = PRESETS.iter().find(|(name, ..)| *name == id);
    let issuer = provider.issuer.clone().or(preset.map(|it| it.2.to_owned()));
    let issuer = issuer
        .ok_or_else(|| fault("issuer", "say where it is, such as https://id.example.com."))?;
    if provider.client_id.is_empty() {
        return Err(fault(
            "client_id",
            "say under what the provider knows this instance.",
        ));
    }
    let algorithms = match &provider.algorithms {
        None => ALGORITHMS_USUAL.map(str::to_owned).to_vec(),
        Some(list)
            if list.is_empty() || list.iter().any(|it| !ALGORITHMS.contains(&it.as_str())) =>
        {
            let why = format!("name some of {}.", ALGORITHMS.join(", "));
            return Err(fault("algorithms", &why));
        }
        Some(list) => list.clone(),
    };
    let file = provider.client_secret_file.as_deref();
    Ok(Provider {
        id: id.to_owned(),
        name: provider
            .name
            .clone()
            .or(preset.map(|it| it.1.to_owned()))
            .unwrap_or_else(|| id.to_owned()),
        issuer,
        client_id: provider.client_id.clone(),
        client_secret: file.map(|file| secret(id, &data.join(file))).transpose()?,
        algorithms,
    })
}

/// A secret that others on this machine can read is none.
fn secret(id: &str, path: &Path) -> Result<Zeroizing<String>, Failure> {
    let setting = format!("oidc.{id}.client_secret_file");
    let unreadable = |error| Failure::usage(format!("{setting}: {}: {error}", path.display()));
    let found = std::fs::metadata(path).map_err(unreadable)?;
    if found.permissions().mode() & 0o077 != 0 {
        return Err(Failure::refused(format!(
            "{setting}: others may read {}. Close it with: chmod 600 {}",
            path.display(),
            path.display()
        )));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
    Ok(Zeroizing::new(text.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn with(id: &str, provider: OidcProvider) -> Result<Egress, Failure> {
        let data = tempfile::tempdir().unwrap();
        let oidc = [(id.to_owned(), provider)].into();
        let settings = Settings {
            oidc,
            ..Settings::default()
        };
        egress(data.path(), &settings)
    }

    fn client() -> OidcProvider {
        OidcProvider {
            client_id: "daybook".to_owned(),
            ..OidcProvider::default()
        }
    }

    #[test]
    fn google_needs_no_more_than_its_client() {
        use daybook_kernel::ports::Outside as _;
        let egress = with("google", client()).ok().unwrap();
        let [google] = egress.providers() else {
            panic!("one provider");
        };
        assert_eq!(google.name, "Google");
        assert_eq!(google.issuer, "https://accounts.google.com");
        assert_eq!(google.algorithms, ["RS256", "ES256"]);
    }

    #[test]
    fn a_provider_is_described_in_full_and_reached_by_https() {
        let at = |issuer: &str| OidcProvider {
            issuer: Some(issuer.to_owned()),
            ..client()
        };
        assert!(with("work", at("https://id.example.com")).is_ok());
        for (id, provider) in [
            ("work", client()),
            ("Work", at("https://id.example.com")),
            ("work", at("http://id.example.com")),
            ("work", at("http://127.0.0.1:4000")),
            ("work", at("id.example.com")),
            ("google", OidcProvider::default()),
        ] {
            assert!(with(id, provider).is_err(), "{id}");
        }
        for bad in [&["none"][..], &["HS256"], &["RS256", "HS512"], &[]] {
            let algorithms = Some(bad.iter().map(ToString::to_string).collect());
            let provider = OidcProvider {
                algorithms,
                ..client()
            };
            assert!(with("google", provider).is_err(), "{bad:?}");
        }
    }
}
