//! The way to PostgreSQL: a Unix socket, which no network carries, or TCP under
//! TLS 1.3, with the server's name proved by an authority that is trusted. There
//! is no third, on loopback neither.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use aws_lc_rs::digest::{self, Algorithm};
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres::{Client, Config, NoTls, Socket};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as Wrapped;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// By what name PostgreSQL knows its own protocol within TLS.
const ALPN: &[u8] = b"postgresql";
/// The one that is done; a server's name and authority are never left unlooked at.
const MODE: &str = "verify-full";

/// Where PostgreSQL is, and whom to trust there.
#[derive(Clone)]
pub struct Server {
    config: Config,
    /// None for a Unix socket.
    tls: Option<Arc<ClientConfig>>,
}

impl Server {
    /// `trust` is asked only where a network is between. A fault is a sentence
    /// with the setting that is at fault.
    pub fn new(
        address: &str,
        trust: impl FnOnce() -> Result<ClientConfig, String>,
    ) -> Result<Self, String> {
        let (address, mode) = apart(address);
        if let Some(mode) = mode.filter(|mode| mode != MODE) {
            return Err(format!(
                "database: sslmode={mode} is not done. By TCP it is always {MODE}: TLS 1.3, with the server's name proved by an authority; leave sslmode out."
            ));
        }
        let mut config: Config = address
            .parse()
            // The address may hold a password, and the parser's own text holds none of it.
            .map_err(|error| format!("database: {}", super::errors::chain(&error)))?;
        let by_socket = |host: &Host| matches!(host, Host::Unix(_));
        let sockets = config.get_hosts().iter().filter(|it| by_socket(it)).count();
        if sockets > 0 && sockets == config.get_hosts().len() && config.get_hostaddrs().is_empty() {
            config.ssl_mode(SslMode::Disable);
            return Ok(Self { config, tls: None });
        }
        if sockets > 0 || config.get_hosts().is_empty() {
            return Err(
                "database: name the server by host: a name (its certificate is made for it), or the folder of its Unix socket. Not both."
                    .to_owned(),
            );
        }
        config.ssl_mode(SslMode::Require);
        let mut tls = trust().map_err(|why| format!("database: {why}"))?;
        tls.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Self {
            config,
            tls: Some(Arc::new(tls)),
        })
    }

    /// A client, and what reads and writes its socket until the client is gone.
    pub async fn connect(&self) -> Result<(Client, Pipe), tokio_postgres::Error> {
        let Some(tls) = &self.tls else {
            let (client, pipe) = self.config.connect(NoTls).await?;
            return Ok((client, Box::pin(async { drop(pipe.await) })));
        };
        let (client, pipe) = self.config.connect(Handshake(Arc::clone(tls))).await?;
        // An error of the socket ends each wait on the client, which tells it.
        Ok((client, Box::pin(async { drop(pipe.await) })))
    }
}

pub type Pipe = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The address without its `sslmode`, whose good values the driver does not know,
/// and that mode.
fn apart(address: &str) -> (String, Option<String>) {
    const KEY: &str = "sslmode=";
    let begins = |at: usize| address[..at].ends_with([' ', '?', '&']) || at == 0;
    let Some((at, _)) = address.match_indices(KEY).find(|(at, _)| begins(*at)) else {
        return (address.to_owned(), None);
    };
    let (before, rest) = (&address[..at], &address[at + KEY.len()..]);
    let (mode, after) = rest.split_at(rest.find([' ', '&']).unwrap_or(rest.len()));
    // What parted it from its neighbour goes with it; a bare `?` or `&` at the end is none.
    let whole = format!("{before}{}", after.get(1..).unwrap_or_default());
    let whole = whole.trim_end_matches(['?', '&']);
    (whole.to_owned(), Some(mode.trim_matches('\'').to_owned()))
}

#[derive(Clone)]
struct Handshake(Arc<ClientConfig>);

impl MakeTlsConnect<Socket> for Handshake {
    type Stream = Encrypted;
    type TlsConnect = Named;
    type Error = rustls::pki_types::InvalidDnsNameError;

    fn make_tls_connect(&mut self, name: &str) -> Result<Named, Self::Error> {
        Ok(Named {
            connector: Arc::clone(&self.0).into(),
            name: ServerName::try_from(name.to_owned())?,
        })
    }
}

/// A handshake with the server of this name.
struct Named {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl TlsConnect<Socket> for Named {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted>> + Send>>;

    fn connect(self, stream: Socket) -> Self::Future {
        Box::pin(async move {
            let stream = self.connector.connect(self.name, stream).await?;
            Ok(Encrypted(Box::new(stream)))
        })
    }
}

struct Encrypted(Box<Wrapped<Socket>>);

impl TlsStream for Encrypted {
    /// The server's certificate goes into the proof of the password (SCRAM-SHA-256-PLUS):
    /// whoever stands between with another certificate learns and gains nothing.
    fn channel_binding(&self) -> ChannelBinding {
        let (_, session) = self.0.get_ref();
        let shown = session.peer_certificates().and_then(|chain| chain.first());
        shown
            .and_then(end_point)
            .map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

/// `tls-server-end-point` (RFC 5929, 4.1): the certificate's digest by the function
/// that its own signature is made with, SHA-256 in place of older ones.
fn end_point(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let function = digest_of(&parsed.signature_algorithm.algorithm.to_id_string())?;
    Some(digest::digest(function, certificate).as_ref().to_vec())
}

fn digest_of(signature: &str) -> Option<&'static Algorithm> {
    match signature {
        // RSA and ECDSA with SHA-256, and RSA with MD5 and SHA-1, ECDSA with SHA-1.
        "1.2.840.113549.1.1.11"
        | "1.2.840.10045.4.3.2"
        | "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.10045.4.1" => Some(&digest::SHA256),
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => Some(&digest::SHA384),
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => Some(&digest::SHA512),
        // Ed25519 names none, and PostgreSQL has no agreed answer for it.
        _ => None,
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_mode_is_taken_out_of_its_address() {
        for (address, rest, mode) in [
            ("host=h dbname=d", "host=h dbname=d", None),
            (
                "host=h sslmode=require dbname=d",
                "host=h dbname=d",
                Some("require"),
            ),
            ("sslmode='disable' host=h", "host=h", Some("disable")),
            (
                "postgres://h/d?sslmode=verify-full",
                "postgres://h/d",
                Some("verify-full"),
            ),
            (
                "postgres://h/d?sslmode=prefer&user=u",
                "postgres://h/d?user=u",
                Some("prefer"),
            ),
            (
                "postgres://h/d?user=u&sslmode=x",
                "postgres://h/d?user=u",
                Some("x"),
            ),
            (
                "postgres://h/d?xsslmode=x",
                "postgres://h/d?xsslmode=x",
                None,
            ),
        ] {
            let (found, said) = apart(address);
            assert_eq!(
                (found.trim_end(), said.as_deref()),
                (rest, mode),
                "{address}"
            );
        }
    }

    #[test]
    fn what_is_no_socket_is_asked_for_its_trust() {
        let untrusting = || Err("nobody is trusted".to_owned());
        for socket in [
            "host=/run/postgresql dbname=d",
            "postgres://%2Frun%2Fpostgresql/d",
        ] {
            let server = Server::new(socket, untrusting).ok().unwrap();
            assert!(server.tls.is_none(), "{socket}");
        }
        for (address, why) in [
            ("host=localhost", "nobody is trusted"),
            ("postgres://db.example/d", "nobody is trusted"),
            (
                "postgres://127.0.0.1/d?sslmode=verify-full",
                "nobody is trusted",
            ),
            ("host=localhost hostaddr=127.0.0.1", "nobody is trusted"),
            ("postgres://db.example/d?sslmode=require", "sslmode=require"),
            ("host=/run/postgresql sslmode=disable", "sslmode=disable"),
            ("host=/run/postgresql,db.example", "Not both"),
            ("host=/run/postgresql hostaddr=192.0.2.1", "Not both"),
            ("hostaddr=127.0.0.1", "name the server"),
            ("dbname=d", "name the server"),
            ("host=h nonsense=1", "database: "),
        ] {
            let refused = Server::new(address, untrusting).err().unwrap();
            assert!(refused.contains(why), "{address}: {refused}");
        }
    }
}
