//! What must hold of every operation, asked of the registry itself.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::process::Command;

use daybook_kernel::road::Registry;
use daybook_kernel::{Exposure, Rate, Role};
use daybook_testkit::{Answer, Instance, On, Options, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{instance, product, with_books};

fn names(registry: &Registry) -> BTreeSet<String> {
    registry
        .operations()
        .map(|it| it.spec.name.to_owned())
        .collect()
}

#[test]
fn every_operation_is_in_the_openapi_document() {
    let instance = instance(On::Embedded);
    let registry = instance.engine().registry();
    let document: Value = serde_json::from_str(&instance.app().openapi).unwrap();
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            if name == daybook_server::PROGRESS {
                // No operation of the registry: what it tells of is authorized by theirs.
                assert_eq!(*path, "/api/v1/{workspace}/progress");
                continue;
            }
            let registered = registry.operation(name).unwrap();
            let scope = if registered.in_workspace() {
                "/api/v1/{workspace}/"
            } else {
                "/api/v1/"
            };
            assert_eq!(*path, format!("{scope}{name}"));
            assert_eq!(method == "post", registered.is_command(), "{method} {name}");
            assert!(described.insert(name.to_owned()), "{name} twice");
        }
    }
    let open: BTreeSet<String> = registry
        .operations()
        .filter(|it| it.spec.exposure != Exposure::Local)
        .map(|it| it.spec.name.to_owned())
        .collect();
    assert_eq!(described, open);
}

#[test]
fn command_line_and_policies_know_the_registry_and_nothing_else() {
    let registry = Registry::new(product().features);
    let listed = Command::new(env!("CARGO_BIN_EXE_daybook"))
        .args(["do", "--list"])
        .output()
        .unwrap();
    let listed: BTreeSet<String> = String::from_utf8(listed.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, names(&registry));

    let instance = instance(On::Embedded);
    let schema = instance.engine().authorizer().schema_text();
    let actions: BTreeSet<String> = schema
        .lines()
        .filter_map(|line| line.strip_prefix("action \"")?.split('"').next())
        .filter(|name| {
            !matches!(*name, "workspace" | "step_up") && !name.starts_with("stops_while_")
        })
        .map(str::to_owned)
        .collect();
    assert_eq!(actions, names(&registry));
}

#[test]
fn every_example_passes_its_own_check() {
    let instance = instance(On::Embedded);
    for operation in instance
        .engine()
        .registry()
        .operations()
        .filter(|it| it.in_workspace())
    {
        let answer = instance
            .owner()
            .call(operation.spec.name, (operation.example)());
        let read = !answer.text().contains("could not be read");
        assert!(
            read && answer.status < 500,
            "{}: {}",
            operation.spec.name,
            answer.text()
        );
    }
}

#[test]
fn nothing_else_answers_below_the_api() {
    let instance = instance(On::Embedded);
    let owner = instance.member(Role::Owner);
    for path in [
        "/api/v1/acme/books.nothing",
        "/api/v1/acme/",
        "/api/v2/acme/books.journal",
        "/api/",
        "/api/v1/acme/identity.sign_in",
        "/api/v1/books.journal",
    ] {
        let answer = owner.send(daybook_testkit::Request::new("GET", path));
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    // A query is no command and the other way round.
    let (mut request, _) = owner.request("books.journal", &json!({}));
    request.method = "POST".to_owned();
    assert_eq!(owner.send(request).status, 405);
    let (mut request, _) = owner.request("books.lock_period", &json!({}));
    request.method = "GET".to_owned();
    assert_eq!(owner.send(request).status, 405);
}

#[test]
fn unknown_fields_and_oversized_bodies_are_refused() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let owner = instance.member(Role::Owner);
        for operation in instance.engine().registry().operations() {
            let spec = operation.spec;
            // A member is not invited, and is told no fault of what is not theirs.
            if matches!(spec.exposure, Exposure::Local | Exposure::Invited) {
                continue;
            }
            let mut input = (operation.example)();
            input["surprise"] = json!("x");
            // Another session goes out of use by its own operation, so only this caller's is used.
            let said = owner.refused(spec.name, input, 422);
            assert!(said.contains("surprise"), "{}: {said}", spec.name);
            if operation.is_command() && on == On::Embedded && spec.rate != Rate::Heavy {
                let (mut request, _) = owner.request(spec.name, &json!({}));
                request.body = vec![b' '; (1 << 20) + 1];
                assert_eq!(owner.send(request).status, 413, "{}", spec.name);
            }
        }
        let (mut request, _) = owner.request("books.lock_period", &json!({}));
        request.headers.retain(|(name, _)| name != "content-type");
        assert_eq!(owner.send(request).status, 415);
    });
}

#[test]
fn whoever_asks_too_often_waits() {
    for_both_stores(|on| {
        let few = NonZeroU32::new(3).unwrap();
        let mut options = Options::on(on);
        options.allowances.guesses_per_minute = few;
        options.allowances.heavy_per_minute = few;
        let instance = Instance::start(product(), options);
        let owner = instance.owner().token(&["*"]);
        // From the first answer on it is known whose the token is.
        owner.ok("books.list_accounts", json!({}));
        // Faults cost nobody a hash and count all the same.
        let guess = || {
            instance
                .anonymous()
                .call("identity.sign_in", json!({"password": 1}))
        };
        let heavy = || owner.call("books.check_balances", json!({}));
        for ask in [&guess as &dyn Fn() -> Answer, &heavy] {
            for _ in 0..few.get() {
                assert_ne!(ask().status, 429);
            }
            let answer = ask();
            assert_eq!(answer.status, 429, "{}", answer.text());
            let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
        }
    });
}

#[test]
fn every_operation_is_limited_by_its_class() {
    let one = NonZeroU32::MIN;
    let mut options = Options::on(On::Embedded);
    options.allowances.guesses_per_minute = one;
    options.allowances.heavy_per_minute = one;
    let mut instance = Instance::start(product(), options);
    let operations: Vec<_> = instance.engine().registry().operations().collect();
    for operation in operations
        .iter()
        .filter(|it| it.spec.rate != Rate::Standard)
    {
        // The buckets are in memory: a restart empties them.
        instance.restart();
        let owner = instance.bearer("daybook_00000000_0", "acme");
        let ask = || {
            owner
                .call(operation.spec.name, json!({"surprise": 1}))
                .status
        };
        assert_ne!(ask(), 429, "{}", operation.spec.name);
        assert_eq!(ask(), 429, "{}", operation.spec.name);
    }
}
