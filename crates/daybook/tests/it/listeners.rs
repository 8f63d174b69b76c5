//! The program's own listeners: what it prints, refuses, redirects and renews.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use daybook_testkit::{Answer, Request, tls, until};

pub fn daybook() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// A data folder with nobody's books.
pub fn made() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let ended = daybook()
        .args([
            "init",
            "--owner",
            "owner@example.com",
            "--workspace",
            "Acme",
            "--data",
        ])
        .arg(folder.path().join("data"))
        .stderr(Stdio::null())
        .status();
    assert!(ended.unwrap().success());
    folder
}

pub struct Served {
    pub process: Child,
    pub address: SocketAddr,
}

impl Served {
    pub fn start(data: &Path, settings: &[&str]) -> Self {
        let mut serve = daybook();
        serve.args(["serve", "--data"]).arg(data);
        serve.args(["--set", "listen=127.0.0.1:0"]);
        for setting in settings {
            serve.args(["--set", setting]);
        }
        let mut process = serve.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let start = said.len();
            assert_ne!(lines.read_line(&mut said).unwrap(), 0, "{said}");
            if let Some(at) = said[start..].strip_prefix("Daybook is at https://") {
                break at.trim().trim_end_matches('/').parse().unwrap();
            }
        };
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        tls::trust(address, data, None);
        Self { process, address }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> SocketAddr {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    taken.local_addr().unwrap()
}

/// What is answered in the clear, head and all.
pub fn in_the_clear(to: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(to).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut said = Vec::new();
    // A reset is as good an end as any.
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn port_80_only_sends_on() {
    let folder = made();
    let plain = free_port();
    let setting = format!("http.listen={plain}");
    let origin = "origin=https://books.example";
    let _served = Served::start(&folder.path().join("data"), &[&setting, origin]);
    for request in [
        "GET /w/acme?a=b HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n",
        "POST /w/acme?a=b HTTP/1.1\r\nhost: evil.example\r\ncookie: __Host-daybook=x\r\n\
         content-length: 3\r\nconnection: close\r\n\r\na=b",
    ] {
        let said = in_the_clear(plain, request).to_ascii_lowercase();
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("http/1.1 308 "), "{said}");
        assert!(
            head.contains("location: https://books.example/w/acme?a=b"),
            "{said}"
        );
        assert!(head.contains("strict-transport-security:"), "{said}");
        assert!(!head.contains("set-cookie"), "{said}");
        assert_eq!(body, "", "{said}");
    }
    let far = "GET https://evil.example/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let said = in_the_clear(plain, far);
    assert!(said.contains("location: https://books.example/x"), "{said}");
    assert!(!said.contains("evil.example"), "{said}");
}

/// The ports on which a process listens, as the system has it.
pub fn listening(process: u32) -> Vec<u16> {
    let of = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{process}/fd"))
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|link| {
            let link = link.to_string_lossy().into_owned();
            Some(
                link.strip_prefix("socket:[")?
                    .trim_end_matches(']')
                    .to_owned(),
            )
        })
        .collect();
    let table = of("/proc/net/tcp") + &of("/proc/net/tcp6");
    let rows = table.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_own = *fields.get(3)? == "0A" && sockets.iter().any(|it| it == fields[9]);
        let (_, port) = fields[1].rsplit_once(':')?;
        is_own.then(|| u16::from_str_radix(port, 16).ok())?
    });
    rows.collect()
}

#[test]
fn no_listener_speaks_in_the_clear() {
    let folder = made();
    let data = folder.path().join("data");
    let metrics = free_port();
    let served = Served::start(&data, &[&format!("metrics.listen={metrics}")]);
    tls::trust(metrics, &data, None);
    let answer =
        |to: SocketAddr, path: &str| -> Answer { Request::new("GET", path).send(to).into() };
    assert_eq!(answer(served.address, "/healthz").status, 200);
    let figures = answer(metrics, "/metrics");
    assert_eq!(figures.status, 200);
    assert!(figures.header("x-content-type-options").is_some());
    // Counted as soon as the server looks around for the first time.
    let unseen = "daybook_alerts_unseen{kind=\"password_spraying\"} 0";
    until(unseen, || {
        answer(metrics, "/metrics").text().contains(unseen)
    });
    let ports = listening(served.process.id());
    assert!(
        ports.contains(&served.address.port()) && ports.contains(&metrics.port()),
        "{ports:?}"
    );
    for port in ports {
        let to = SocketAddr::from(([127, 0, 0, 1], port));
        let said = in_the_clear(to, "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n");
        assert!(!said.contains("HTTP"), "{port}: {said}");
    }
}

#[test]
fn a_start_with_bad_origins_is_refused() {
    let folder = made();
    for (settings, said) in [
        (vec!["cors.origins=[\"*\"]"], "\"*\""),
        (vec!["cors.origins=[\"null\"]"], "null"),
        (
            vec!["cors.origins=[\"http://app.example\"]"],
            "http://app.example",
        ),
        (
            vec![
                "origin=https://books.example",
                "cors.origins=[\"https://localhost:5173\"]",
            ],
            "localhost:5173",
        ),
        (
            vec![
                "origin=https://books.example",
                "cors.origins=[\"http://localhost:5173\"]",
            ],
            "localhost:5173",
        ),
        (vec!["origin=http://books.example"], "http://books.example"),
        (
            vec![
                "origin=https://books.example",
                "other_origins=[\"https://localhost\"]",
            ],
            "localhost",
        ),
        (vec!["proxy.trusted=[\"everybody\"]"], "everybody"),
        (vec!["listen=0.0.0.0:0"], "origin"),
        (vec!["metrics.listen=0.0.0.0:0"], "loopback"),
        (vec!["tls.certificate=a.pem"], "tls.key"),
    ] {
        let mut serve = daybook();
        serve
            .args(["serve", "--data"])
            .arg(folder.path().join("data"));
        serve.args(["--set", "listen=127.0.0.1:0"]);
        for setting in &settings {
            serve.args(["--set", setting]);
        }
        let (code, why) = refused_start(serve.stderr(Stdio::piped()));
        assert_eq!(code, Some(2), "{settings:?}: {why}");
        assert!(why.contains(said), "{settings:?}: {why}");
    }
}

/// With what a start ends, and what it says; one that serves after all is ended.
fn refused_start(serve: &mut Command) -> (Option<i32>, String) {
    let mut process = serve.spawn().unwrap();
    let mut code = None;
    for _ in 0..400 {
        if let Some(ended) = process.try_wait().unwrap() {
            code = ended.code();
            break;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    if code.is_none() {
        process.kill().unwrap();
    }
    let ended = process.wait_with_output().unwrap();
    (code, String::from_utf8_lossy(&ended.stderr).into_owned())
}

/// A process that ends with its story.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn until_it_listens(address: SocketAddr) {
    for _ in 0..200 {
        if TcpStream::connect(address).is_ok() {
            return;
        }
        // There is nothing to wait on but the port itself.
        std::thread::park_timeout(Duration::from_millis(50));
    }
    panic!("nobody listens at {address}");
}

#[test]
fn an_older_server_is_not_spoken_to() {
    let folder = made();
    let data = folder.path().join("data");
    drop(Served::start(&data, &[]));
    let address = free_port();
    let pair = data.join("tls/local.pem");
    let older = Command::new("openssl")
        .args([
            "s_server",
            "-www",
            "-tls1_2",
            "-accept",
            &address.to_string(),
            "-cert",
        ])
        .arg(&pair)
        .arg("-key")
        .arg(&pair)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _older = Process(older.expect("openssl"));
    until_it_listens(address);
    // The client of the stories is the one that orders certificates.
    tls::trust(address, &data, None);
    let mut stream = tls::connect(address, Duration::from_secs(20)).unwrap();
    let error = stream
        .write_all(b"GET / HTTP/1.1\r\n\r\n")
        .and_then(|()| stream.flush())
        .unwrap_err();
    assert!(error.to_string().contains("ProtocolVersion"), "{error}");
}

/// Starts a part of the tests that says nothing here.
fn quiet(command: &mut Command) -> Process {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Process(child.expect("a part of the tests"))
}

fn certificate_shown(address: SocketAddr) -> String {
    let shown = Command::new("openssl")
        .args(["s_client", "-connect", &address.to_string()])
        .args(["-servername", "books.example"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&shown.stdout).into_owned()
}

#[test]
fn a_certificate_is_ordered_and_shown_while_the_server_runs() {
    let folder = made();
    let data = folder.path().join("data");
    let [directory, management, resolver, resolver_management] = [(); 4].map(|()| free_port());
    // The directory's own certificate is as good as any: the one of this folder,
    // whose authority is made for the names that are served.
    drop(Served::start(&data, &["origin=https://books.example"]));
    let served_at = free_port();
    let pair = data.join("tls/local.pem");
    let config = serde_json::json!({"pebble": {
        "listenAddress": directory.to_string(), "managementListenAddress": management.to_string(),
        "certificate": pair, "privateKey": pair, "httpPort": 1, "tlsPort": served_at.port(),
    }});
    let file = folder.path().join("pebble.json");
    std::fs::write(&file, config.to_string()).unwrap();
    let _resolver = quiet(
        Command::new("pebble-challtestsrv")
            .args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01"])
            .arg(resolver.to_string())
            .args(["-management", &resolver_management.to_string()])
            .args(["-http01", "", "-https01", "", "-tlsalpn01", ""]),
    );
    let _pebble = quiet(
        Command::new("pebble")
            .args(["-dnsserver", &resolver.to_string(), "-config"])
            .arg(&file)
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_WFE_NONCEREJECT", "20"),
    );
    until_it_listens(directory);
    until_it_listens(resolver_management);
    let roots = data.join("tls/local-ca.pem");
    let served = Served::start(
        &data,
        &[
            &format!("listen={served_at}"),
            "origin=https://books.example",
            "tls.acme.domains=[\"books.example\"]",
            &format!(
                "tls.acme.directory=https://localhost:{}/dir",
                directory.port()
            ),
            "tls.acme.terms_agreed=true",
            &format!("tls.acme.roots={}", roots.display()),
        ],
    );
    let kept = data.join("tls/acme.pem");
    for _ in 0..600 {
        if kept.exists() {
            break;
        }
        std::thread::park_timeout(Duration::from_millis(100));
    }
    let shown = certificate_shown(served.address);
    assert!(shown.contains("Pebble"), "{shown}");
    for file in ["acme.pem", "acme-account.json"] {
        let mode = std::fs::metadata(data.join("tls").join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
