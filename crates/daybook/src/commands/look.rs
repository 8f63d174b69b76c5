//! An instance that is looked at: opened as its operator may, and served to a
//! client that nobody knows.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use daybook_server::{AUTHORITY_FILE, App, trusting};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::edge;
use crate::failure::Failure;
use crate::features::SITE;
use crate::reach::{Reach, engine, must_exist};
use crate::settings::{self, Limits};

/// Longer than any honest answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// An instance that is looked at: its engine, served at a port of its own.
pub struct Look {
    pub app: Arc<App>,
    pub reach: Reach,
    pub data: PathBuf,
    address: SocketAddr,
    /// A client that takes only this instance's certificate.
    trusted: Arc<ClientConfig>,
    /// Dropped last: the port is served until then.
    _serving: (watch::Sender<bool>, Runtime),
}

impl Look {
    pub fn open(data: &Path) -> Result<Self, Failure> {
        must_exist(data)?;
        let mut settings = settings::read(data, &[])?;
        lift(&mut settings.limits);
        let reach = Reach::open(data, &settings)?;
        // Beside a running server a second engine reads; what it records, the server takes up.
        let app = match &reach {
            Reach::Here { app, .. } => Arc::clone(app),
            Reach::Server(_) => App::new(engine(data, &settings)?, SITE),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let gate = edge::local_gate(data, &settings, address)?;
        let authority = data.join(edge::FOLDER).join(AUTHORITY_FILE);
        let trusted = trusting(&authority).map_err(|error| Failure::ours(error.0))?;
        runtime.spawn(daybook_server::serve(
            Arc::clone(&app),
            listener,
            gate,
            stopped,
        ));
        Ok(Self {
            app,
            reach,
            data: data.to_owned(),
            address,
            trusted: Arc::new(trusted),
            _serving: (stop, runtime),
        })
    }

    /// The head and body of an answer to somebody who shows nothing.
    pub fn get(&self, method: &str, path: &str) -> Result<String, String> {
        let answer = || -> std::io::Result<String> {
            let stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            let name = ServerName::from(self.address.ip());
            let session = ClientConnection::new(Arc::clone(&self.trusted), name)
                .map_err(std::io::Error::other)?;
            let mut stream = StreamOwned::new(session, stream);
            write!(
                stream,
                "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
                 Content-Length: 2\r\nConnection: close\r\n\r\n{{}}",
                self.address
            )?;
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        answer().map_err(|error| format!("{method} {path}: {error}"))
    }

    pub fn slugs(&self) -> Result<Vec<String>, String> {
        let all = self
            .app
            .engine
            .workspaces()
            .map_err(|error| format!("{error:?}"))?;
        Ok(all.into_iter().map(|workspace| workspace.slug).collect())
    }
}

/// Whoever holds the data folder asks as much as the work needs.
pub fn lift(limits: &mut Limits) {
    const PLENTY: NonZeroU32 = NonZeroU32::MIN.saturating_add(999_999);
    limits.requests_per_second = PLENTY;
    limits.heavy_per_minute = PLENTY;
}
