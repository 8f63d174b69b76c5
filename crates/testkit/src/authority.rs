//! An authority that nothing but a story's settings trusts, and the certificates
//! that it gives to the servers beside an instance: the database, the identity
//! provider, the relay, whoever is asked.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use aws_lc_rs::digest;
use base64::Engine as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData as _,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What nearly all servers of the stories are reached by.
const HERE: [&str; 2] = ["localhost", "127.0.0.1"];

pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    /// The one certificate for this machine's own names.
    here: Pair,
}

/// A certificate and its key, as PEM texts.
pub struct Pair {
    pub certificate: String,
    pub key: String,
    public: Vec<u8>,
}

static SHARED: LazyLock<Authority> = LazyLock::new(Authority::another);

impl Authority {
    /// The one that stories trust.
    pub fn shared() -> &'static Self {
        &SHARED
    }

    /// One of which no story's settings know.
    pub fn another() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut wanted = CertificateParams::default();
        wanted.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let name = &mut wanted.distinguished_name;
        name.push(DnType::CommonName, "the stories' authority");
        let made = wanted.self_signed(&key).expect("an authority");
        let issuer = Issuer::new(wanted, key);
        let here = make(&issuer, &HERE);
        Self {
            pem: made.pem(),
            issuer,
            here,
        }
    }

    /// Its own certificate, as settings have it.
    pub fn pem(&self) -> Vec<u8> {
        self.pem.clone().into_bytes()
    }

    /// The same in a file of this folder, as settings name it.
    pub fn file(&self, folder: &Path) -> PathBuf {
        let file = folder.join("authority.pem");
        std::fs::write(&file, &self.pem).expect("its file");
        file
    }

    /// The certificate for `localhost` and 127.0.0.1.
    pub const fn here(&self) -> &Pair {
        &self.here
    }

    /// A certificate for these names alone.
    pub fn certify(&self, names: &[&str]) -> Pair {
        make(&self.issuer, names)
    }

    /// A server on loopback which answers each visitor by TLS; its place.
    pub fn serve(
        &self,
        answer: impl Fn(StreamOwned<ServerConnection, TcpStream>) + Send + 'static,
    ) -> SocketAddr {
        let config = Arc::new(self.here.config());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let place = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let session = ServerConnection::new(Arc::clone(&config)).expect("a session");
                answer(StreamOwned::new(session, stream));
            }
        });
        place
    }
}

impl Pair {
    /// Writes `cert.pem` and `key.pem` into the folder, the key for its owner alone.
    pub fn write(&self, folder: &Path) {
        let key = folder.join("key.pem");
        std::fs::write(folder.join("cert.pem"), &self.certificate).expect("its file");
        std::fs::write(&key, &self.key).expect("its file");
        let only_ours = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&key, only_ours).expect("its mode");
    }

    /// SHA-256 over the public key, in Base64: so a browser is told to take it.
    pub fn key_hash(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &self.public);
        base64::engine::general_purpose::STANDARD.encode(hash)
    }

    fn config(&self) -> ServerConfig {
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes());
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("a key");
        ServerConfig::builder_with_provider(daybook_server::provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.expect("a certificate")], key)
            .expect("a pair")
    }
}

fn make(issuer: &Issuer<'_, KeyPair>, names: &[&str]) -> Pair {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let key = KeyPair::generate().expect("a key");
    let wanted = CertificateParams::new(names).expect("names");
    let made = wanted.signed_by(&key, issuer).expect("a certificate");
    Pair {
        certificate: made.pem(),
        key: key.serialize_pem(),
        public: key.subject_public_key_info(),
    }
}
