//! An HTTP client that expects its server to die: a connection is kept while it
//! lasts, and whatever cuts it is an answer that never came.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::Told;
use crate::tls::{Stream, connect};

/// Longer than any honest answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Wire {
    stream: BufReader<Stream>,
    address: SocketAddr,
    token: String,
}

impl Wire {
    pub fn connect(address: SocketAddr, token: &str) -> io::Result<Self> {
        Ok(Self {
            stream: BufReader::new(connect(address, PATIENCE)?),
            address,
            token: token.to_owned(),
        })
    }

    pub fn command(&mut self, path: &str, input: &Value) -> io::Result<(u16, Value)> {
        self.ask("POST", path, &input.to_string())
    }

    /// A query that must be answered: its server is alive.
    pub fn query(&mut self, path: &str) -> Told<Value> {
        match self.ask("GET", path, "") {
            Ok((200, body)) => Ok(body),
            Ok((status, body)) => Err(format!("{path}: {status} {body}")),
            Err(error) => Err(format!("{path}: {error}")),
        }
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> io::Result<(u16, Value)> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            self.token,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let head = self.line()?;
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| torn("the status line"))?;
        let mut length = 0;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(|_| torn("the length"))?;
            }
        }
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes)?;
        // A body that is no JSON is a refusal's, and is told as it is.
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned().into());
        Ok((status, body))
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(torn("a line")),
        }
    }
}

fn torn(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, format!("{what} is torn"))
}
