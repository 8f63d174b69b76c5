//! What the settings say of the edge: where to listen, with which certificate,
//! for which names.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use daybook_engine::keys::SystemClock;
use daybook_kernel::Clock as _;
use daybook_server::{Acme, Certificate, Edge, EdgeSettings, Gate, Tls, host_of};
use serde::Deserialize;

use crate::failure::Failure;
use crate::settings::Settings;

pub const LISTEN: &str = "127.0.0.1:8443";
/// The folder of the certificates, in the data folder.
pub const FOLDER: &str = "tls";

/// Where the certificate comes from; a local one is made where nothing is said.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// A PEM file with the certificate and those between it and its authority.
    pub certificate: Option<PathBuf>,
    /// The PEM file of its key, which nobody else may read (mode 0600).
    pub key: Option<PathBuf>,
    pub acme: Option<AcmeSettings>,
}

/// A directory that gives certificates out (RFC 8555), proved by tls-alpn-01.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcmeSettings {
    pub domains: Vec<String>,
    /// Such as `mailto:admin@example.com`.
    #[serde(default)]
    pub contact: Vec<String>,
    /// The address of the directory, by https.
    pub directory: String,
    /// That its operator's terms are agreed to.
    #[serde(default)]
    pub terms_agreed: bool,
    /// A PEM file of authorities, for a directory of one's own.
    pub roots: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSettings {
    /// An address that sends browsers on to https, or `off`. Left out: port 80
    /// where Daybook is at port 443 of an address that others reach.
    pub listen: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct CorsSettings {
    /// Origins of pages elsewhere that may use the API with a token.
    pub origins: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct ProxySettings {
    /// Networks whose word counts for where a request comes from.
    pub trusted: Vec<String>,
}

/// TLS and the edge as the settings have them, for a listener at this address.
pub fn gate(data: &Path, settings: &Settings, address: SocketAddr) -> Result<Gate, Failure> {
    let tls = Tls::open(
        data.join(FOLDER),
        certificate(data, settings)?,
        Arc::new(|| SystemClock.now()),
    );
    let tls = tls.map_err(|error| Failure::refused(error.0))?;
    let edge = Edge::new(&edge_settings(settings), &tls.names(), address.port());
    let edge = Arc::new(edge.map_err(Failure::usage)?);
    Ok(Gate { tls, edge })
}

/// A gate with the local certificate, whatever is shown to others.
pub fn local_gate(data: &Path, settings: &Settings, address: SocketAddr) -> Result<Gate, Failure> {
    let local = Settings {
        origin: settings.origin.clone(),
        other_origins: settings.other_origins.clone(),
        ..Settings::default()
    };
    gate(data, &local, address)
}

fn edge_settings(settings: &Settings) -> EdgeSettings {
    EdgeSettings {
        origins: origins(settings),
        cors: settings.cors.origins.clone(),
        proxies: settings.proxy.trusted.clone(),
    }
}

fn origins(settings: &Settings) -> Vec<String> {
    let all = settings.origin.iter().chain(&settings.other_origins);
    all.cloned().collect()
}

/// Judges what needs no network and no folder, before anything is opened.
pub fn judge(settings: &Settings, address: SocketAddr) -> Result<(), Failure> {
    let judged = Edge::new(&edge_settings(settings), &[], address.port());
    judged.map_err(Failure::usage)?;
    if !address.ip().is_loopback() && settings.origin.is_none() {
        return Err(Failure::usage(format!(
            "Daybook at {address} can be reached from other machines: say under which name. \
             Write origin = \"https://HOST\" in daybook.toml, or --set origin=https://HOST."
        )));
    }
    Ok(())
}

fn certificate(data: &Path, settings: &Settings) -> Result<Certificate, Failure> {
    let tls = &settings.tls;
    match (&tls.certificate, &tls.key, &tls.acme) {
        (None, None, None) => {
            let names = origins(settings)
                .iter()
                .map(|it| host_of(it).to_owned())
                .collect();
            Ok(Certificate::Local { names })
        }
        (Some(certificate), Some(key), None) => Ok(Certificate::Files {
            certificate: data.join(certificate),
            key: data.join(key),
        }),
        (None, None, Some(acme)) => acme_of(data, acme).map(Certificate::Acme),
        _ => Err(Failure::usage(
            "tls: name both tls.certificate and tls.key, or tls.acme alone, or nothing for a \
             local certificate.",
        )),
    }
}

fn acme_of(data: &Path, acme: &AcmeSettings) -> Result<Acme, Failure> {
    if acme.domains.is_empty() || acme.domains.iter().any(|domain| domain.contains('*')) {
        let why = "tls.acme.domains: name each domain in full; tls-alpn-01 proves no wildcard.";
        return Err(Failure::usage(why));
    }
    if !acme.directory.starts_with("https://") {
        return Err(Failure::usage("tls.acme.directory: an address by https."));
    }
    if !acme.terms_agreed {
        let why = "tls.acme.terms_agreed: read the directory's terms and set it to true.";
        return Err(Failure::usage(why));
    }
    Ok(Acme {
        domains: acme
            .domains
            .iter()
            .map(|it| it.to_ascii_lowercase())
            .collect(),
        contact: acme.contact.clone(),
        directory: acme.directory.clone(),
        roots: acme.roots.as_ref().map(|file| data.join(file)),
    })
}

pub fn address(setting: &str, text: &str) -> Result<SocketAddr, Failure> {
    text.parse().map_err(|_| {
        Failure::usage(format!(
            "{setting} {text}: write an address and a port, such as {LISTEN}"
        ))
    })
}

/// Figures of the instance are for whoever is on this machine.
pub fn metrics_address(settings: &Settings) -> Result<Option<SocketAddr>, Failure> {
    let Some(text) = &settings.metrics.listen else {
        return Ok(None);
    };
    let address = address("metrics.listen", text)?;
    if !address.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "metrics.listen {text} can be reached from other machines, and figures are shown to \
             whoever asks. Use a loopback address."
        )));
    }
    Ok(Some(address))
}

/// Where plain HTTP is sent on to https, if anywhere, and where to.
pub fn redirect(
    settings: &Settings,
    served: SocketAddr,
) -> Result<Option<(SocketAddr, String)>, Failure> {
    let from = match settings.http.listen.as_deref() {
        Some("off") => return Ok(None),
        Some(text) => address("http.listen", text)?,
        None if served.port() == 443 && !served.ip().is_loopback() => {
            SocketAddr::new(served.ip(), 80)
        }
        None => return Ok(None),
    };
    let usual = || format!("https://localhost:{}", served.port());
    Ok(Some((from, settings.origin.clone().unwrap_or_else(usual))))
}
