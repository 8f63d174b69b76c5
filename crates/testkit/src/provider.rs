//! A real identity provider on loopback (`scripts/oidc.mjs`), and the browser
//! that somebody visits it with.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use daybook_kernel::Clock as _;
use daybook_kernel::ports::Provider;
use daybook_server::EgressSettings;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::http::{Response, parse};
use crate::postgres::part;
use crate::{Authority, FakeClock, SITE_ORIGIN, tls};

const SECRET: &str = "a secret that the tests and their provider share";
/// From the first page to the way back there are three; more is a circle.
const STEPS_MAX: usize = 6;
const PATIENCE: Duration = Duration::from_mins(1);

pub struct IdentityProvider {
    names: Vec<String>,
    node: Child,
    /// Held, since it may still write into it.
    _said: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl IdentityProvider {
    /// One whose clock goes on from the story's. `names` are those under which
    /// an instance knows it.
    pub fn start(names: &[&str], clock: &FakeClock) -> Self {
        let names = names.iter().map(ToString::to_string).collect();
        Self::run(names, 0, clock)
    }

    /// The same provider at the same place, with keys that nobody has seen.
    #[must_use]
    pub fn with_new_keys(mut self, clock: &FakeClock) -> Self {
        self.stop();
        Self::run(std::mem::take(&mut self.names), self.address.port(), clock)
    }

    fn run(names: Vec<String>, port: u16, clock: &FakeClock) -> Self {
        let back = names
            .iter()
            .map(|name| format!("{SITE_ORIGIN}/sign-in/with/{name}/back"));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/oidc.mjs");
        let missing = "run scripts/parts test";
        let mut node = Command::new(part("DAYBOOK_TEST_NODE").expect(missing))
            .arg(script)
            .env(
                "DAYBOOK_TEST_OIDC",
                part("DAYBOOK_TEST_OIDC").expect(missing),
            )
            .env("NOW_MS", clock.now().as_millisecond().to_string())
            .env("PORT", port.to_string())
            .env("BACK", back.collect::<Vec<_>>().join(" "))
            .env("CERTIFICATE", &Authority::shared().here().certificate)
            .env("KEY", &Authority::shared().here().key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node");
        let mut said = BufReader::new(node.stdout.take().expect("its output"));
        let port = said
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ready ")?.parse().ok());
        let port: u16 = port.expect("the provider says its port");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        tls::trust_beside(address);
        Self {
            names,
            node,
            _said: said,
            address,
        }
    }

    pub fn place(&self) -> String {
        self.address.to_string()
    }

    pub fn issuer(&self) -> String {
        format!("https://{}", self.address)
    }

    /// As an instance's settings describe it.
    pub fn described(&self) -> Provider {
        let name = self.names.first().expect("a name");
        Provider {
            id: name.clone(),
            name: format!("Provider {name}"),
            issuer: self.issuer(),
            client_id: "daybook".to_owned(),
            client_secret: Some(Zeroizing::new(SECRET.to_owned())),
            algorithms: vec!["RS256".to_owned(), "ES256".to_owned()],
        }
    }

    /// The settings of an instance that knows these providers and no other.
    pub fn reached(providers: &[Self]) -> EgressSettings {
        EgressSettings {
            allow: providers.iter().map(Self::place).collect(),
            providers: providers.iter().map(Self::described).collect(),
            authority: Some(Authority::shared().pem()),
        }
    }

    /// Tells it whom it signs in, or how it lies; answers with what it was asked.
    pub fn control(&self, what: &Value) -> Value {
        let answer = self.send("POST", "/control", "", &what.to_string());
        serde_json::from_slice(&answer.body).expect("what was asked")
    }

    /// A new browser goes to this address of the provider, and is sent back:
    /// the path with its query at which it comes back to the instance.
    pub fn visit(&self, address: &str) -> String {
        let mut path = address
            .strip_prefix(&self.issuer())
            .expect("an address of this provider")
            .to_owned();
        let mut jar: Vec<String> = Vec::new();
        for _ in 0..STEPS_MAX {
            let answer = self.send("GET", &path, &jar.join("; "), "");
            let set = answer
                .headers
                .iter()
                .filter(|(name, _)| name == "set-cookie");
            jar.extend(set.filter_map(|(_, value)| value.split(';').next().map(str::to_owned)));
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            let place = answer
                .header("location")
                .unwrap_or_else(|| panic!("{path}: {text}"));
            if let Some(back) = place.strip_prefix(SITE_ORIGIN) {
                return back.to_owned();
            }
            path = place
                .strip_prefix(&self.issuer())
                .unwrap_or(place)
                .to_owned();
        }
        panic!("the provider sends in circles")
    }

    /// It answers nobody any more.
    pub fn stop(&mut self) {
        // The end of its input is the sign to end.
        drop(self.node.stdin.take());
        let _ = self.node.wait();
    }

    fn send(&self, method: &str, path: &str, cookies: &str, body: &str) -> Response {
        let stream = tls::connect(self.address, PATIENCE);
        let mut stream = stream.expect("the provider listens");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncookie: {cookies}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("a request");
        let mut bytes = Vec::new();
        // It may go without a goodbye; half an answer does not parse.
        let _ = stream.read_to_end(&mut bytes);
        parse(&bytes)
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A parameter of an address, decoded.
pub fn parameter(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let value = query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}
