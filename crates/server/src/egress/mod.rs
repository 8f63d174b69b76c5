//! The one way out. Whatever Daybook asks of others goes by it: the name is
//! resolved here, the address is judged, and the connection goes to the very
//! address that was judged, so that no second answer of a name server counts.
//! TLS 1.3 alone, no redirects followed, no proxy of the environment, an end to
//! every wait and every answer. An operator who wants an address of their own
//! network reached names it, host and port, in `egress.allow`.

mod addresses;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::uri::Scheme;
use axum::http::{HeaderName, HeaderValue, Uri, header};
use daybook_kernel::Clock;
use daybook_kernel::ports::{Answer, Outside, Outward, Provider, Unreachable};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::lock;
use crate::tls::trusting_the_machine;

/// One question, from its name's resolution to the last byte of the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Answers kept at once; a full set is forgotten, not grown.
const KEPT_MAX: usize = 64;

/// As the settings have it, not yet judged.
#[derive(Default)]
pub struct EgressSettings {
    /// `HOST:PORT` of what is reached though it is not public.
    pub allow: Vec<String>,
    pub providers: Vec<Provider>,
    /// The certificates (PEM) of authorities that this machine does not know.
    pub authority: Option<Vec<u8>>,
}

pub struct Egress {
    allow: Vec<(String, u16)>,
    providers: Vec<Provider>,
    clock: Arc<dyn Clock>,
    authority: Option<Vec<u8>>,
    /// Whom this machine trusts, read when it is first needed.
    tls: OnceLock<Arc<ClientConfig>>,
    kept: Mutex<HashMap<String, (i64, Answer)>>,
}

impl Egress {
    /// A fault is a sentence with the setting that is at fault.
    pub fn new(settings: EgressSettings, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let allow: Result<Vec<_>, String> = settings.allow.iter().map(|it| place(it)).collect();
        let egress = Self {
            allow: allow?,
            providers: settings.providers,
            authority: settings.authority,
            clock,
            tls: OnceLock::new(),
            kept: Mutex::default(),
        };
        for provider in &egress.providers {
            if let Err(why) = egress.destination(&provider.issuer) {
                return Err(format!("oidc.{}.issuer: {why}", provider.id));
            }
        }
        if egress.authority.is_some() {
            let judged = egress.connector();
            judged.map_err(|why| format!("egress.authority_file: {why}"))?;
        }
        Ok(egress)
    }

    /// Takes an address apart. Without TLS nobody is asked, on this machine neither.
    fn destination(&self, address: &str) -> Result<Destination, String> {
        let uri: Uri = address
            .parse()
            .map_err(|_| format!("{address:?} is no address"))?;
        let authority = uri.authority().ok_or("an address without a host")?;
        if authority.as_str().contains('@') {
            return Err("an address with a user in it".to_owned());
        }
        if uri.scheme() != Some(&Scheme::HTTPS) {
            return Err(format!("{address} is not an address by https"));
        }
        let host = authority.host().to_ascii_lowercase();
        let port = authority.port_u16().unwrap_or(443);
        let is_allowed = self
            .allow
            .iter()
            .any(|(name, at)| *name == host && *at == port);
        Ok(Destination {
            authority: authority.as_str().to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            is_allowed,
            path: uri
                .path_and_query()
                .map_or("/", |it| it.as_str())
                .to_owned(),
        })
    }

    fn connector(&self) -> Result<TlsConnector, String> {
        if let Some(config) = self.tls.get() {
            return Ok(Arc::clone(config).into());
        }
        let config =
            Arc::new(trusting_the_machine(self.authority.as_deref()).map_err(|error| error.0)?);
        Ok(Arc::clone(self.tls.get_or_init(|| config)).into())
    }

    async fn exchange(&self, question: &Outward) -> Result<Answer, Failed> {
        let to = self.destination(&question.address)?;
        let stream = TcpStream::connect(to.judged().await?.as_slice()).await?;
        let request = request(&to, question)?;
        let name = ServerName::try_from(to.host.clone())?;
        let stream = self.connector()?.connect(name, stream).await?;
        converse(stream, request, question.bytes_max).await
    }

    fn kept(&self, question: &Outward) -> Option<Answer> {
        let oldest = self.clock.now().as_millisecond() - question.age_ms_max;
        let kept = lock(&self.kept);
        let (at, answer) = kept.get(&question.address)?;
        (question.body.is_none() && *at > oldest).then(|| answer.clone())
    }

    fn keep(&self, question: &Outward, answer: &Answer) {
        if question.body.is_some() || answer.status != 200 {
            return;
        }
        let mut kept = lock(&self.kept);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        let now = self.clock.now().as_millisecond();
        kept.insert(question.address.clone(), (now, answer.clone()));
    }
}

impl Outside for Egress {
    fn providers(&self) -> &[Provider] {
        &self.providers
    }

    fn ask(&self, question: &Outward) -> Result<Answer, Unreachable> {
        if let Some(answer) = self.kept(question) {
            return Ok(answer);
        }
        let failed =
            |why: &dyn std::fmt::Display| Unreachable(format!("{}: {why}", question.address));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(&error))?;
        let ended = runtime
            .block_on(async { tokio::time::timeout(PATIENCE, self.exchange(question)).await });
        // A resolver that does not answer must not hold this thread.
        runtime.shutdown_background();
        let unreachable = match ended {
            Ok(Ok(answer)) => {
                self.keep(question, &answer);
                return Ok(answer);
            }
            Ok(Err(error)) => failed(&error),
            Err(_) => failed(&"no answer in time"),
        };
        // Whoever asked is told less: the reason may name addresses of this network.
        tracing::warn!(why = unreachable.0, "somebody outside was not reached");
        Err(unreachable)
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Where a question goes.
struct Destination {
    authority: String,
    host: String,
    port: u16,
    is_allowed: bool,
    path: String,
}

impl Destination {
    /// The addresses that may be connected to; never none.
    async fn judged(&self) -> Result<Vec<SocketAddr>, Failed> {
        let found: Vec<SocketAddr> = match self.host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, self.port)],
            Err(_) => tokio::net::lookup_host((self.host.as_str(), self.port))
                .await?
                .collect(),
        };
        let judged: Vec<SocketAddr> = found
            .into_iter()
            .filter(|it| self.is_allowed || addresses::is_public(it.ip()))
            .collect();
        if judged.is_empty() {
            let why = "the name leads to no public address; egress.allow names exceptions";
            return Err(why.into());
        }
        Ok(judged)
    }
}

fn request(to: &Destination, question: &Outward) -> Result<Request<Full<Bytes>>, Failed> {
    let method = if question.body.is_some() {
        "POST"
    } else {
        "GET"
    };
    let body = Bytes::from(question.body.clone().unwrap_or_default());
    let mut request = Request::builder()
        .method(method)
        .uri(&to.path)
        .body(Full::new(body))?;
    let headers = request.headers_mut();
    for (name, value) in &question.headers {
        headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    headers.insert(header::HOST, HeaderValue::try_from(&to.authority)?);
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static("Daybook"));
    Ok(request)
}

async fn converse<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    bytes_max: usize,
) -> Result<Answer, Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, bytes_max).collect().await?;
    let headers = head.headers.iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    Ok(Answer {
        status: head.status.as_u16(),
        headers: headers.collect(),
        body: body.to_bytes().into(),
    })
}

/// `HOST:PORT`, an address of IPv6 in brackets.
fn place(text: &str) -> Result<(String, u16), String> {
    let parted = text.rsplit_once(':').and_then(|(host, port)| {
        let is_host = !host.is_empty() && !host.contains(['/', '@', '*', ' ']);
        is_host.then_some((host.to_ascii_lowercase(), port.parse().ok()?))
    });
    parted.ok_or_else(|| format!("egress.allow: {text:?} is no place. Write it as HOST:PORT."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use rustls::pki_types::PrivateKeyDer;
    use rustls::{ServerConnection, StreamOwned};

    use super::*;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }
    }

    fn egress(allow: &[&str]) -> Egress {
        let settings = EgressSettings {
            allow: allow.iter().map(ToString::to_string).collect(),
            ..EgressSettings::default()
        };
        Egress::new(settings, Arc::new(Noon)).unwrap()
    }

    fn ask(egress: &Egress, address: &str) -> Result<Answer, String> {
        let question = Outward {
            address: address.to_owned(),
            headers: Vec::new(),
            body: None,
            age_ms_max: 0,
            bytes_max: Outward::BYTES_USUAL,
        };
        egress.ask(&question).map_err(|error| error.0)
    }

    /// Servers that give each visitor an answer, by TLS, and who vouches for them.
    struct Servers {
        config: Arc<rustls::ServerConfig>,
        authority: Vec<u8>,
    }

    impl Servers {
        fn new() -> Self {
            let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
            let made = rcgen::generate_simple_self_signed(names).unwrap();
            let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
            let config = rustls::ServerConfig::builder_with_provider(crate::provider())
                .with_protocol_versions(&[&rustls::version::TLS13])
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![made.cert.der().clone()], key)
                .unwrap();
            Self {
                config: Arc::new(config),
                authority: made.cert.pem().into_bytes(),
            }
        }

        fn serving(&self, answer: &'static [u8]) -> u16 {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let config = Arc::clone(&self.config);
            std::thread::spawn(move || {
                while let Ok((stream, _)) = listener.accept() {
                    let session = ServerConnection::new(Arc::clone(&config)).unwrap();
                    let mut stream = StreamOwned::new(session, stream);
                    let mut head = [0; 4_096];
                    let _ = stream.read(&mut head);
                    let _ = stream.write_all(answer);
                }
            });
            port
        }

        fn egress(&self, allow: &[&str]) -> Egress {
            let settings = EgressSettings {
                allow: allow.iter().map(ToString::to_string).collect(),
                authority: Some(self.authority.clone()),
                ..EgressSettings::default()
            };
            Egress::new(settings, Arc::new(Noon)).unwrap()
        }
    }

    #[test]
    fn what_is_not_public_is_asked_only_where_the_operator_allows_it() {
        let servers = Servers::new();
        let port = servers.serving(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
        let open = servers.egress(&[&format!("127.0.0.1:{port}")]);
        let address = format!("https://127.0.0.1:{port}/x");
        assert_eq!(ask(&open, &address).unwrap().body, b"hi");
        let closed = servers.egress(&[]);
        assert!(ask(&closed, &address).is_err());
        // Nobody whom this machine trusts vouches for it.
        let unknowing = egress(&[&format!("127.0.0.1:{port}")]);
        assert!(ask(&unknowing, &address).is_err());
        for (egress, address) in [
            (&closed, format!("https://localhost:{port}/")),
            (&closed, format!("https://[::1]:{port}/")),
            // Another name for the same place was not allowed.
            (&open, format!("https://localhost:{port}/")),
            (&open, format!("https://user@127.0.0.1:{port}/")),
        ] {
            let why = ask(egress, &address).unwrap_err();
            assert!(!why.contains("hi"), "{address}: {why}");
        }
    }

    #[test]
    fn nobody_is_asked_in_the_clear_on_loopback_neither() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = listener.local_addr().unwrap().to_string();
        listener.set_nonblocking(true).unwrap();
        let open = egress(&[&place, "books.example:80"]);
        for address in [
            format!("http://{place}/"),
            "http://books.example/".to_owned(),
        ] {
            let why = ask(&open, &address).unwrap_err();
            assert!(why.contains("by https"), "{why}");
        }
        assert!(listener.accept().is_err(), "somebody came");
    }

    #[test]
    fn redirects_are_not_followed_and_long_answers_not_read() {
        let servers = Servers::new();
        let there = servers.serving(
            b"HTTP/1.1 302 Found\r\nlocation: https://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        );
        let open = servers.egress(&[&format!("127.0.0.1:{there}")]);
        let answer = ask(&open, &format!("https://127.0.0.1:{there}/")).unwrap();
        assert_eq!(answer.status, 302);

        let length = Outward::BYTES_USUAL + 1;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        let whole = [head.into_bytes(), vec![b'x'; length]].concat();
        let long = servers.serving(whole.leak());
        let open = servers.egress(&[&format!("127.0.0.1:{long}")]);
        assert!(ask(&open, &format!("https://127.0.0.1:{long}/")).is_err());
    }

    #[test]
    fn nothing_older_than_tls_1_3_is_offered() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let hello = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut hello = vec![0; 8_192];
            let length = stream.read(&mut hello).unwrap();
            hello.truncate(length);
            hello
        });
        let open = egress(&[&format!("127.0.0.1:{port}")]);
        assert!(ask(&open, &format!("https://127.0.0.1:{port}/")).is_err());
        // The extension `supported_versions` with one version in it (RFC 8446, 4.2.1).
        let versions = [0x00, 0x2b, 0x00, 0x03, 0x02, 0x03, 0x04];
        let hello = hello.join().unwrap();
        assert!(hello.windows(versions.len()).any(|it| it == versions));
    }

    #[test]
    fn places_are_written_in_full() {
        for good in ["127.0.0.1:80", "[::1]:8080", "id.example:443"] {
            assert!(place(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "id.example",
            "http://id.example:80",
            "*:80",
            ":80",
            "a:b",
            "a@b:80",
        ] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
