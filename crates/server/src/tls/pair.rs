//! A certificate with its key, as a listener shows it.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;

use super::{TlsError, files, provider};

pub struct Pair {
    pub certified: Arc<CertifiedKey>,
    /// The host names and addresses that it is for.
    pub names: Vec<String>,
    pub from: Timestamp,
    pub until: Timestamp,
    /// Which files these were, where they are somebody else's.
    pub read_from: Marks,
}

/// Inode and time of change of each file: what tells a new one from the old.
pub type Marks = Vec<(u64, i64, i64)>;

impl Pair {
    /// From the text of the certificates and the text with the key, both PEM.
    pub fn of(chain: &str, key: &str) -> Result<Self, TlsError> {
        let unreadable = |what: &str, error: &dyn std::fmt::Display| {
            TlsError(format!("the {what} cannot be read as PEM: {error}"))
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|error| unreadable("certificate", &error))?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
            .map_err(|error| unreadable("key", &error))?;
        let first = chain
            .first()
            .ok_or_else(|| TlsError("there is no certificate in the file".to_owned()))?;
        let (_, read) = x509_parser::parse_x509_certificate(first)
            .map_err(|error| unreadable("certificate", &error))?;
        let names = match read.subject_alternative_name() {
            Ok(Some(names)) => names.value.general_names.iter().filter_map(name).collect(),
            _ => Vec::new(),
        };
        let instant = |seconds| {
            Timestamp::from_second(seconds).map_err(|error| unreadable("certificate", &error))
        };
        let (from, until) = (
            instant(read.validity().not_before.timestamp())?,
            instant(read.validity().not_after.timestamp())?,
        );
        // Refuses a key that is another certificate's.
        let certified = CertifiedKey::from_der(chain, key, &provider())
            .map_err(|error| TlsError(format!("the certificate and its key: {error}")))?;
        Ok(Self {
            certified: Arc::new(certified),
            names,
            from,
            until,
            read_from: Marks::new(),
        })
    }

    pub fn of_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let marks = Self::marks(certificate, key);
        let chain =
            fs::read_to_string(certificate).map_err(|error| files::failed(certificate, &error))?;
        let secret = files::read_secret(key)?
            .ok_or_else(|| TlsError(format!("{}: there is no such file", key.display())))?;
        let pair = Self::of(&chain, &secret)
            .map_err(|error| TlsError(format!("{}: {error}", certificate.display())))?;
        Ok(Self {
            read_from: marks,
            ..pair
        })
    }

    pub fn marks(certificate: &Path, key: &Path) -> Marks {
        [certificate, key]
            .into_iter()
            .filter_map(|path| fs::metadata(path).ok())
            .map(|it| (it.ino(), it.mtime(), it.mtime_nsec()))
            .collect()
    }

    /// Whether two thirds of its life are over, or it is not yet good.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let (from, until) = (self.from.as_second(), self.until.as_second());
        now.as_second() < from || now.as_second() >= from + (until - from) / 3 * 2
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(std::net::IpAddr::from);
            let sixteen = || <[u8; 16]>::try_from(*bytes).map(std::net::IpAddr::from);
            four.or_else(|_| sixteen()).ok().map(|it| it.to_string())
        }
        _ => None,
    }
}
