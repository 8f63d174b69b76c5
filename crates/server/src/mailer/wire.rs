//! The way to the relay: TLS 1.3 by the library that everything else goes by,
//! from the first byte or after STARTTLS. What is said before STARTTLS is that
//! alone, and a relay that says more than it was asked is not spoken to further.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
    ReadBuf,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What a relay may say before TLS, which is a greeting and a list of what it can.
const SAID_MAX: u64 = 16 * 1024;
/// The greeting came before TLS, and the library waits for one after it.
const GREETED: &[u8] = b"220 greeted before TLS\r\n";

pub enum Opening {
    /// TLS from the first byte.
    Wrapped,
    StartTls,
}

/// Opens the way to `host`, whose certificate must be made for that name.
pub async fn open(
    host: &str,
    port: u16,
    opening: &Opening,
    hello: &str,
    tls: Arc<ClientConfig>,
) -> io::Result<Encrypted> {
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
    let name = name.map_err(io::Error::other)?;
    let mut stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let greeted = match opening {
        Opening::Wrapped => &[][..],
        Opening::StartTls => {
            stream = start_tls(stream, hello).await?;
            GREETED
        }
    };
    let peer = stream.peer_addr()?;
    let stream = TlsConnector::from(tls).connect(name, stream).await?;
    Ok(Encrypted {
        greeted,
        stream,
        peer,
    })
}

/// Asks for TLS, in the clear, as RFC 3207 has it.
async fn start_tls(stream: TcpStream, hello: &str) -> io::Result<TcpStream> {
    let mut stream = BufReader::new(stream);
    expect(&mut stream, "220").await?;
    let ehlo = format!("EHLO {hello}\r\n");
    stream.get_mut().write_all(ehlo.as_bytes()).await?;
    let able = expect(&mut stream, "250").await?;
    let offers = |line: &str| {
        let word = line.get(4..).unwrap_or_default();
        word.eq_ignore_ascii_case("STARTTLS")
    };
    if !able.lines().any(offers) {
        return Err(io::Error::other("the relay offers no STARTTLS"));
    }
    stream.get_mut().write_all(b"STARTTLS\r\n").await?;
    expect(&mut stream, "220").await?;
    // What follows here could be anybody's, and would be taken for the relay's own word.
    if !stream.buffer().is_empty() {
        return Err(io::Error::other(
            "the relay said more before TLS than it was asked",
        ));
    }
    Ok(stream.into_inner())
}

/// Reads one answer with this code, of as many lines as it has.
async fn expect(stream: &mut BufReader<TcpStream>, code: &str) -> io::Result<String> {
    let mut said = String::new();
    let mut stream = stream.take(SAID_MAX);
    loop {
        let start = said.len();
        if stream.read_line(&mut said).await? == 0 {
            return Err(io::Error::other("the relay's answer has no end"));
        }
        let line = &said[start..];
        if !line.starts_with(code) {
            let why = format!("the relay answered {:?}", line.trim_end());
            return Err(io::Error::other(why));
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(said);
        }
    }
}

/// What the library reads and writes: all of it within TLS.
pub struct Encrypted {
    /// What it is told before anything else.
    greeted: &'static [u8],
    stream: TlsStream<TcpStream>,
    peer: SocketAddr,
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a relay at {}", self.peer)
    }
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.greeted.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let (now, later) = self
            .greeted
            .split_at(self.greeted.len().min(buffer.remaining()));
        buffer.put_slice(now);
        self.greeted = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::io::{BufRead as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// Asks a relay for TLS which gives these answers, each to one line but the first;
    /// how it went, and what was said to it.
    fn asked(answers: &'static [&str]) -> (io::Result<TcpStream>, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let relay = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            let mut lines = std::io::BufReader::new(stream.try_clone().unwrap()).lines();
            for (at, answer) in answers.iter().enumerate() {
                (&stream).write_all(answer.as_bytes()).unwrap();
                if at + 1 < answers.len() {
                    heard.push(lines.next().unwrap().unwrap());
                }
            }
            heard
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let went = runtime.block_on(async {
            let stream = TcpStream::connect(address).await?;
            start_tls(stream, "books.example").await
        });
        (went, relay.join().unwrap())
    }

    const ABLE: &str = "250-relay\r\n250-SIZE 1000\r\n250 starttls\r\n";

    #[test]
    fn what_a_relay_says_before_tls_is_that_alone() {
        let (went, heard) = asked(&["220 relay\r\n", ABLE, "220 go on\r\n"]);
        assert!(went.is_ok(), "{went:?}");
        assert_eq!(heard, ["EHLO books.example", "STARTTLS"]);
        for (answers, why) in [
            (&["220 relay\r\n", "250 relay\r\n"][..], "no STARTTLS"),
            (&["554 go away\r\n"], "554"),
            (&["220 relay\r\n", ABLE, "454 not now\r\n"], "454"),
            // What somebody between adds would be read as said within TLS.
            (
                &["220 relay\r\n", ABLE, "220 go on\r\n250-AUTH PLAIN\r\n"],
                "said more",
            ),
            (&["220 relay"], "no end"),
        ] {
            let (went, heard) = asked(answers);
            let error = went.unwrap_err().to_string();
            assert!(error.contains(why), "{why}: {error}");
            assert!(
                heard.iter().all(|line| !line.starts_with("AUTH")),
                "{heard:?}"
            );
        }
    }
}
