//! What travels: to PostgreSQL by TLS 1.3 alone, and nothing that anybody between
//! could read.

use std::fs::{DirBuilder, Permissions};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use daybook_engine::keys::SystemClock;
use daybook_kernel::Clock as _;
use daybook_testkit::capture::{Carried, in_a_network_of_its_own};
use daybook_testkit::{
    Answer, Authority, FakeClock, IdentityProvider, NetworkCluster, Opening, Relayed, Request,
    link_in, tls,
};
use serde_json::{Value, json};

use crate::listeners::{Served, daybook, free_port, in_the_clear, listening};
use crate::scene::{ACCOUNTS, entry};

/// A data folder whose settings say this.
fn told(folder: &Path, settings: &str) -> PathBuf {
    let data = folder.join("data");
    let mut builder = DirBuilder::new();
    builder.mode(0o700).recursive(true).create(&data).unwrap();
    std::fs::write(data.join("daybook.toml"), settings).unwrap();
    Authority::shared().file(&data);
    data
}

fn init(data: &Path, database: &str, owner: &str, password: &str) -> Output {
    let mut child = daybook()
        .args(["init", "--password-stdin", "--workspace", "Acme"])
        .args(["--owner", owner, "--database", database, "--data"])
        .arg(data)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // It may refuse before it reads.
    let _ = input.write_all(password.as_bytes());
    drop(input);
    child.wait_with_output().unwrap()
}

/// Tries to make an instance there; how it ended, and what was said.
fn tried(settings: &str, database: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let data = told(folder.path(), settings);
    let ended = init(
        &data,
        database,
        "owner@example.com",
        "correct horse battery",
    );
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    (ended.status.code(), said)
}

const TRUSTED: &str = "[postgres]\nauthority_file = \"authority.pem\"\n";

#[test]
fn postgresql_over_a_network_is_reached_by_tls_1_3_or_not_at_all() {
    let server = NetworkCluster::start();
    let there = server.address("localhost");
    // It would answer in the clear: what refuses below is Daybook.
    let plain = format!("{there}?sslmode=disable");
    postgres::Client::connect(&plain, postgres::NoTls).expect("a plain answer");

    let refused = |settings: &str, address: &str, code: i32, why: &str| {
        let (ended, said) = tried(settings, address);
        assert_eq!(ended, Some(code), "{said}");
        assert!(said.contains(why), "{why}: {said}");
        assert!(!said.contains(NetworkCluster::PASSWORD), "{said}");
    };
    // Nobody whom the machine trusts vouches for it, nor does somebody else.
    refused("", &there, 5, "UnknownIssuer");
    let folder = tempfile::tempdir().unwrap();
    let other = Authority::another().file(folder.path());
    let stranger = format!("[postgres]\nauthority_file = \"{}\"\n", other.display());
    refused(&stranger, &there, 5, "invalid peer certificate");
    for mode in ["disable", "allow", "prefer", "require", "verify-ca"] {
        let weaker = format!("{there}?sslmode={mode}");
        refused(TRUSTED, &weaker, 2, &format!("sslmode={mode}"));
    }
    server.show(&Authority::shared().certify(&["db.example"]));
    refused(TRUSTED, &there, 5, "not valid for name");
    server.show(Authority::shared().here());
    server.set(&[("ssl_max_protocol_version", "TLSv1.2")]);
    refused(TRUSTED, &there, 5, "ProtocolVersion");
    server.set(&[("ssl_max_protocol_version", "")]);
    server.set(&[("ssl", "off")]);
    refused(TRUSTED, &there, 5, "server does not support TLS");
    server.set(&[("ssl", "on")]);
    let mut superuser = server.cluster().client("postgres");
    let others = "SELECT count(*) FROM pg_stat_activity WHERE client_addr IS NOT NULL";
    let open: i64 = superuser.query_one(others, &[]).unwrap().get(0);
    assert_eq!(open, 0, "somebody was let in");

    // The same server, named as it should be: the password is bound to its certificate.
    for host in ["localhost", "127.0.0.1"] {
        let address = server.address(host);
        let bound = format!("{address}?sslmode=verify-full&channel_binding=require");
        let (ended, said) = tried(TRUSTED, &bound);
        assert_eq!(ended, Some(0), "{said}");
    }
}

const OWNER: &str = "tapped.owner@example.com";
const PASSWORD: &str = "tapped otter plinth seven";
const DESCRIPTION: &str = "A tapped violin repaired";
const AMOUNT: &str = "98765432.17";
const AMOUNT_MINOR: i64 = 9_876_543_217;
/// What is sent in the clear on purpose, in two pieces.
const CONTROL: [&str; 2] = ["this was said ", "in the clear"];

/// A served instance, whose every other part is behind the network as well.
struct Parts {
    database: NetworkCluster,
    relay: Relayed,
    provider: IdentityProvider,
    served: Served,
    data: PathBuf,
    metrics: SocketAddr,
    redirect: SocketAddr,
}

impl Parts {
    fn start(folder: &Path) -> Self {
        let database = NetworkCluster::start();
        let relay = Relayed::start(Opening::StartTls);
        let now = FakeClock::at(&SystemClock.now().to_string());
        let provider = IdentityProvider::start(&["one"], &now);
        provider.control(&json!({
            "account": "ada-1", "claims": {"email": OWNER, "email_verified": true},
        }));
        let described = provider.described();
        let settings = format!(
            "origin = \"https://books.example.com\"\n{TRUSTED}\
             [mail]\nsmtp = \"{}\"\nfrom = \"Daybook <books@example.com>\"\n\
             password_file = \"relay.password\"\nauthority_file = \"authority.pem\"\n\
             [egress]\nallow = [\"{}\"]\nauthority_file = \"authority.pem\"\n\
             [advisories]\nsource = \"off\"\n[limits]\nguesses_per_minute = 1000\nrequests_per_second = 1000\n\
             [oidc.one]\nname = \"Provider one\"\nissuer = \"{}\"\nclient_id = \"daybook\"\n\
             client_secret_file = \"client.secret\"\n",
            relay.relay().address,
            provider.place(),
            described.issuer,
        );
        let data = told(folder, &settings);
        let secret = described.client_secret.unwrap();
        for (file, text) in [
            ("relay.password", relay.password()),
            ("client.secret", &secret),
        ] {
            std::fs::write(data.join(file), text).unwrap();
            std::fs::set_permissions(data.join(file), Permissions::from_mode(0o600)).unwrap();
        }
        let address = database.address("localhost");
        let made = init(&data, &address, OWNER, PASSWORD);
        let said = String::from_utf8_lossy(&made.stderr).into_owned();
        assert!(made.status.success(), "{said}");
        let (metrics, redirect) = (free_port(), free_port());
        let listeners = [
            format!("metrics.listen={metrics}"),
            format!("http.listen={redirect}"),
        ];
        let served = Served::start(&data, &listeners.each_ref().map(String::as_str));
        tls::trust(metrics, &data, None);
        Self {
            database,
            relay,
            provider,
            served,
            data,
            metrics,
            redirect,
        }
    }

    fn send(&self, request: Request) -> Answer {
        request
            .header("host", "books.example.com")
            .send(self.served.address)
            .into()
    }

    /// By the socket of the running server, as its operator does.
    fn operate(&self, operation: &str, input: &Value) -> Value {
        let ended = daybook()
            .args(["do", operation, "--workspace", "acme", "--as", OWNER])
            .args(["--input", &input.to_string(), "--data"])
            .arg(&self.data)
            .stdout(Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "{operation}: {said}");
        serde_json::from_slice(&ended.stdout).unwrap()
    }

    fn signs_in(&self) -> String {
        let input = json!({"email": OWNER, "password": PASSWORD}).to_string();
        let request = Request::new("POST", "/api/v1/identity.sign_in").json(input.as_bytes());
        self.send(request).session().expect("a session")
    }

    /// The letter with this in it, once the relay has it.
    fn mailed(&self, part: &str) -> String {
        for _ in 0..600 {
            let mails = self.relay.mails();
            if let Some(mail) = mails.into_iter().find(|it| it.text.contains(part)) {
                return mail.text;
            }
            // The server looks each second; there is nothing else to wait on.
            std::thread::park_timeout(Duration::from_millis(50));
        }
        let waiting = self.operate("identity.list_mails", &json!({}));
        panic!("the relay never had it: {waiting}")
    }

    /// Goes to the provider and back from the page at this path; the session that
    /// is open then, and the code by which the provider told who came.
    fn comes_by_provider(&self, from: &str, deed: &str, session: Option<&str>) -> [String; 2] {
        let shown = session
            .map(|it| format!("__Host-daybook={it}; "))
            .unwrap_or_default();
        let page = self.send(Request::new("GET", from).header("cookie", &shown));
        let csrf = between(&page.text(), "name=\"csrf\" value=\"", "\"");
        let mut form = Request::new("POST", "/sign-in/with/one");
        form.body = format!("csrf={csrf}&deed={deed}&next=/w/acme/").into_bytes();
        let form = form
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", &format!("{shown}__Host-daybook-csrf={csrf}"));
        let left = self.send(form);
        let away = left
            .header("refresh")
            .unwrap_or_else(|| panic!("{}", left.text()));
        let back = self.provider.visit(away.strip_prefix("0; url=").unwrap());
        let cookies = left.headers.iter().filter(|(name, _)| name == "set-cookie");
        let browser = cookies.map(|(_, value)| value.split(';').next().unwrap());
        let browser = browser.collect::<Vec<_>>().join("; ");
        let came = self.send(Request::new("GET", &back).header("cookie", &browser));
        let session = came.session().unwrap_or_else(|| panic!("{}", came.text()));
        [session, between(&format!("{back}&"), "code=", "&")]
    }

    /// All that people and programs do; answers with the secrets that it made.
    fn day(&self) -> Vec<String> {
        self.operate("books.set_base_currency", &json!({"currency": "EUR"}));
        for (code, name, kind) in ACCOUNTS {
            let account = json!({"code": code, "name": name, "kind": kind});
            self.operate("books.open_account", &account);
        }
        let session = self.signs_in();
        let input = json!({"name": "tapped", "scopes": ["*"]});
        let made = self.operate("team.create_api_token", &input);
        let token = made["token"].as_str().unwrap().to_owned();
        let posted = entry("2026-01-31", DESCRIPTION, "1000", "4000", AMOUNT).to_string();
        let posted = Request::new("POST", "/api/v1/acme/books.post_entry")
            .json(posted.as_bytes())
            .header("authorization", &format!("Bearer {token}"));
        let posted = self.send(posted);
        assert_eq!(posted.status, 200, "{}", posted.text());
        let page = Request::new("GET", "/w/acme/books/entries")
            .header("cookie", &format!("__Host-daybook={session}"));
        let page = self.send(page).text();
        assert!(page.contains(DESCRIPTION), "{page}");

        let input = json!({"email": OWNER}).to_string();
        let asked = Request::new("POST", "/api/v1/identity.request_reset").json(input.as_bytes());
        assert_eq!(self.send(asked).status, 200);
        let link = link_in(&self.mailed("/reset/"));

        let providers = "/account/security/providers";
        let [linked, first] = self.comes_by_provider(providers, "link", Some(&session));
        let [came, second] = self.comes_by_provider("/sign-in", "", None);
        let figures: Answer = Request::new("GET", "/metrics").send(self.metrics).into();
        assert_eq!(figures.status, 200);
        let sent_on = in_the_clear(self.redirect, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        assert!(sent_on.contains(" 308 "), "{sent_on}");
        vec![session, token, link, linked, first, came, second]
    }

    /// Each listener of the server but the redirect wants a handshake, and says
    /// nothing without one.
    fn only_the_redirect_listens_in_the_clear(&self) {
        let ports = listening(self.served.process.id());
        assert!(ports.len() >= 3, "{ports:?}");
        for port in ports.into_iter().filter(|it| *it != self.redirect.port()) {
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            let said = in_the_clear(address, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
            assert!(!said.contains("HTTP"), "{port}: {said}");
            tls::trust(address, &self.data, None);
            let mut stream = tls::connect(address, Duration::from_secs(20)).unwrap();
            let shaken = stream.write_all(b"\r\n").and_then(|()| stream.flush());
            shaken.unwrap_or_else(|error| panic!("{port}: {error}"));
            let version = stream.conn.protocol_version();
            assert_eq!(format!("{version:?}"), "Some(TLSv1_3)", "{port}");
        }
    }

    /// As the database's server sees it.
    fn the_database_is_spoken_to_by_tls_1_3(&self) {
        let mut superuser = self.database.cluster().client("postgres");
        let seen = "SELECT count(*), count(*) FILTER (WHERE s.version = 'TLSv1.3') \
            FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) WHERE a.client_addr IS NOT NULL";
        let row = superuser.query_one(seen, &[]).unwrap();
        let (all, encrypted): (i64, i64) = (row.get(0), row.get(1));
        assert!(all > 0 && all == encrypted, "{encrypted} of {all}");
    }
}

fn between(text: &str, before: &str, after: &str) -> String {
    let part = text
        .split_once(before)
        .and_then(|(_, rest)| rest.split_once(after));
    part.unwrap_or_else(|| panic!("{before}: {text}"))
        .0
        .to_owned()
}

/// Says something in the clear, so that a tap that sees nothing is noticed.
fn say_in_the_clear() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut speaker = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    speaker.set_nodelay(true).unwrap();
    let (mut listener, _) = listener.accept().unwrap();
    for piece in CONTROL {
        speaker.write_all(piece.as_bytes()).unwrap();
        let mut heard = vec![0; piece.len()];
        listener.read_exact(&mut heard).unwrap();
    }
}

fn all_went_by(carried: &Carried, parts: &Parts) {
    let port = |place: &str| place.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    for (name, port) in [
        ("pages", parts.served.address.port()),
        ("metrics", parts.metrics.port()),
        ("redirect", parts.redirect.port()),
        ("database", parts.database.port()),
        ("relay", port(&parts.relay.relay().address)),
        ("provider", port(&parts.provider.place())),
    ] {
        assert!(
            carried.amount(port) > 0,
            "the tap saw nothing of the {name}"
        );
    }
}

#[test]
fn nothing_that_travels_can_be_read_on_the_way() {
    let own = "wire::nothing_that_travels_can_be_read_on_the_way";
    in_a_network_of_its_own(own, |tap| {
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::start(folder.path());
        let mut secrets = parts.day();
        parts.only_the_redirect_listens_in_the_clear();
        say_in_the_clear();
        let carried = tap.end();
        assert!(
            carried.readable(&CONTROL.concat()).is_some(),
            "the tap is deaf"
        );
        all_went_by(&carried, &parts);
        let provider_secret = parts.provider.described().client_secret.unwrap();
        secrets.extend([OWNER, PASSWORD, DESCRIPTION, AMOUNT].map(str::to_owned));
        secrets.extend([
            NetworkCluster::PASSWORD.to_owned(),
            parts.relay.password().to_owned(),
            provider_secret.to_string(),
        ]);
        for secret in secrets {
            let way = carried.readable(&secret);
            assert_eq!(way, None, "{secret} could be read");
        }
        assert_eq!(carried.readable_number(AMOUNT_MINOR), None);
        parts.the_database_is_spoken_to_by_tls_1_3();
    });
}
