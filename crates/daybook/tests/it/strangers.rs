//! Whoever is not known gets nothing: not an answer, not a hint.

use daybook_kernel::{Exposure, Scope};
use daybook_testkit::{Answer, Instance, On, Request, for_both_stores};

use jiff::SignedDuration;
use serde_json::json;

use crate::scene::{instance, product};
use daybook_kernel::road::Registry;

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// What strangers show: nothing, or something that is worth nothing, or nothing
/// any more.
fn strangers(instance: &Instance) -> Vec<(&'static str, Option<(&'static str, String)>)> {
    let zeros = "0".repeat(64);
    let cookie = |token: &str| Some(("cookie", format!("__Host-daybook={token}")));
    let bearer = |token: &str| Some(("authorization", format!("Bearer {token}")));
    let sign_in = || {
        let signed_in = instance.sign_in_anew("owner@example.com", "acme");
        signed_in.ok("team.show_roles", json!({}));
        signed_in
    };
    let owner = instance.owner();
    let token = |days: i64| {
        let input = json!({"name": "x", "scopes": ["*"], "expires_in_days": days});
        owner.ok("team.create_api_token", input)
    };
    let (expired, old, revoked) = (sign_in(), token(1), token(30));
    instance
        .clock
        .advance(SignedDuration::from_hours(24 * 7 + 1));
    let ended = sign_in();
    ended.ok("identity.sign_out", json!({}));
    owner.ok("team.revoke_api_token", json!({"id": revoked["id"]}));
    vec![
        ("a session that expired", cookie(expired.secret())),
        ("a session that was ended", cookie(ended.secret())),
        (
            "a token that expired",
            bearer(old["token"].as_str().unwrap()),
        ),
        (
            "a token that was revoked",
            bearer(revoked["token"].as_str().unwrap()),
        ),
        ("nothing", None),
        (
            "a made-up session",
            Some(("cookie", format!("__Host-daybook={zeros}"))),
        ),
        (
            "an odd cookie",
            Some(("cookie", "__Host-daybook=';--".to_owned())),
        ),
        (
            "a made-up token",
            Some(("authorization", format!("Bearer daybook_00000000_{zeros}"))),
        ),
        (
            "an empty token",
            Some(("authorization", "Bearer ".to_owned())),
        ),
        (
            "another scheme",
            Some(("authorization", "Basic b3duZXI6cGFzc3dvcmQ=".to_owned())),
        ),
    ]
}

#[test]
fn every_operation_refuses_whoever_it_does_not_know() {
    for_both_stores(|on| {
        let instance = instance(on);
        // The walk over all methods is the edge's business, and the same on both stores.
        let methods: &[&str] = if on == On::Embedded {
            &METHODS
        } else {
            &METHODS[..2]
        };
        let strangers = strangers(&instance);
        for operation in instance.engine().registry().operations() {
            let name = operation.spec.name;
            let is_public = operation.spec.exposure == Exposure::Public;
            let paths = match operation.spec.scope {
                Scope::Workspace => vec![
                    format!("/api/v1/acme/{name}"),
                    format!("/api/v1/nosuch/{name}"),
                ],
                Scope::Instance => vec![format!("/api/v1/{name}")],
            };
            for (method, (what, header)) in methods
                .iter()
                .flat_map(|m| strangers.iter().map(move |s| (m, s)))
            {
                let own_methods = if operation.is_command() {
                    "POST"
                } else {
                    "GET HEAD"
                };
                if is_public && own_methods.contains(*method) {
                    continue;
                }
                let mut bodies = Vec::new();
                for path in &paths {
                    let mut request = Request::new(method, path).json(b"{}");
                    request.headers.extend(
                        header
                            .iter()
                            .map(|(name, value)| ((*name).to_owned(), value.clone())),
                    );
                    let answer: Answer = request.send(instance.address()).into();
                    assert!(
                        answer.status == 401,
                        "{method} {path} with {what}: {}",
                        answer.text()
                    );
                    bodies.push(answer.body);
                }
                assert_eq!(
                    instance
                        .cookie(&"0".repeat(64), "acme")
                        .call(name, json!({}))
                        .status,
                    match (is_public, name) {
                        // It asks for nothing and answers anybody, with a question.
                        (true, "identity.start_passkey_sign_in") => 200,
                        (true, _) => 422,
                        (false, _) => 401,
                    },
                    "{name}"
                );
                assert!(
                    bodies.windows(2).all(|two| two[0] == two[1]),
                    "{name}: a stranger learns of a workspace"
                );
            }
        }
    });
}

#[test]
fn only_listed_routes_are_public() {
    let registry = Registry::new(product().features);
    let public: Vec<&str> = registry
        .operations()
        .filter(|it| it.spec.exposure == Exposure::Public)
        .map(|it| it.spec.name)
        .collect();
    assert_eq!(
        public,
        [
            "identity.sign_in",
            "identity.request_reset",
            "identity.reset_password",
            "identity.show_invitation",
            "identity.register",
            "identity.start_passkey_sign_in",
            "identity.sign_in_with_passkey",
            "identity.start_oidc",
            "identity.finish_oidc",
            "identity.start_oidc_account",
        ]
    );

    let instance = instance(On::Embedded);
    // A browser that has been here before: its forms carry the token that it has.
    let token = daybook_server::form_token(instance.engine(), "");
    let before = format!("__Host-daybook-csrf={token}");
    let ask = |method: &str, path: &str| -> Answer {
        let request = Request::new(method, path).header("cookie", &before);
        request.send(instance.address()).into()
    };
    for path in ["/healthz", "/readyz", "/sbom.json", "/sign-in", "/reset"] {
        assert_eq!(ask("GET", path).status, 200, "{path}");
    }
    let mut closed: Vec<String> = [
        "/",
        "/w/acme",
        "/w/acme/",
        "/w/nosuch",
        "/w/nosuch/books",
        "/nowhere",
    ]
    .map(str::to_owned)
    .into();
    closed.extend(
        registry
            .pages()
            .map(|page| format!("/w/acme/{}", page.path.replace(['{', '}'], ""))),
    );
    let there = ask("GET", "/w/acme/settings");
    for path in closed {
        let answer = ask("GET", &path);
        assert!(
            matches!(answer.status, 302 | 303 | 307 | 401 | 404),
            "{path} answers a stranger with {}: {}",
            answer.status,
            answer.text()
        );
        if path.starts_with("/w/") {
            assert_eq!(answer.status, there.status, "{path}");
        }
        // An address is repeated, whatever it names.
        let unknown = ask("GET", &path.replace("acme", "nosuch"));
        assert_eq!(
            answer.text().replace("acme", "nosuch"),
            unknown.text(),
            "{path} tells a stranger of acme"
        );
    }
    no_form_of_a_stranger_is_taken(&instance, &registry, &before);
}

fn no_form_of_a_stranger_is_taken(instance: &Instance, registry: &Registry, before: &str) {
    for operation in registry.operations() {
        let path = if operation.in_workspace() {
            format!("/w/acme/do/{}", operation.spec.name)
        } else {
            format!("/do/{}", operation.spec.name)
        };
        let form = Request::new("POST", &path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", before);
        let answer: Answer = form.send(instance.address()).into();
        assert!(
            matches!(answer.status, 303 | 401 | 403 | 404),
            "{path}: {}",
            answer.status
        );
        assert!(
            !answer.headers.iter().any(|(name, _)| name == "set-cookie"),
            "{path}"
        );
    }
}
