//! Settings: `daybook.toml` in the data folder, then `--set KEY=VALUE`. There
//! are few, each with a safe default, and an unknown key is a fault.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use daybook_engine::limits::Allowances;
use daybook_kernel::PasswordScheme;
use serde::Deserialize;

use crate::edge::{CorsSettings, HttpSettings, ProxySettings, TlsSettings};
use crate::failure::Failure;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub listen: Option<String>,
    /// Where people reach this instance, such as `https://books.example.com`:
    /// links in mail and passkeys stand on it.
    pub origin: Option<String>,
    /// Further origins at which it answers.
    pub other_origins: Vec<String>,
    pub tls: TlsSettings,
    pub http: HttpSettings,
    pub cors: CorsSettings,
    pub proxy: ProxySettings,
    /// `postgres://…`; the embedded store where it is left out.
    pub database: Option<String>,
    pub postgres: Postgres,
    pub password: Password,
    pub limits: Limits,
    pub workspaces: Workspaces,
    pub metrics: Metrics,
    pub mail: Mail,
    pub egress: Egress,
    pub advisories: Advisories,
    /// Identity providers by which people may sign in, by their names in addresses.
    pub oidc: BTreeMap<String, OidcProvider>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Egress {
    /// `HOST:PORT` of what Daybook may reach though it is not on the public internet.
    pub allow: Vec<String>,
    /// The certificates (PEM) of authorities that the system does not know.
    pub authority_file: Option<PathBuf>,
}

/// How the server of `database` is known, where a network is between.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Postgres {
    /// The certificates (PEM) of the only authorities that may vouch for it; those of the
    /// system where it is left out.
    pub authority_file: Option<PathBuf>,
}

/// Known vulnerabilities of what Daybook is made of.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Advisories {
    /// Where the advisories are asked for once a day: an archive (`.tar.gz`) of `RustSec`'s
    /// database; `off` asks nobody.
    pub source: String,
}

impl Default for Advisories {
    fn default() -> Self {
        let source = "https://codeload.github.com/rustsec/advisory-db/tar.gz/refs/heads/main";
        Self {
            source: source.to_owned(),
        }
    }
}

/// `[oidc.google]` needs no more than its client; any other provider its address too.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct OidcProvider {
    /// Its name for people: “Continue with …”.
    pub name: Option<String>,
    /// Its own address, such as `https://id.example.com`.
    pub issuer: Option<String>,
    /// Under what it knows this instance.
    pub client_id: String,
    /// A file with the client's secret that nobody else may read (mode 0600).
    pub client_secret_file: Option<PathBuf>,
    /// How it may sign; RS256 and ES256 where it is left out.
    pub algorithms: Option<Vec<String>>,
}

/// The relay that carries mail. Without one it waits.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// `smtps://user@host:465`, or `smtp://user@host:587` with STARTTLS: never without TLS.
    pub smtp: Option<String>,
    /// A file with the user's password that nobody else may read (mode 0600).
    pub password_file: Option<PathBuf>,
    /// Whom letters are from: `Daybook <books@example.com>`.
    pub from: Option<String>,
    /// The certificate (PEM) of an authority that the system does not know.
    pub authority_file: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Password {
    /// How passwords are kept, `argon2id` or `bcrypt`; each is kept so anew at
    /// the sign-in that follows.
    pub scheme: PasswordScheme,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Everyday requests a second for one caller, and the burst.
    pub requests_per_second: NonZeroU32,
    /// Tries at a password a minute from one address.
    pub guesses_per_minute: NonZeroU32,
    /// Imports and exports a minute for one caller.
    pub heavy_per_minute: NonZeroU32,
    /// Starts of a language model's work in five minutes for one person.
    pub generations_per_five_minutes: NonZeroU32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Workspaces {
    /// Workspaces kept open at once.
    pub open_max: usize,
    /// Stored bytes that each may have; no limit where it is left out. The operator
    /// sets another for one workspace by `identity.set_storage_limit`.
    pub bytes_max: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// A loopback address for `/metrics`; none serves no metrics.
    pub listen: Option<String>,
}

impl Default for Limits {
    fn default() -> Self {
        let usual = Allowances::default();
        Self {
            requests_per_second: usual.requests_per_second,
            guesses_per_minute: usual.guesses_per_minute,
            heavy_per_minute: usual.heavy_per_minute,
            generations_per_five_minutes: usual.generations_per_five_minutes,
        }
    }
}

impl Default for Workspaces {
    fn default() -> Self {
        Self {
            open_max: 256,
            bytes_max: None,
        }
    }
}

impl Limits {
    pub const fn allowances(&self) -> Allowances {
        Allowances {
            requests_per_second: self.requests_per_second,
            guesses_per_minute: self.guesses_per_minute,
            heavy_per_minute: self.heavy_per_minute,
            generations_per_five_minutes: self.generations_per_five_minutes,
        }
    }
}

/// The file's settings with those of the command line laid over them.
pub fn read(data: &Path, overrides: &[String]) -> Result<Settings, Failure> {
    let path = data.join("daybook.toml");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Failure::usage(format!("{}: {error}", path.display()))),
    };
    let mut table: toml::Table = toml::from_str(&text)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    for setting in overrides {
        lay_over(&mut table, setting)?;
    }
    Settings::deserialize(toml::Value::Table(table))
        .map_err(|error| Failure::usage(format!("daybook.toml or --set: {error}")))
}

/// `limits.requests_per_second=100` into its table.
fn lay_over(table: &mut toml::Table, setting: &str) -> Result<(), Failure> {
    let malformed = || {
        Failure::usage(format!(
            "--set {setting}: write KEY=VALUE, such as limits.requests_per_second=100"
        ))
    };
    let (key, value) = setting.split_once('=').ok_or_else(malformed)?;
    let mut names: Vec<&str> = key.split('.').collect();
    let last = names.pop().ok_or_else(malformed)?;
    let mut at = table;
    for name in names {
        let inner = at
            .entry(name.to_owned())
            .or_insert_with(|| toml::Value::Table(toml::Table::new()));
        at = inner.as_table_mut().ok_or_else(malformed)?;
    }
    // A bare word is a text: postgres://… needs no quotes.
    let parsed = format!("value = {value}").parse::<toml::Table>().ok();
    let value = parsed
        .and_then(|mut parsed| parsed.remove("value"))
        .unwrap_or_else(|| toml::Value::String(value.to_owned()));
    at.insert(last.to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of a table, which the fault of an unknown one names.
    fn keys(table: &str) -> Vec<String> {
        let text = format!("{table}\nunknown = 1");
        let fault = toml::from_str::<Settings>(&text).err().unwrap();
        let (_, expected) = fault.message().split_once("expected").unwrap();
        let names = expected.split('`').skip(1).step_by(2);
        names.map(str::to_owned).collect()
    }

    #[test]
    fn the_readme_names_every_setting() {
        let readme = include_str!("../../../README.md");
        let mut missing = Vec::new();
        for key in keys("") {
            let table = match key.as_str() {
                "oidc" => "[oidc.name]".to_owned(),
                key => format!("[{key}]"),
            };
            // One that is no table says so, and is named as it is.
            let is_table = !["listen", "origin", "other_origins", "database"].contains(&&*key);
            let inner = if is_table { keys(&table) } else { Vec::new() };
            let named = |name: &str| readme.contains(&format!("`{name}`"));
            if !is_table && !named(&key) {
                missing.push(key.clone());
            }
            let known = |name: &String| named(name) || named(&format!("{key}.{name}"));
            missing.extend(inner.into_iter().filter(|name| !known(name)));
        }
        assert_eq!(missing, Vec::<String>::new());
    }

    #[test]
    fn the_command_line_lays_over_the_file() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(
            data.path().join("daybook.toml"),
            "[limits]\nheavy_per_minute = 3\n",
        )
        .unwrap();
        let set = |list: &[&str]| {
            read(
                data.path(),
                &list.iter().map(ToString::to_string).collect::<Vec<_>>(),
            )
        };
        let settings = set(&["limits.requests_per_second=100", "database=postgres://x"])
            .ok()
            .unwrap();
        assert_eq!(settings.limits.requests_per_second.get(), 100);
        assert_eq!(settings.limits.heavy_per_minute.get(), 3);
        assert_eq!(settings.database.as_deref(), Some("postgres://x"));
        for bad in [
            "limits",
            "limits.nothing=1",
            "limits.heavy_per_minute=0",
            "limits=3",
        ] {
            assert!(set(&[bad]).is_err(), "{bad}");
        }
    }
}
