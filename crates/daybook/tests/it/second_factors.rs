//! A second factor for everybody: recommended, seen by Owners, asked for by a
//! policy; and no sign-in at all for whoever runs the server.

use daybook_kernel::{Exposure, Role, Scope};
use daybook_testkit::{Answer, Caller, Instance, On, PASSWORD, Request, for_both_stores, until};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::factors::{by_password, going_on, set_up_app};
use crate::scene::{instance, with_books};

const OWNER: &str = "owner@example.com";

/// What the Owner sees of a member's second factor.
fn seen(instance: &Instance, email: &str) -> Value {
    let coverage = instance.owner().ok("team.show_factor_coverage", json!({}));
    let members = coverage["members"].as_array().unwrap();
    let member = members.iter().find(|it| it["email"] == email);
    member.unwrap_or_else(|| panic!("{email} in {coverage}"))["second_factor"].clone()
}

fn ask(caller: &Caller<'_>, path: &str) -> Answer {
    caller.send(Request::new("GET", path))
}

#[test]
fn owners_see_who_has_a_second_factor_and_never_which() {
    for_both_stores(|on| {
        let instance = instance(on);
        let viewer = instance.colleague(Role::Viewer);
        until("the workspace knows of the Viewer", || {
            seen(&instance, &viewer) == false && seen(&instance, OWNER) == false
        });
        let (_, owner) = set_up_app(&instance, &by_password(&instance, OWNER));
        until("it is told of the app", || seen(&instance, OWNER) == true);
        let coverage = owner.ok("team.show_factor_coverage", json!({}));
        assert_eq!(coverage["with_second_factor"], 1, "{coverage}");
        let member = coverage["members"][0].as_object().unwrap();
        let mut fields: Vec<&String> = member.keys().collect();
        fields.sort();
        assert_eq!(fields, ["email", "person", "role", "second_factor"]);
        let page = ask(&owner, "/w/acme/team/security").text();
        assert!(page.contains("1 of 2 have a second factor"), "{page}");

        for role in [Role::Manager, Role::Member, Role::Viewer, Role::Auditor] {
            let other = instance.member(role);
            other.refused("team.show_factor_coverage", json!({}), 403);
            assert_eq!(ask(&other, "/w/acme/team/security").status, 403, "{role}");
            let page = ask(&other, "/w/acme/team/members").text();
            assert!(!page.contains("second factor"), "{role}: {page}");
        }
        owner.ok("identity.remove_totp", json!({}));
        until("it is told that the app is gone", || {
            seen(&instance, OWNER) == false
        });
    });
}

/// The policy that asks a second factor of Viewers.
fn required(instance: &Instance) {
    let policy = json!({"name": "Two factors", "roles": ["Viewer"],
        "rule": {"kind": "second_factor"}});
    instance.owner().ok("team.set_policy", policy);
}

#[test]
fn where_a_second_factor_is_required_there_is_only_the_way_to_one() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let email = instance.colleague(Role::Viewer);
        let before = by_password(&instance, &email);
        required(&instance);
        let viewer = by_password(&instance, &email);
        let registry = instance.engine().registry();
        let within = registry.operations().filter(|it| it.in_workspace());
        for operation in within.filter(|it| it.spec.exposure != Exposure::Local) {
            let answer = viewer.call(operation.spec.name, (operation.example)());
            let name = operation.spec.name;
            assert!(
                matches!(answer.status, 403 | 404),
                "{name}: {}",
                answer.text()
            );
        }
        let refused = viewer.refused("books.list_accounts", json!({}), 403);
        assert!(refused.contains("policy_second_factor"), "{refused}");
        assert!(refused.contains("Two factors"), "{refused}");
        for page in registry
            .pages_of(Scope::Workspace)
            .filter(|it| !it.path.contains('{'))
        {
            let answer = ask(&viewer, &format!("/w/acme/{}", page.path));
            assert_eq!(answer.status, 403, "{}", page.path);
        }
        let closed = ask(&viewer, "/w/acme/books/accounts").text();
        assert!(closed.contains("Add a second factor first"), "{closed}");
        assert!(closed.contains("href=\"/account/security\""), "{closed}");
        assert_eq!(ask(&viewer, "/account/security").status, 200);
        assert_eq!(ask(&viewer, "/account/security/app").status, 200);

        let (_, whole) = set_up(&instance, &viewer);
        assert_eq!(ask(&whole, "/w/acme/books/accounts").status, 200);
        whole.ok("books.list_accounts", json!({}));
        // Another browser, from before: the factor is there and is asked for in place.
        let asked = ask(&before, "/w/acme/books/accounts");
        assert_eq!(asked.status, 403);
        assert!(
            asked.text().contains("Confirm that it is you"),
            "{}",
            asked.text()
        );
    });
}

/// An authenticator app for whoever it is.
fn set_up<'i>(instance: &'i Instance, caller: &Caller<'i>) -> (String, Caller<'i>) {
    let started = caller.ok("identity.start_totp", json!({}));
    let secret = started["secret"].as_str().unwrap().to_owned();
    let code = daybook_testkit::totp(&secret, daybook_kernel::Clock::now(&*instance.clock));
    let whole = going_on(
        instance,
        caller,
        "identity.confirm_totp",
        json!({"code": code}),
    );
    (secret, whole)
}

#[test]
fn a_refusal_for_want_of_a_factor_is_in_the_log_by_the_policys_name() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let viewer = instance.member(Role::Viewer);
        required(&instance);
        viewer.refused("books.list_accounts", json!({}), 403);
        let log = instance
            .owner()
            .ok("trust.list_activity", json!({"outcome": "refused"}));
        let records = log["records"].as_array().unwrap().iter();
        let named = records.filter(|it| it["reason"] == "Two factors").count();
        assert_eq!(named, 1, "{log}");
    });
}

#[test]
fn every_sign_in_recommends_a_second_factor_until_it_is_there_or_put_off() {
    for_both_stores(|on| {
        let instance = instance(on);
        let reminds = || {
            let (next, caller) = through_the_door(&instance);
            let page = ask(&caller, &next).text();
            page.contains("A password alone guards your account.")
        };
        assert!(reminds());
        assert!(reminds(), "each sign-in");
        let (_, owner) = through_the_door(&instance);
        owner.ok("identity.dismiss_reminder", json!({}));
        instance
            .clock
            .advance(SignedDuration::from_hours(24 * 30 - 1));
        assert!(!reminds(), "within the thirty days");
        instance.clock.advance(SignedDuration::from_hours(2));
        assert!(reminds(), "and after them");
        let (_, owner) = through_the_door(&instance);
        set_up_app(&instance, &owner);
        let factors = by_password(&instance, OWNER).ok("identity.show_factors", json!({}));
        assert_eq!(factors["remind"], false);
    });
}

/// Signs in by the form; answers with where that leads.
fn through_the_door(instance: &Instance) -> (String, Caller<'_>) {
    let csrf = daybook_server::form_token(instance.engine(), "");
    let mut form = Request::new("POST", "/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", &format!("__Host-daybook-csrf={csrf}"))
        .header("origin", &format!("https://{}", instance.address()));
    let password = PASSWORD.replace(' ', "+");
    form.body =
        format!("csrf={csrf}&email={OWNER}&password={password}&next=/w/acme/books/accounts")
            .into_bytes();
    let answer = Answer::from(form.send(instance.address()));
    assert_eq!(answer.status, 303, "{}", answer.text());
    let next = answer.header("location").unwrap().to_owned();
    let session = answer.session().expect("a session");
    (next, instance.cookie(&session, "acme"))
}

#[test]
fn nobody_signs_in_as_an_operator() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let (_, owner) = set_up_app(&instance, &by_password(&instance, OWNER));
        let token = owner.token(&["*"]);
        let mut local = 0;
        let registry = instance.engine().registry();
        for operation in registry.operations() {
            if operation.spec.exposure != Exposure::Local {
                continue;
            }
            local += 1;
            let name = operation.spec.name;
            for (what, caller, expected) in [
                ("the best of sessions", &owner, [403, 403]),
                ("a token", &token, [403, 401]),
                ("nobody", &instance.anonymous(), [401, 401]),
            ] {
                let answer = caller.call(name, (operation.example)());
                assert!(
                    expected.contains(&answer.status),
                    "{what} {name}: {}",
                    answer.text()
                );
            }
        }
        assert!(local > 3, "{local}");
        // Nothing that opens a session is the operator's: what they are is where they sit.
        for operation in registry.operations().filter(|it| it.opens_session) {
            assert_ne!(
                operation.spec.exposure,
                Exposure::Local,
                "{}",
                operation.spec.name
            );
        }
    });
}

#[test]
fn a_session_of_one_workspace_learns_nothing_of_factors_in_another() {
    let instance = instance(On::Embedded);
    instance.make_person("elsewhere@example.com");
    instance.make_workspace("globex", "elsewhere@example.com");
    let stranger = by_password(&instance, "elsewhere@example.com");
    stranger.refused("team.show_factor_coverage", json!({}), 404);
    let answer = stranger
        .at("globex")
        .call("team.show_factor_coverage", json!({}));
    assert!(
        !answer.text().contains("owner@example.com"),
        "{}",
        answer.text()
    );
}
