//! Who looked at what is restricted. Made from the registry: whatever is declared
//! Restricted is read here by every way it has, the day it is written.

use daybook_kernel::operation::Operation;
use daybook_kernel::{Authorizer as _, DataClass, Exposure, Role};
use daybook_server::{LocalRequest, answer_local};
use daybook_testkit::{Caller, Instance, On, Request, for_both_stores, until};
use serde_json::{Value, json};

use crate::grants::{PARTNER, granted, settled};
use crate::scene::{instance, records};

/// `acme` with books, its practice `curie`, and a letter that waits to be sent.
struct Scene {
    instance: Instance,
    grant: String,
}

impl Scene {
    fn on(on: On) -> Self {
        let (instance, grant) = granted(on);
        let reset = json!({"email": "owner@example.com"});
        instance.anonymous().ok("identity.request_reset", reset);
        until("the letter waits", || !mails(&instance).is_empty());
        settled(&instance, &grant, "accepted");
        Self { instance, grant }
    }

    fn restricted(&self) -> impl Iterator<Item = &'static Operation> + use<> {
        let operations = self.instance.engine().registry().operations();
        operations.filter(|it| it.spec.data == DataClass::Restricted && !it.is_command())
    }

    /// What it is asked: the example, or what stands in the scene.
    fn input(&self, operation: &Operation) -> Value {
        match operation.spec.name {
            "identity.print_mail" => json!({"id": mails(&self.instance)[0]["id"]}),
            "team.visit_company" => json!({"grant": self.grant}),
            _ => (operation.example)(),
        }
    }

    /// Where it is asked: the practice alone has companies.
    fn place(operation: &Operation) -> &'static str {
        match operation.spec.name {
            "team.visit_company" => "curie",
            _ => "acme",
        }
    }

    fn owner(place: &str) -> &'static str {
        if place == "curie" {
            PARTNER
        } else {
            "owner@example.com"
        }
    }

    /// Does what leaves records in the log that is told of this operation, and
    /// answers with the numbers of those records.
    fn leaves(&self, operation: &Operation, work: impl FnOnce()) -> Vec<i64> {
        let log = operation.in_workspace().then(|| Self::place(operation));
        let before = records(&self.instance, log);
        work();
        (before + 1..=records(&self.instance, log)).collect()
    }

    /// One record, of this operation and with this end, of which caller and target are known.
    fn one(&self, operation: &Operation, way: &str, outcome: &str, left: &[i64]) {
        let name = operation.spec.name;
        let [seq] = left else {
            panic!("{name} by {way} leaves {left:?}");
        };
        let told = format!(
            "SELECT count(*) FROM audit_records WHERE seq = {seq} AND operation = '{name}'
             AND outcome = '{outcome}' AND target_kind <> '' AND target_id <> ''"
        );
        let place = operation.in_workspace().then(|| Self::place(operation));
        assert_eq!(self.instance.peek(place, &told), 1, "{name} by {way}");
        if let Some(place) = place {
            let by = self.instance.local_as(Self::owner(place), place);
            let record = by.ok("trust.show_activity", json!({"seq": seq}));
            assert!(record["actor"].is_string(), "{name} by {way}: {record}");
            assert_ne!(record["actor_role"], "", "{name} by {way}: {record}");
        }
    }

    /// The ways by which people and programs read it as JSON, each with who goes.
    fn callers(&self, operation: &Operation) -> Vec<(&'static str, Caller<'_>)> {
        let (instance, place) = (&self.instance, Self::place(operation));
        let owner = Self::owner(place);
        let mut ways = vec![("the local door", instance.local_as(owner, place))];
        if operation.spec.exposure != Exposure::Local {
            ways.push(("the API", instance.sign_in(owner, place)));
        }
        if operation.spec.exposure == Exposure::SignedIn {
            let token = instance.local_as(owner, place).token(&["*"]);
            ways.push(("a token", token));
        }
        let granted = instance.engine().authorizer();
        if !granted.grants_allowed(operation.spec.name).is_empty() {
            ways.push(("a grant", instance.sign_in(PARTNER, "curie~acme")));
        }
        ways
    }
}

fn mails(instance: &Instance) -> Vec<Value> {
    let listed = instance.operator().ok("identity.list_mails", json!({}));
    listed["mails"].as_array().unwrap().clone()
}

#[test]
fn each_read_of_restricted_data_leaves_one_record() {
    for_both_stores(|on| {
        let scene = Scene::on(on);
        let mut by_ways = 0;
        for operation in scene.restricted() {
            let (name, input) = (operation.spec.name, scene.input(operation));
            for (way, caller) in scene.callers(operation) {
                let left = scene.leaves(operation, || {
                    caller.ok(name, input.clone());
                });
                scene.one(operation, way, "allowed", &left);
                by_ways += 1;
            }
            by_ways += as_rows(&scene, operation, &input);
        }
        assert!(by_ways > 20, "{by_ways}");
    });
}

/// The same as rows and as a file, where that is what it can be; answers with how
/// many ways there were.
fn as_rows(scene: &Scene, operation: &'static Operation, input: &Value) -> usize {
    let (name, place) = (operation.spec.name, Scene::place(operation));
    let instance = &scene.instance;
    let mut ways = 0;
    let local = |format: &str| LocalRequest {
        operation: name.to_owned(),
        workspace: operation.in_workspace().then(|| place.to_owned()),
        r#as: Some(Scene::owner(place).to_owned()),
        input: input.clone(),
        format: format.to_owned(),
    };
    let mut status = 0;
    for format in ["csv", "text"] {
        let left = scene.leaves(operation, || {
            let answer = answer_local(instance.app(), local(format));
            status = instance.runtime().block_on(answer).status;
        });
        if status == 200 {
            scene.one(operation, format, "allowed", &left);
            ways += 1;
        } else {
            assert_eq!((status, left.len()), (422, 0), "{name} as {format}");
        }
    }
    if operation.spec.exposure == Exposure::Local {
        return ways;
    }
    let reader = instance.sign_in(Scene::owner(place), place);
    let (asked, _) = reader.request(name, input);
    let query = asked.path.split_once('?').map_or("", |(_, query)| query);
    let api = format!("/api/v1/{place}/{name}?format=csv&{query}");
    let download = format!("/w/{place}/download/{name}?{query}");
    for (path, way) in [(api, "CSV"), (download, "a download")] {
        let left = scene.leaves(operation, || {
            status = reader.send(Request::new("GET", &path)).status;
        });
        if status == 200 {
            scene.one(operation, way, "allowed", &left);
            ways += 1;
        } else {
            assert!((400..500).contains(&status) && left.is_empty(), "{path}");
        }
    }
    ways
}

#[test]
fn a_page_that_shows_restricted_data_leaves_a_record_and_no_other_does() {
    for_both_stores(|on| {
        let scene = Scene::on(on);
        let owner = scene.instance.member(Role::Owner);
        let restricted: Vec<&str> = scene.restricted().map(|it| it.spec.name).collect();
        let registry = scene.instance.engine().registry();
        let mut shown = Vec::new();
        for page in registry.pages_of(daybook_kernel::Scope::Workspace) {
            let path = format!("/w/acme/{}", page.path.replace("{seq}", "1"));
            let before = records(&scene.instance, Some("acme"));
            let status = owner.send(Request::new("GET", &path)).status;
            if status != 200 {
                continue;
            }
            let after = records(&scene.instance, Some("acme"));
            let told: Vec<&str> = restricted
                .iter()
                .copied()
                .filter(|name| {
                    let told = format!(
                        "SELECT count(*) FROM audit_records WHERE seq > {before}
                         AND seq <= {after} AND operation = '{name}' AND outcome = 'allowed'"
                    );
                    scene.instance.peek(Some("acme"), &told) == 1
                })
                .collect();
            let left = usize::try_from(after - before).unwrap();
            assert_eq!(left, told.len(), "{path}: {told:?}");
            // A page that is open all day says nothing restricted.
            assert!(
                told.is_empty() || restricted.contains(&page.needs),
                "{path}"
            );
            shown.extend(told);
        }
        shown.sort_unstable();
        let expected = [
            "team.list_member_alerts",
            "team.show_factor_coverage",
            "trust.show_activity",
        ];
        assert_eq!(shown, expected);
    });
}

#[test]
fn a_refused_read_of_restricted_data_leaves_one_record() {
    for_both_stores(|on| {
        let scene = Scene::on(on);
        let instance = &scene.instance;
        for operation in scene.restricted() {
            let (name, place) = (operation.spec.name, Scene::place(operation));
            let owner = instance.sign_in(Scene::owner(place), place);
            // What is done at the server alone is refused to whoever is not there.
            let (way, caller) = match operation.spec.exposure {
                Exposure::Local => ("the API", owner),
                _ => (
                    "a narrow token",
                    instance
                        .local_as(Scene::owner(place), place)
                        .token(&["nothing.*"]),
                ),
            };
            let left = scene.leaves(operation, || {
                caller.refused(name, scene.input(operation), 403);
            });
            scene.one(operation, way, "refused", &left);
        }
    });
}

#[test]
fn what_is_restricted_is_not_told_where_the_log_cannot_be_written() {
    for_both_stores(|on| {
        let scene = Scene::on(on);
        let instance = &scene.instance;
        // Whoever comes is known, and what they ask is there: the head of the log alone is away.
        let ways: Vec<_> = scene
            .restricted()
            .map(|it| (it, scene.input(it), scene.callers(it)))
            .collect();
        for (operation, input, callers) in &ways {
            for (_, caller) in callers {
                caller.ok(operation.spec.name, input.clone());
            }
        }
        for log in [Some("acme"), Some("curie"), None] {
            let away = "ALTER TABLE audit_head RENAME TO hidden";
            instance.tamper(log, away).unwrap();
            for (operation, input, callers) in &ways {
                let own = operation.in_workspace().then(|| Scene::place(operation));
                for (way, caller) in callers.iter().filter(|_| own == log) {
                    let name = operation.spec.name;
                    let said = caller.refused(name, input.clone(), 503);
                    assert!(said.contains("damaged or gone"), "{name} by {way}: {said}");
                }
            }
            if log == Some("acme") {
                instance.owner().ok("books.list_accounts", json!({}));
            }
            let back = "ALTER TABLE hidden RENAME TO audit_head";
            instance.tamper(log, back).unwrap();
        }
        for (operation, input, callers) in &ways {
            for (_, caller) in callers {
                caller.ok(operation.spec.name, input.clone());
            }
        }
    });
}

#[test]
fn a_list_of_the_log_does_not_say_from_where_people_come() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = instance.member(Role::Owner);
        owner.ok("books.set_base_currency", json!({"currency": "EUR"}));
        let seq = records(&instance, Some("acme"));
        let list = owner.ok("trust.list_activity", json!({}));
        assert!(!list.to_string().contains("127.0.0.1"), "{list}");
        assert_eq!(records(&instance, Some("acme")), seq, "it is read all day");
        let one = owner.ok("trust.show_activity", json!({"seq": seq}));
        assert_eq!(one["address"], "127.0.0.1");
    });
}
