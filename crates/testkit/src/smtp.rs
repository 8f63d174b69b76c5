//! A real relay for the tests of one process: it listens on loopback, speaks TLS
//! with a certificate of its own, asks for a password, and puts each letter it
//! takes into a folder, read by a mail reader's own library.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use daybook_server::{Mailer, Relay};
use serde_json::Value;
use tempfile::TempDir;

use crate::postgres::part;
use crate::{Authority, SITE_ORIGIN};

const USER: &str = "books@relay.example";
const PASSWORD: &str = "the relay's own";

/// Takes letters until its input ends. What the file `answer` holds is what it
/// says to each address.
const SINK: &str = r#"
import asyncio, email, email.policy, json, os, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult

mode, folder, user, password = sys.argv[1:]

class Sink:
    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = os.path.join(folder, "answer")
        if os.path.exists(answer):
            return open(answer).read()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = lambda kind: (message.get_body((kind,)) or email.message.EmailMessage()).get_content()
        kept = {
            "rcpt": envelope.rcpt_tos, "mail_from": envelope.mail_from, "tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": (session.auth_data.login.decode() if session.auth_data else None),
            "headers": {name: str(value) for name, value in message.items()},
            "text": body("plain"), "html": body("html"),
            "parts": [part.get_content_type() for part in message.walk()],
        }
        names = [name for name in os.listdir(folder) if name.endswith(".json")]
        path = os.path.join(folder, f"{len(names):04}.json")
        with open(path + ".new", "w") as file:
            json.dump(kept, file)
        os.rename(path + ".new", path)
        return "250 kept"

def authenticate(server, session, envelope, mechanism, data):
    good = data.login.decode() == user and data.password.decode() == password
    return AuthResult(success=good, auth_data=data if good else None)

async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
    wrapped = mode == "smtps"
    def protocol():
        common = dict(authenticator=authenticate, auth_required=True, enable_SMTPUTF8=True)
        if wrapped:
            return SMTP(Sink(), auth_require_tls=False, **common)
        return SMTP(Sink(), tls_context=context, require_starttls=True, **common)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if wrapped else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)

asyncio.run(main())
"#;

/// How TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// From the first byte.
    Wrapped,
    StartTls,
}

pub struct Relayed {
    process: Child,
    folder: TempDir,
    address: String,
}

/// A letter as its reader sees it.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// All that the relay noted of it.
    pub noted: Value,
}

impl Relayed {
    pub fn start(opening: Opening) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("daybook-mail-")
            .tempdir()
            .expect("a folder");
        Authority::shared().here().write(folder.path());
        let scheme = match opening {
            Opening::Wrapped => "smtps",
            Opening::StartTls => "smtp",
        };
        let python = part("DAYBOOK_TEST_SMTP_PYTHON")
            .expect("DAYBOOK_TEST_SMTP_PYTHON; run `scripts/parts test`");
        let mut process = Command::new(python)
            .args(["-c", SINK, scheme])
            .arg(folder.path())
            .args([USER, PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It warns that AUTH needs TLS, which it has from the first byte.
            .stderr(Stdio::null())
            .spawn()
            .expect("a relay");
        let mut port = String::new();
        let out = process.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut port).expect("its port");
        let address = format!("{scheme}://{USER}@localhost:{}", port.trim());
        Self {
            process,
            folder,
            address,
        }
    }

    /// The relay as an operator would name it.
    pub fn relay(&self) -> Relay {
        Relay {
            address: self.address.clone(),
            password: Some(zeroize::Zeroizing::new(PASSWORD.to_owned())),
            from: "Daybook <books@example.com>".to_owned(),
            authority: Some(Authority::shared().pem()),
        }
    }

    pub fn mailer(&self) -> Mailer {
        Mailer::new(&self.relay(), SITE_ORIGIN).expect("a mailer")
    }

    /// Where its certificate and its letters are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// What it says to every address from now on; nothing is that it takes them.
    pub fn answer(&self, answer: Option<&str>) {
        let file = self.folder.path().join("answer");
        match answer {
            Some(answer) => std::fs::write(file, answer).expect("its answer"),
            None => std::fs::remove_file(file).unwrap_or_default(),
        }
    }

    /// The letters that it has, the oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        let files = std::fs::read_dir(self.folder.path()).expect("its folder");
        let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
        paths.sort();
        paths.iter().map(|path| read(path)).collect()
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        // It is our own child, by its id; it may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn read(path: &Path) -> Mail {
    let noted = std::fs::read(path).expect("a letter");
    let noted: Value = serde_json::from_slice(&noted).expect("a letter");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Mail {
        to: text(&noted["rcpt"][0]),
        subject: text(&noted["headers"]["Subject"]),
        text: text(&noted["text"]),
        html: text(&noted["html"]),
        noted,
    }
}
