//! The logs of a real server process, at their most talkative.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use daybook_testkit::{Answer, Request};
use serde_json::{Value, json};

const PASSWORD: &str = "secret-password-4711";
const WRONG: &str = "wrong-password-4712";
const OWNER: &str = "owner@example.com";
const CANARY: &str = "body-canary-4713";

/// A process that does not outlive its test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub struct Server {
    process: Process,
    address: SocketAddr,
    /// What it writes, read while it writes: a full pipe would make it wait.
    said: std::thread::JoinHandle<String>,
}

fn daybook() -> Command {
    Command::new(env!("CARGO_BIN_EXE_daybook"))
}

pub fn init(data: &Path) {
    let mut init = daybook()
        .args([
            "init",
            "--owner",
            "owner@example.com",
            "--workspace",
            "Acme",
            "--password-stdin",
            "--data",
        ])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    init.stdin
        .take()
        .unwrap()
        .write_all(PASSWORD.as_bytes())
        .unwrap();
    assert!(init.wait().unwrap().success());
}

impl Server {
    pub fn start(data: &Path, settings: &[String]) -> Self {
        let settings = settings.iter().flat_map(|set| ["--set", set]);
        let process = daybook()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(settings)
            .env("DAYBOOK_LOG", "trace")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut process = Process(process.unwrap());
        let mut rest = BufReader::new(process.0.stderr.take().unwrap());
        let mut said = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(rest.read_line(&mut line).unwrap(), 0, "{said}");
            said.push_str(&line);
            if let Some(at) = line
                .split("https://")
                .nth(1)
                .filter(|_| line.starts_with("Daybook is at"))
            {
                let address = at.trim().trim_end_matches('/').parse().unwrap();
                daybook_testkit::tls::trust(address, data, None);
                return Self {
                    process,
                    address,
                    said: std::thread::spawn(move || {
                        rest.read_to_string(&mut said).unwrap();
                        said
                    }),
                };
            }
        }
    }

    fn ask(&self, path: &str, bearer: Option<&str>, body: &Value) -> (u16, Value) {
        let mut request = Request::new("POST", path).json(body.to_string().as_bytes());
        if let Some(token) = bearer {
            request = request.header("authorization", &format!("Bearer {token}"));
        }
        let response = request.send(self.address);
        (
            response.status,
            serde_json::from_slice(&response.body).unwrap_or_default(),
        )
    }

    /// Everything that it wrote, once it has ended.
    pub fn stop(mut self) -> String {
        let told = Command::new("kill")
            .args(["-TERM", &self.process.0.id().to_string()])
            .status();
        assert!(told.unwrap().success());
        self.process.0.wait().unwrap();
        self.said.join().unwrap()
    }
}

/// Signs in by the page's form and opens an account by one; answers with the
/// session.
fn forms(server: &Server) -> String {
    let set = |answer: &Answer, name: &str| {
        let values = answer
            .headers
            .iter()
            .filter(|(header, _)| header == "set-cookie");
        let mut values =
            values.filter_map(|(_, value)| value.strip_prefix(name)?.strip_prefix('='));
        values
            .next_back()
            .map(|value| value.split(';').next().unwrap().to_owned())
    };
    let send = |path: &str, cookies: &str, body: &str| loop {
        let mut request = Request::new("POST", path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", cookies);
        request.body = body.as_bytes().to_vec();
        let answer: Answer = request.send(server.address).into();
        if answer.status != 429 {
            return answer;
        }
    };
    let door: Answer = Request::new("GET", "/sign-in").send(server.address).into();
    let csrf = set(&door, "__Host-daybook-csrf").unwrap();
    let signed_in = send(
        "/sign-in",
        &format!("__Host-daybook-csrf={csrf}"),
        &format!("csrf={csrf}&email=owner@example.com&password={PASSWORD}"),
    );
    assert_eq!(signed_in.status, 303, "{}", signed_in.text());
    let session = signed_in.session().unwrap();
    let csrf = set(&signed_in, "__Host-daybook-csrf").unwrap();
    let opened = send(
        "/w/acme/do/books.open_account",
        &format!("__Host-daybook={session}; __Host-daybook-csrf={csrf}"),
        &format!("csrf={csrf}&page=books/accounts&code=1100&name=form-canary-4715&kind=asset"),
    );
    assert!(matches!(opened.status, 303 | 422), "{}", opened.text());
    session
}

/// Addresses hold secrets too: what a link or a provider brings along.
fn addresses(server: &Server, session: &str) {
    for path in [
        "/w/acme/books/entries?text=query-canary-4716",
        "/api/v1/acme/books.list_entries?text=query-canary-4716",
        "/reset/reset-link-4717",
        "/invitation/invitation-link-4718",
        "/sign-in/with/one/back?code=provider-code-4719&state=provider-state-4720",
        "/nowhere/query-canary-4716",
    ] {
        let ask = || -> Answer {
            let cookie = format!("__Host-daybook={session}; __Host-daybook-oidc=x");
            let request = Request::new("GET", path).header("cookie", &cookie);
            request.send(server.address).into()
        };
        let answer = std::iter::repeat_with(ask).find(|answer| answer.status != 429);
        assert!(answer.is_some_and(|it| it.status < 500), "{path}");
    }
    restricted(server, session);
}

/// What is restricted is read, and told to whoever asks alone.
fn restricted(server: &Server, session: &str) {
    for (path, told) in [
        (
            "/w/acme/download/books.export_journal?format=hledger",
            CANARY,
        ),
        ("/api/v1/acme/team.show_factor_coverage", OWNER),
        ("/api/v1/acme/trust.show_activity?seq=1", OWNER),
    ] {
        let ask = || -> Answer {
            let cookie = format!("__Host-daybook={session}");
            let request = Request::new("GET", path).header("cookie", &cookie);
            request.send(server.address).into()
        };
        let answer = std::iter::repeat_with(ask).find(|answer| answer.status != 429);
        let answer = answer.unwrap();
        assert!(answer.text().contains(told), "{path}: {}", answer.text());
    }
}

#[test]
fn no_secret_reaches_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    init(&data);
    let server = Server::start(&data, &[]);
    let sign_in = |password: &str| json!({"email": OWNER, "password": password});
    let opened: Answer = Request::new("POST", "/api/v1/identity.sign_in")
        .json(sign_in(PASSWORD).to_string().as_bytes())
        .send(server.address)
        .into();
    assert_eq!(opened.status, 200, "{}", opened.text());
    let session = opened.session().unwrap();
    let wrong = server.ask("/api/v1/identity.sign_in", None, &sign_in(WRONG));
    assert_eq!(wrong.0, 403);
    let made = daybook()
        .args([
            "do",
            "team.create_api_token",
            "--workspace",
            "acme",
            "--input",
            r#"{"name": "x", "scopes": ["*"]}"#,
            "--data",
        ])
        .arg(&data)
        .output()
        .unwrap();
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let token = made["token"].as_str().unwrap().to_owned();
    let account = json!({"code": "1000", "name": CANARY, "kind": "asset"});
    let open = |token: &str| {
        let path = "/api/v1/acme/books.open_account";
        server.ask(path, Some(token), &account).0
    };
    // Refusals and faults tell no more than successes.
    assert_eq!((open(&token), open(&token)), (200, 422));
    let made_up = || open("made-up-token-4714");
    // In the second after a start a stranger's second request waits.
    let status = std::iter::repeat_with(made_up).find(|status| *status != 429);
    assert_eq!(status, Some(401));
    let page = || {
        let cookie = format!("__Host-daybook={session}");
        let page = Request::new("GET", "/w/acme").header("cookie", &cookie);
        page.send(server.address).status
    };
    let status = std::iter::repeat_with(page).find(|status| *status != 429);
    assert!(status.is_some_and(|status| status < 400), "{status:?}");
    let by_form = forms(&server);
    addresses(&server, &by_form);
    let said = server.stop();
    let root = std::fs::read(data.join("root.key")).unwrap();
    let root = daybook_kernel::id::hex(&root);
    for secret in [
        PASSWORD,
        WRONG,
        CANARY,
        OWNER,
        &session,
        &token,
        &root,
        &by_form,
        &by_form[32..],
        "made-up-token-4714",
        "argon2id",
        "form-canary-4715",
        "query-canary-4716",
        "reset-link-4717",
        "invitation-link-4718",
        "provider-code-4719",
        "provider-state-4720",
    ] {
        assert!(!said.contains(secret), "{secret} is in the log:\n{said}");
    }
}
