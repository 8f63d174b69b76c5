//! Load: requests that were written beforehand, on connections that are kept, one at a time on
//! each, all on one thread. It is the same for both sides, so that what it costs costs both.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use daybook_server::{AUTHORITY_FILE, trusting};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::{Result, stopwatch};

/// A server, and the one authority that is trusted for it.
#[derive(Clone)]
pub struct Target {
    pub address: SocketAddr,
    config: Arc<ClientConfig>,
}

pub type Stream = tokio_rustls::client::TlsStream<TcpStream>;

impl Target {
    /// The server at this address, whose certificates are in this folder.
    pub fn new(address: SocketAddr, certificates: &Path) -> Result<Self> {
        let config = Arc::new(trusting(&certificates.join(AUTHORITY_FILE))?);
        Ok(Self { address, config })
    }

    pub async fn connect(&self) -> Result<Stream> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let connector = tokio_rustls::TlsConnector::from(Arc::clone(&self.config));
        let name = ServerName::from(self.address.ip());
        Ok(connector.connect(name, stream).await?)
    }
}

/// Which requests each connection sends, over and over.
pub struct Plan {
    /// One list a connection.
    pub requests: Vec<Vec<Vec<u8>>>,
    pub warm_up: Duration,
    pub span: Duration,
}

pub struct Outcome {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// Sends for the plan's time and answers how it went. An answer that is no success ends it.
pub fn run(target: &Target, plan: &Plan) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut latencies = runtime.block_on(drive(target, plan))?;
    #[expect(clippy::cast_precision_loss, reason = "a count below 2^52")]
    let per_second = latencies.len() as f64 / plan.span.as_secs_f64();
    Ok(Outcome {
        per_second,
        p50: stopwatch::quantile(&mut latencies, 0.50),
        p99: stopwatch::quantile(&mut latencies, 0.99),
    })
}

async fn drive(target: &Target, plan: &Plan) -> Result<Vec<Duration>> {
    let mut connections = JoinSet::new();
    let from = stopwatch::now() + plan.warm_up;
    for requests in &plan.requests {
        let stream = target.connect().await?;
        connections.spawn(converse(stream, requests.clone(), from, from + plan.span));
    }
    let mut latencies = Vec::new();
    while let Some(ended) = connections.join_next().await {
        latencies.append(&mut ended??);
    }
    Ok(latencies)
}

/// What was answered between `from` and `to` counts, with the time that it took.
async fn converse(
    mut stream: Stream,
    requests: Vec<Vec<u8>>,
    from: Instant,
    to: Instant,
) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    let mut answer = Vec::with_capacity(4_096);
    for request in requests.iter().cycle() {
        let asked = stopwatch::now();
        if asked >= to {
            break;
        }
        exchange(&mut stream, request, &mut answer).await?;
        let answered = stopwatch::now();
        if answered >= from && answered < to {
            latencies.push(answered - asked);
        }
    }
    Ok(latencies)
}

/// One request and its whole answer, which is left in `answer`.
pub async fn exchange(stream: &mut Stream, request: &[u8], answer: &mut Vec<u8>) -> Result<()> {
    answer.clear();
    stream.write_all(request).await?;
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err("the server closed a connection".into());
        }
        if whole(answer)? {
            break;
        }
    }
    if answer.starts_with(b"HTTP/1.1 200 ") || answer.starts_with(b"HTTP/1.1 303 ") {
        return Ok(());
    }
    Err(format!("a request failed: {}", String::from_utf8_lossy(answer)).into())
}

/// Whether the head and as many bytes as it announces are here.
fn whole(answer: &[u8]) -> Result<bool> {
    const NAME: &[u8] = b"content-length:";
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(false);
    };
    let head = &answer[..end];
    let mut lines = head.split(|byte| *byte == b'\n');
    let length = lines.find_map(|line| {
        let (name, value) = line.split_at_checked(NAME.len())?;
        name.eq_ignore_ascii_case(NAME).then_some(value)
    });
    let length = length.ok_or("an answer does not say how long it is")?;
    let length: usize = std::str::from_utf8(length)?.trim().parse()?;
    Ok(answer.len() >= end + 4 + length)
}

/// The answer's value of a header, and its body, as texts.
pub fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = answer.split_once("\r\n\r\n")?;
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::{header, whole};

    #[test]
    fn an_answer_is_whole_with_its_last_byte() {
        for (answer, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", Some(false)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", Some(true)),
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Some(true)),
            ("HTTP/1.1 200 OK\r\nContent-Le", Some(false)),
            ("HTTP/1.1 200 OK\r\nx: y\r\n\r\n{}", None),
        ] {
            assert_eq!(whole(answer.as_bytes()).ok(), expected, "{answer}");
        }
        assert_eq!(
            header("HTTP/1.1 303 x\r\nSet-Cookie: a=b\r\n\r\n", "set-cookie"),
            Some("a=b")
        );
    }
}
