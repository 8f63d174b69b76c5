//! TLS 1.3, and nothing older: which certificate is shown, and how it is renewed
//! while the server runs. The certificate is a local one, made here, or one from
//! files, or one from an ACME directory.

mod acme;
mod client;
mod files;
mod local;
mod pair;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;

pub use acme::Acme;
pub use client::{trusting, trusting_the_machine};
pub use local::AUTHORITY_FILE;
use pair::Pair;

use crate::lock;

/// Each handshake that asks for it is about a certificate, not about Daybook.
const ACME_ALPN: &[u8] = b"acme-tls/1";
const HTTP_ALPN: &[u8] = b"http/1.1";
/// How often the files of a given certificate are looked at, in milliseconds.
const LOOK_AGAIN_MS: i64 = 1_000;

/// Where the certificate comes from.
#[derive(Clone)]
pub enum Certificate {
    /// Made here for these names, beside the loopback ones.
    Local { names: Vec<String> },
    /// Kept by somebody else in two PEM files.
    Files { certificate: PathBuf, key: PathBuf },
    /// Ordered from a directory; a local one is shown until it comes.
    Acme(Acme),
}

/// What time it is: the instance's clock.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Why no certificate could be had, in a sentence that says what to do.
#[derive(Debug)]
pub struct TlsError(pub String);

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TlsError {}

/// What every listener needs to speak TLS.
#[derive(Clone)]
pub struct Tls {
    config: Arc<rustls::ServerConfig>,
    shown: Arc<Shown>,
}

impl Tls {
    /// With what is in `folder`, which is made if it is not there.
    pub fn open(folder: PathBuf, certificate: Certificate, now: Now) -> Result<Self, TlsError> {
        files::make_folder(&folder)?;
        let at = now();
        let pair = match &certificate {
            Certificate::Local { names } => local::ready(&folder, names, at)?,
            Certificate::Files { certificate, key } => Pair::of_files(certificate, key)?,
            Certificate::Acme(acme) => match acme::kept(&folder)? {
                Some(pair) => pair,
                None => local::ready(&folder, &acme.domains, at)?,
            },
        };
        let shown = Arc::new(Shown {
            folder,
            certificate,
            now,
            kept: Mutex::new(Kept {
                pair: Arc::new(pair),
                looked_ms: at.as_millisecond(),
            }),
            challenges: Mutex::default(),
        });
        let mut config = rustls::ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| TlsError(format!("TLS 1.3: {error}")))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![HTTP_ALPN.to_vec(), ACME_ALPN.to_vec()];
        Ok(Self {
            config: Arc::new(config),
            shown,
        })
    }

    /// The names of the certificate that is shown now.
    pub fn names(&self) -> Vec<String> {
        self.shown.current().names.clone()
    }

    /// Until when the certificate that is shown now is good.
    pub fn until(&self) -> Timestamp {
        self.shown.current().until
    }

    /// Keeps the certificate of an ACME directory fresh; answers at once where
    /// there is none.
    pub async fn keep_fresh(&self) {
        if let Certificate::Acme(acme) = &self.shown.certificate {
            acme::keep_fresh(&self.shown, acme).await;
        }
    }

    pub(crate) fn acceptor(&self) -> tokio_rustls::TlsAcceptor {
        Arc::clone(&self.config).into()
    }
}

/// The suites and groups by name, so that no feature switched on elsewhere in
/// the build adds one; the hybrid with ML-KEM is preferred.
pub fn provider() -> Arc<CryptoProvider> {
    use aws_lc_rs::{cipher_suite as suite, kx_group as group};
    Arc::new(CryptoProvider {
        cipher_suites: vec![
            suite::TLS13_AES_256_GCM_SHA384,
            suite::TLS13_CHACHA20_POLY1305_SHA256,
            suite::TLS13_AES_128_GCM_SHA256,
        ],
        kx_groups: vec![group::X25519MLKEM768, group::X25519, group::SECP256R1],
        ..aws_lc_rs::default_provider()
    })
}

/// The certificate that is shown, looked at anew when it is asked for.
struct Shown {
    folder: PathBuf,
    certificate: Certificate,
    now: Now,
    kept: Mutex<Kept>,
    /// What answers the directory's look at a domain while an order is open.
    challenges: Mutex<Vec<(String, Arc<CertifiedKey>)>>,
}

struct Kept {
    pair: Arc<Pair>,
    looked_ms: i64,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let is_challenge = hello
            .alpn()
            .is_some_and(|mut names| names.next() == Some(ACME_ALPN));
        if is_challenge {
            let challenges = lock(&self.challenges);
            let name = hello.server_name()?;
            let found = challenges.iter().find(|(domain, _)| domain == name);
            return found.map(|(_, key)| Arc::clone(key));
        }
        Some(Arc::clone(&self.current().certified))
    }
}

impl Shown {
    /// The certificate for now. A local one past two thirds of its life is made
    /// anew here, and files that changed are read again: a handshake is the one
    /// moment at which either matters. What fails leaves the old one in place.
    fn current(&self) -> Arc<Pair> {
        let now = (self.now)();
        let mut kept = lock(&self.kept);
        let waited_ms = now.as_millisecond() - kept.looked_ms;
        if waited_ms.abs() >= LOOK_AGAIN_MS {
            kept.looked_ms = now.as_millisecond();
            match self.renewed(&kept.pair, now) {
                Ok(None) => {}
                Ok(Some(pair)) => {
                    tracing::info!(until = %pair.until, "another certificate is shown");
                    kept.pair = Arc::new(pair);
                }
                Err(error) => {
                    metrics::counter!("daybook_certificate_failures_total").increment(1);
                    tracing::error!(%error, "the certificate was not renewed; the old one stays");
                }
            }
        }
        Arc::clone(&kept.pair)
    }

    fn renewed(&self, pair: &Pair, now: Timestamp) -> Result<Option<Pair>, TlsError> {
        match &self.certificate {
            Certificate::Files { certificate, key } => {
                if pair.read_from == Pair::marks(certificate, key) {
                    return Ok(None);
                }
                Pair::of_files(certificate, key).map(Some)
            }
            Certificate::Local { names } if pair.is_due(now) => {
                local::ready(&self.folder, names, now).map(Some)
            }
            // Orders are placed beside, and what is shown meanwhile outlives them.
            Certificate::Local { .. } | Certificate::Acme(_) => Ok(None),
        }
    }

    fn show(&self, pair: Pair) {
        tracing::info!(until = %pair.until, "another certificate is shown");
        lock(&self.kept).pair = Arc::new(pair);
    }
}

#[cfg(test)]
mod tests;
