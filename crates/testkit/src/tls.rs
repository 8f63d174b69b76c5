//! TLS to the instances of the stories: each server is known by its own local
//! authority, and nothing else is trusted.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use base64::Engine as _;
use daybook_kernel::Clock;
use daybook_server::{AUTHORITY_FILE, trusting, trusting_the_machine};
use rustls::pki_types::{ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::{Authority, FakeClock};

/// What a request is written to and its answer read from.
pub type Stream = StreamOwned<ClientConnection, TcpStream>;

/// Whom to trust at which address: stories know only addresses.
static KNOWN: LazyLock<Mutex<HashMap<SocketAddr, Known>>> = LazyLock::new(Mutex::default);

#[derive(Clone)]
struct Known {
    config: Arc<ClientConfig>,
    /// Of a server of ours.
    authority: PathBuf,
}

/// From now on the server at this address is one that the stories' authority vouches for.
pub fn trust_beside(address: SocketAddr) {
    let pem = Authority::shared().pem();
    let mut config = trusting_the_machine(Some(&pem)).expect("an authority");
    config.resumption = rustls::client::Resumption::disabled();
    let known = Known {
        config: Arc::new(config),
        authority: PathBuf::new(),
    };
    KNOWN
        .lock()
        .expect("the known servers")
        .insert(address, known);
}

/// From now on the server at this address is the one of this data folder; its
/// certificate is judged by the story's clock, if there is one.
pub fn trust(address: SocketAddr, data: &Path, clock: Option<Arc<FakeClock>>) {
    let authority = data.join("tls").join(AUTHORITY_FILE);
    let mut config = trusting(&authority).expect("the server's local authority");
    if let Some(clock) = clock {
        config.time_provider = Arc::new(StoryTime(clock));
    }
    // Each connection shakes hands in full, as a stranger's does.
    config.resumption = rustls::client::Resumption::disabled();
    let mut known = KNOWN.lock().expect("the known servers");
    let config = Arc::new(config);
    known.insert(address, Known { config, authority });
}

/// The hash by which a browser is told to take this server's certificate, which
/// comes without its authority, as its flag wants it: SHA-256 over the public key, in Base64.
pub fn key_hash(address: SocketAddr) -> String {
    let pair = known(address).authority.with_file_name("local.pem");
    let pem = std::fs::read(pair).expect("the certificate");
    let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).expect("PEM");
    let certificate = pem.parse_x509().expect("a certificate");
    let key = certificate.tbs_certificate.subject_pki.raw;
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key);
    base64::engine::general_purpose::STANDARD.encode(hash)
}

fn known(address: SocketAddr) -> Known {
    let known = KNOWN.lock().expect("the known servers");
    let found = known.get(&address).cloned();
    found.unwrap_or_else(|| panic!("no story made {address} known"))
}

/// A connection to a server that was made known by [`trust`].
pub fn connect(to: SocketAddr, patience: Duration) -> io::Result<Stream> {
    let config = known(to).config;
    let stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_nodelay(true)?;
    let name = ServerName::from(to.ip());
    let session = ClientConnection::new(config, name).map_err(io::Error::other)?;
    Ok(StreamOwned::new(session, stream))
}

struct StoryTime(Arc<FakeClock>);

impl std::fmt::Debug for StoryTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoryTime")
    }
}

impl TimeProvider for StoryTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
