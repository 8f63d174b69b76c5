//! The edge: what a network meets before it meets an operation. TLS 1.3 alone,
//! the hosts and origins that are ours, the headers that every answer carries.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use daybook_kernel::operation::Operation;
use daybook_kernel::{Exposure, Page, Role, Scope};
use daybook_server::EdgeSettings;
use daybook_testkit::{Answer, Cluster, Instance, On, Request, for_both_stores};
use jiff::SignedDuration;
use serde_json::json;

use crate::scene::{instance, with_books};

const OURS: &str = "https://books.example";
const THEIRS: &str = "https://app.example";

fn settings() -> EdgeSettings {
    EdgeSettings {
        origins: vec![OURS.to_owned()],
        cors: vec![THEIRS.to_owned(), "https://other.example:8443".to_owned()],
        proxies: vec!["127.0.0.1".to_owned()],
    }
}

fn send(to: SocketAddr, request: Request) -> Answer {
    request.send(to).into()
}

/// Whether the handshake succeeds, and what openssl says of it.
fn handshake(instance: &Instance, flags: &[&str]) -> (bool, String) {
    let authority = instance.folder().join("tls/local-ca.pem");
    let ended = Command::new("openssl")
        .args(["s_client", "-connect", &instance.address().to_string()])
        .args(["-verify_return_error", "-verify_ip", "127.0.0.1", "-CAfile"])
        .arg(authority)
        // The story's clock says what is good, and it is not the machine's.
        .args(["-attime", &instance.engine().now().as_second().to_string()])
        .args(flags)
        .stdin(Stdio::null())
        .output()
        .expect("openssl");
    let said = [ended.stdout, ended.stderr].concat();
    (
        ended.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn nothing_older_than_tls_1_3_is_spoken() {
    let instance = instance(On::Embedded);
    let (good, said) = handshake(&instance, &["-tls1_3"]);
    assert!(good && said.contains("TLSv1.3"), "{said}");
    for old in ["-tls1_2", "-tls1_1", "-tls1"] {
        // At level 0 the client would take any version and suite.
        let (good, said) = handshake(&instance, &[old, "-cipher", "ALL:@SECLEVEL=0"]);
        assert!(!good, "{old}: {said}");
    }
}

#[test]
fn weak_suites_find_nobody() {
    let instance = instance(On::Embedded);
    for suites in ["RC4", "3DES", "EXPORT", "NULL:eNULL", "ALL:COMPLEMENTOFALL"] {
        let list = format!("{suites}:@SECLEVEL=0");
        let (good, said) = handshake(&instance, &["-no_tls1_3", "-cipher", &list]);
        assert!(!good, "{suites}: {said}");
    }
    for suite in ["TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"] {
        let (good, said) = handshake(&instance, &["-tls1_3", "-ciphersuites", suite]);
        assert!(!good, "{suite}: {said}");
    }
}

#[test]
fn the_hybrid_key_exchange_is_preferred_and_nothing_older_is_compiled_in_by_us() {
    use rustls::NamedGroup;
    let provider = daybook_server::provider();
    let first = provider.kx_groups.first().map(|group| group.name());
    assert_eq!(first, Some(NamedGroup::X25519MLKEM768));
    for suite in &provider.cipher_suites {
        assert!(suite.tls13().is_some(), "{suite:?}");
    }
}

#[test]
fn plain_text_gets_no_answer_on_the_tls_port() {
    let instance = instance(On::Embedded);
    let mut stream = TcpStream::connect(instance.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut said = Vec::new();
    // A reset is as good an end as any.
    let _ = stream.read_to_end(&mut said);
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!said.contains("HTTP"), "{said}");
}

#[test]
fn the_certificate_is_renewed_while_the_server_runs() {
    let instance = instance(On::Embedded);
    let shown = |instance: &Instance| {
        let (good, said) = handshake(instance, &["-showcerts"]);
        assert!(good, "{said}");
        said.split("-----END").next().unwrap_or_default().to_owned()
    };
    let first = shown(&instance);
    instance.clock.advance(SignedDuration::from_hours(24 * 57));
    assert_eq!(shown(&instance), first);
    instance.clock.advance(SignedDuration::from_hours(24 * 3));
    assert_ne!(shown(&instance), first);
    assert_eq!(
        send(instance.address(), Request::new("GET", "/healthz")).status,
        200
    );
}

#[test]
fn only_our_hosts_are_answered() {
    let instance = instance(On::Embedded);
    let address = instance.serve_also(&settings());
    let port = address.port();
    let ask = |host: &str| {
        send(
            address,
            Request::new("GET", "/sign-in").header("host", host),
        )
    };
    for own in [
        "books.example",
        &format!("localhost:{port}"),
        &format!("127.0.0.1:{port}"),
    ] {
        assert_eq!(ask(own).status, 200, "{own}");
    }
    for other in [
        "evil.example",
        "localhost",
        "books.example.evil.example",
        "books.example:1",
        "",
    ] {
        let answer = ask(other);
        assert_eq!(answer.status, 421, "{other}");
        assert!(answer.header("set-cookie").is_none());
        has_all_headers(&answer, other);
    }
    let twice = Request::new("GET", "/sign-in")
        .header("host", "books.example")
        .header("host", "evil.example");
    assert!(matches!(send(address, twice).status, 400 | 421));
    let absolute =
        Request::new("GET", "https://evil.example/sign-in").header("host", "books.example");
    assert_eq!(send(address, absolute).status, 421);
}

#[test]
fn other_origins_are_answered_by_an_exact_list() {
    let instance = with_books(On::Embedded);
    let address = instance.serve_also(&settings());
    let token = instance.owner().token(&["books.trial_balance"]);
    let ask = |method: &str, origin: &str| {
        let request = Request::new(method, "/api/v1/acme/books.trial_balance")
            .header("origin", origin)
            .header("authorization", &format!("Bearer {}", token.secret()));
        let request = match method {
            "OPTIONS" => request.header("access-control-request-method", "GET"),
            _ => request,
        };
        send(address, request)
    };
    for own in [THEIRS, "https://other.example:8443"] {
        let preflight = ask("OPTIONS", own);
        assert_eq!(preflight.status, 204);
        assert_eq!(preflight.header("access-control-allow-origin"), Some(own));
        assert_eq!(preflight.header("access-control-allow-credentials"), None);
        let answer = ask("GET", own);
        assert_eq!(
            (answer.status, answer.header("access-control-allow-origin")),
            (200, Some(own))
        );
        assert!(
            answer
                .header("vary")
                .is_some_and(|it| it.contains("origin"))
        );
    }
    for other in [
        "https://evil",
        "null",
        "*",
        "http://app.example",
        "https://x.app.example",
        "https://app.example.evil.example",
        "https://evilapp.example",
        "https://app.example:444",
        "https://other.example",
        "http://localhost:5173",
        "https://APP.example",
        OURS,
    ] {
        for method in ["OPTIONS", "GET"] {
            let answer = ask(method, other);
            assert_eq!(
                answer.header("access-control-allow-origin"),
                None,
                "{method} {other}"
            );
        }
    }
    // Pages are for nobody else.
    let page = Request::new("GET", "/sign-in").header("origin", THEIRS);
    assert_eq!(
        send(address, page).header("access-control-allow-origin"),
        None
    );
}

#[test]
fn a_proxys_word_counts_only_where_it_is_trusted() {
    let instance = instance(On::Embedded);
    let trusting = instance.serve_also(&settings());
    // Where a session was begun is what its list says of it.
    let begun_at = |to: SocketAddr| {
        let body = json!({"email": "owner@example.com", "password": daybook_testkit::PASSWORD});
        let request = Request::new("POST", "/api/v1/identity.sign_in")
            .json(body.to_string().as_bytes())
            .header("x-forwarded-for", "198.51.100.9, 2001:DB8:0::7");
        let begun = send(to, request);
        assert_eq!(begun.status, 200, "{}", begun.text());
        let cookie = begun.header("set-cookie").unwrap_or_default();
        let session = cookie.split([';', '=']).nth(1).unwrap_or_default();
        let listed = instance
            .cookie(session, "acme")
            .call("identity.list_sessions", json!({}));
        assert_eq!(listed.status, 200, "{}", listed.text());
        listed.text()
    };
    let direct = begun_at(instance.address());
    assert!(direct.contains("127.0.0.1"), "{direct}");
    assert!(
        !direct.contains("2001") && !direct.contains("198.51"),
        "{direct}"
    );
    let told = begun_at(trusting);
    assert!(
        told.contains("2001:db8::7") && !told.contains("198.51"),
        "{told}"
    );
}

const HEADERS: [&str; 6] = [
    "strict-transport-security",
    "x-frame-options",
    "x-content-type-options",
    "content-security-policy",
    "referrer-policy",
    "permissions-policy",
];

#[track_caller]
fn has_all_headers(answer: &Answer, what: &str) {
    for name in HEADERS {
        let count = answer.headers.iter().filter(|(own, _)| own == name).count();
        assert_eq!(count, 1, "{what}: {name} in a {}", answer.status);
    }
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(!policy.contains("unsafe-"), "{what}: {policy}");
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn every_answer_carries_the_security_headers() {
    let instance = with_books(On::Embedded);
    let owner = instance.member(Role::Owner);
    let registry = instance.engine().registry();
    let mut paths: Vec<String> = [
        "/",
        "/healthz",
        "/readyz",
        "/sign-in",
        "/api/openapi.json",
        "/api/nowhere",
        "/nowhere",
        "/assets/none.css",
        "/w/nosuch/",
        "/ui",
        "/account/security",
    ]
    .map(str::to_owned)
    .into();
    paths.extend(
        registry
            .pages()
            .map(|page| format!("/w/acme/{}", page.path.replace(['{', '}'], ""))),
    );
    paths.extend(registry.operations().map(api_path));
    let page = owner.send(Request::new("GET", "/w/acme/")).text();
    let assets = page.split('"').filter(|text| text.starts_with("/assets/"));
    paths.extend(assets.map(str::to_owned));
    let mut statuses = std::collections::BTreeSet::new();
    for path in paths {
        for method in ["GET", "POST", "PUT", "OPTIONS", "TRACE"] {
            for answer in [
                owner.send(Request::new(method, &path)),
                send(instance.address(), Request::new(method, &path)),
            ] {
                assert!(answer.status < 500, "{method} {path}: {}", answer.text());
                has_all_headers(&answer, &format!("{method} {path}"));
                statuses.insert(answer.status);
            }
        }
    }
    for wanted in [200, 303, 401, 404, 405, 415] {
        assert!(statuses.contains(&wanted), "no {wanted} among {statuses:?}");
    }
    let large =
        Request::new("POST", "/api/v1/acme/books.open_account").json(&vec![b' '; (1 << 20) + 1]);
    let large = owner.send(large);
    assert_eq!(large.status, 413);
    has_all_headers(&large, "too large");
    // And where it is our own fault.
    let broken = "ALTER TABLE accounts RENAME COLUMN code TO hidden";
    instance.tamper(Some("acme"), broken).unwrap();
    for path in ["/w/acme/books/accounts", "/api/v1/acme/books.list_accounts"] {
        let failed = owner.send(Request::new("GET", path));
        assert_eq!(failed.status, 500, "{path}");
        has_all_headers(&failed, path);
    }
}

#[test]
fn a_form_is_bound_to_its_session_and_to_this_site() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.member(Role::Owner);
        let other = instance.member(Role::Manager);
        let (session, strange) = (owner.secret(), other.secret());
        let own = owner.form_token(session);
        let foreign = owner.form_token(strange);
        let body = json!({"code": "7000", "name": "Fees", "kind": "expense"}).to_string();
        let origin = format!("https://{}", instance.address());
        let ask = |cookie: Option<&str>, header: Option<&str>, origin: &str| {
            let csrf = cookie.map_or(String::new(), |it| format!("; __Host-daybook-csrf={it}"));
            let mut request = Request::new("POST", "/api/v1/acme/books.open_account")
                .json(body.as_bytes())
                .header("cookie", &format!("__Host-daybook={session}{csrf}"))
                .header("origin", origin);
            if let Some(header) = header {
                request = request.header("x-daybook-csrf", header);
            }
            send(instance.address(), request).status
        };
        let twisted = format!("{}0", &own[..own.len() - 1]);
        for (what, cookie, header, from) in [
            ("no header", Some(&own), None, origin.as_str()),
            ("no cookie", None, Some(&own), &origin),
            ("another in the cookie", Some(&foreign), Some(&own), &origin),
            (
                "another session's in both",
                Some(&foreign),
                Some(&foreign),
                &origin,
            ),
            ("a token of nobody", Some(&twisted), Some(&twisted), &origin),
            (
                "a foreign origin",
                Some(&own),
                Some(&own),
                "https://evil.example",
            ),
            ("no origin", Some(&own), Some(&own), "null"),
            (
                "the same host in the clear",
                Some(&own),
                Some(&own),
                &origin.replace("https", "http"),
            ),
        ] {
            let status = ask(cookie.map(String::as_str), header.map(String::as_str), from);
            assert_eq!(status, 403, "{what}");
        }
        assert_eq!(ask(Some(&own), Some(&own), &origin), 200);
        // A token needs none of this.
        owner.token(&["*"]);
    });
}

#[test]
fn every_form_is_taken_from_our_own_pages_alone() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.member(Role::Owner);
        let other = instance.member(Role::Manager);
        let (session, own) = (owner.secret(), owner.form_token(owner.secret()));
        let others = other.form_token(other.secret());
        let ours = format!("https://{}", instance.address());
        let mut doors: Vec<String> = instance
            .engine()
            .registry()
            .operations()
            .filter(|it| it.is_command())
            .map(form_path)
            .collect();
        let rest = [
            "/sign-in",
            "/sign-in/second-factor",
            "/sign-in/with/one",
            "/step-up",
            "/sign-out",
            "/reset",
            "/reset/0000",
            "/invitation/0000",
        ];
        doors.extend(rest.map(str::to_owned));
        let before = instance.peek(None, "SELECT COALESCE(max(seq), 0) FROM audit_records");
        for path in doors {
            let send = |cookie: &str, field: &str, origin: &str| {
                let cookies = format!("__Host-daybook={session}; __Host-daybook-csrf={cookie}");
                let mut request = Request::new("POST", &path)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .header("cookie", &cookies)
                    .header("origin", origin);
                request.body = format!("csrf={field}").into_bytes();
                send(instance.address(), request).status
            };
            for (what, cookie, field, origin) in [
                ("no field", own.as_str(), "", ours.as_str()),
                ("another in the field", &own, &others, &ours),
                ("another session's in both", &others, &others, &ours),
                ("another site", &own, &own, "https://evil.example"),
            ] {
                assert_eq!(send(cookie, field, origin), 403, "{path}: {what}");
            }
        }
        // None of it reached an operation.
        let after = instance.peek(None, "SELECT COALESCE(max(seq), 0) FROM audit_records");
        assert_eq!(after, before);
        owner.ok("identity.list_sessions", json!({}));
    });
}

fn form_path(operation: &Operation) -> String {
    let name = operation.spec.name;
    if operation.in_workspace() {
        format!("/w/acme/do/{name}")
    } else {
        format!("/do/{name}")
    }
}

#[test]
fn a_get_changes_nothing() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.member(Role::Owner);
        let registry = instance.engine().registry();
        for operation in registry.operations().filter(|it| it.is_command()) {
            let path = api_path(operation);
            for method in ["GET", "HEAD"] {
                let answer = owner.send(Request::new(method, &path));
                let is_public = operation.spec.exposure == Exposure::Public;
                assert!(
                    answer.status == 405 || is_public,
                    "{method} {path}: {}",
                    answer.status
                );
            }
        }
        // What is left is queries and pages: every table is afterwards as it was, but
        // for the note that the session is in use, and the log of what was refused.
        owner.send(Request::new("GET", "/w/acme/"));
        let before = [Some("acme"), None].map(|place| everything(&instance, place));
        assert!(before.iter().all(|it| it.len() > 10));
        for query in registry.operations().filter(|it| !it.is_command()) {
            let (request, _) = owner.request(query.spec.name, &(query.example)());
            for method in ["GET", "HEAD"] {
                let request = Request::new(method, &request.path);
                let answer = owner.send(request);
                assert!(answer.status < 500, "{} {}", query.spec.name, answer.text());
            }
        }
        let own = |page: &Page| page.path.replace(['{', '}'], "");
        let of_scope = |scope, below: &'static str| {
            let pages = registry.pages_of(scope);
            pages.map(move |page| format!("{below}/{}", own(page)))
        };
        let pages =
            of_scope(Scope::Workspace, "/w/acme").chain(of_scope(Scope::Instance, "/account"));
        let others = [
            "/",
            "/sign-in",
            "/sign-out",
            "/step-up",
            "/reset",
            "/theme",
            "/ui",
        ];
        for path in pages.chain(others.map(str::to_owned)) {
            for method in ["GET", "HEAD"] {
                let answer = owner.send(Request::new(method, &path));
                assert!(answer.status < 500, "{method} {path}");
            }
        }
        for (place, before) in [Some("acme"), None].into_iter().zip(before) {
            let after = everything(&instance, place);
            for (table, rows) in &before {
                assert_eq!(after.get(table), Some(rows), "{table}");
            }
        }
    });
}

/// What the tables of a database hold, as the store has it.
fn everything(instance: &Instance, place: Option<&str>) -> BTreeMap<String, String> {
    let noted = |name: &str| name == "sessions" || name.starts_with("audit_");
    let mut tables = BTreeMap::new();
    if let Some(database) = instance.database() {
        let schema = instance.schema(place);
        let mut client = Cluster::shared().client(database);
        let sql = "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = $1";
        for row in client.query(sql, &[&schema]).unwrap() {
            let name: String = row.get(0);
            let sql = format!(
                "SELECT md5(string_agg(t::TEXT, '|' ORDER BY t::TEXT)) FROM {schema}.{name} t"
            );
            let held: Option<String> = client.query_one(&sql, &[]).unwrap().get(0);
            tables.insert(name, held.unwrap_or_default());
        }
    } else {
        let file = instance.embedded(place);
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
        let mut found = file.prepare(sql).unwrap();
        let names = found.query_map([], |row| row.get::<_, String>(0)).unwrap();
        for name in names.map(Result::unwrap) {
            let mut all = file.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let width = all.column_count();
            let rows = all.query_map([], |row| {
                let values = (0..width).map(|at| format!("{:?}", row.get_ref(at)));
                Ok(values.collect::<Vec<_>>().join(","))
            });
            let mut rows: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
            rows.sort();
            tables.insert(name, rows.join("|"));
        }
    }
    tables.retain(|name, _| !noted(name));
    tables
}

#[test]
fn signing_in_by_form_takes_the_page_that_is_open() {
    let instance = instance(On::Embedded);
    let page = send(instance.address(), Request::new("GET", "/sign-in"));
    let cookie = page
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    assert!(cookie.starts_with("__Host-daybook-csrf="), "{cookie}");
    let token = cookie.split_once('=').unwrap().1;
    let origin = format!("https://{}", instance.address());
    let ask = |cookie: &str, token: &str, origin: &str| {
        let password = daybook_testkit::PASSWORD.replace(' ', "+");
        let body = format!("csrf={token}&email=owner%40example.com&password={password}");
        let mut request = Request::new("POST", "/sign-in")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookie)
            .header("origin", origin);
        request.body = body.into_bytes();
        send(instance.address(), request)
    };
    for (cookie, token, origin) in [
        (cookie.as_str(), "", origin.as_str()),
        ("a=b", token, &origin),
        (&cookie, token, "https://evil.example"),
        ("__Host-daybook-csrf=x", "x", &origin),
    ] {
        assert_eq!(
            ask(cookie, token, origin).status,
            403,
            "{cookie} {token} {origin}"
        );
    }
    let answer = ask(&cookie, token, &origin);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let set: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .collect();
    assert_eq!(set.len(), 2, "{set:?}");
    for (_, value) in set {
        for part in ["Path=/", "Secure", "HttpOnly", "SameSite="] {
            assert!(value.contains(part), "{value}");
        }
    }
}

fn api_path(operation: &Operation) -> String {
    let name = operation.spec.name;
    if operation.in_workspace() {
        format!("/api/v1/acme/{name}")
    } else {
        format!("/api/v1/{name}")
    }
}
