//! One WebDriver command: a request with JSON, answered with JSON. ChromeDriver
//! keeps the connection open, so the answer ends where its length says.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longer than the limits that WebDriver itself is given.
const PATIENCE: Duration = Duration::from_secs(90);

/// What WebDriver says went wrong is the error.
pub fn ask(driver: SocketAddr, method: &str, path: &str, input: &Value) -> Result<Value, String> {
    let sent = match input {
        Value::Null => String::new(),
        input => input.to_string(),
    };
    let answer = exchange(driver, method, path, &sent).map_err(|error| error.to_string())?;
    let mut answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
    let value = answer["value"].take();
    match &value["error"] {
        Value::String(error) => Err(format!("{error}: {}", value["message"])),
        _ => Ok(value),
    }
}

fn exchange(driver: SocketAddr, method: &str, path: &str, sent: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(driver)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = sent.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: {driver}\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(sent.as_bytes())?;
    let mut answer = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        answer.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap_or(0);
            }
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body)?;
    Ok(body)
}

/// A command's input as far as a failure needs to show it.
pub fn shortened(input: &Value) -> String {
    input.to_string().chars().take(200).collect()
}

pub fn from_base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for six in text.bytes().filter_map(value) {
        held = held << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes
}
