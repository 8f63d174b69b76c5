//! The other end: a client that speaks TLS 1.3 alone and trusts only whom it is
//! told to. The ACME orders go out by it, and what looks at an instance of ours.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use http_body_util::Limited;
use hyper::Request;
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, HttpClient};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{TlsError, files, provider};

/// One exchange with a directory, connection and all.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a directory may answer: a chain of certificates is far smaller.
const ANSWER_MAX: usize = 1 << 20;

/// A client that trusts the authorities in this PEM file and no others.
pub fn trusting(authorities: &Path) -> Result<ClientConfig, TlsError> {
    let pem = std::fs::read(authorities).map_err(|error| files::failed(authorities, &error))?;
    let mut roots = RootCertStore::empty();
    add(&mut roots, &pem).map_err(|error| files::failed(authorities, &error.0))?;
    config(roots)
}

/// A client that trusts whom this machine trusts, and the authorities in this PEM
/// text beside, where there is one.
pub fn trusting_the_machine(beside: Option<&[u8]>) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = beside {
        add(&mut roots, pem)?;
    }
    if roots.is_empty() {
        let why = "This machine trusts no certificate authority. Install its list, such as the \
                   package ca-certificates, or name a file of authorities in the settings.";
        return Err(TlsError(why.to_owned()));
    }
    config(roots)
}

/// Each certificate of the text, of which there is at least one.
fn add(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), TlsError> {
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| TlsError(error.to_string()))?;
        let added = roots.add(certificate);
        added.map_err(|error| TlsError(format!("this is no authority: {error}")))?;
    }
    if roots.len() == before {
        return Err(TlsError("there is no certificate in it".to_owned()));
    }
    Ok(())
}

fn config(roots: RootCertStore) -> Result<ClientConfig, TlsError> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| TlsError(format!("TLS 1.3: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// What carries the requests of an ACME order.
pub struct Carrier {
    connector: TlsConnector,
}

impl Carrier {
    pub fn new(roots: Option<&Path>) -> Result<Self, TlsError> {
        let config = match roots {
            Some(file) => trusting(file)?,
            None => trusting_the_machine(None)?,
        };
        Ok(Self {
            connector: Arc::new(config).into(),
        })
    }
}

type Exchanged = Result<BytesResponse, instant_acme::Error>;

impl HttpClient for Carrier {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Exchanged> + Send>> {
        let connector = self.connector.clone();
        Box::pin(async move {
            match tokio::time::timeout(PATIENCE, exchange(connector, request)).await {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(error)) => Err(instant_acme::Error::Other(error)),
                Err(_) => Err(instant_acme::Error::Str("the directory did not answer")),
            }
        })
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn exchange(
    connector: TlsConnector,
    mut request: Request<BodyWrapper<Bytes>>,
) -> Result<BytesResponse, Failed> {
    let uri = request.uri().clone();
    if uri.scheme_str() != Some("https") {
        return Err("an ACME directory is asked by https only".into());
    }
    let host = uri.host().ok_or("an address without a host")?;
    let bare = host.trim_matches(['[', ']']).to_owned();
    let port = uri.port_u16().unwrap_or(443);
    let stream = TcpStream::connect((bare.as_str(), port)).await?;
    let stream = connector
        .connect(ServerName::try_from(bare)?, stream)
        .await?;
    let authority = uri.authority().map_or(host, |it| it.as_str());
    let value = authority.parse()?;
    request
        .headers_mut()
        .insert(axum::http::header::HOST, value);
    let path = uri.path_and_query().map_or("/", |it| it.as_str()).parse()?;
    *request.uri_mut() = path;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    Ok(answer.map(|body| Limited::new(body, ANSWER_MAX)).into())
}
