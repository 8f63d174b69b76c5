//! Devices that a member brings along and an Owner or Admin lets in, and the
//! policy that asks for one.

use daybook_kernel::Role;
use daybook_testkit::{Answer, Caller, Instance, On, Request, for_both_stores};
use serde_json::{Value, json};

use crate::factors::by_password;
use crate::scene::{last_record, records, with_books};

const OWNER: &str = "owner@example.com";

/// The secret of a browser, as its cookie holds it.
fn secret(of: char) -> String {
    String::from(of).repeat(64)
}

/// The same request from the browser that keeps this secret.
fn from(caller: &Caller<'_>, secret: &str, operation: &str, input: &Value) -> Answer {
    let (request, _) = caller.request(operation, input);
    caller.send(with_device(request, secret))
}

fn with_device(request: Request, secret: &str) -> Request {
    request.header("cookie", &format!("__Host-daybook-device={secret}"))
}

fn reads(caller: &Caller<'_>, secret: &str) -> u16 {
    from(caller, secret, "books.list_accounts", &json!({})).status
}

/// Brings a browser along; answers with the device's id.
pub fn bring(caller: &Caller<'_>, of: char) -> Value {
    let named = json!({"name": format!("Laptop {of}")});
    let brought = from(caller, &secret(of), "team.register_known_device", &named);
    assert_eq!(brought.status, 200, "{}", brought.text());
    brought.json()["id"].clone()
}

/// The policy that asks a known device of a role.
fn asked_of(role: Role) -> Value {
    json!({"name": "Our devices", "roles": [role], "rule": {"kind": "device"}})
}

#[test]
fn a_device_is_brought_along_let_in_and_taken_away() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let viewer = instance.member(Role::Viewer);
        let token = instance.member_by_token(Role::Viewer);
        let owner = by_password(&instance, OWNER);
        owner.ok("team.set_policy", asked_of(Role::Viewer));
        let refused = viewer.refused("books.list_accounts", json!({}), 403);
        assert!(refused.contains("policy_device"), "{refused}");
        assert!(refused.contains("Our devices"), "{refused}");
        let closed = viewer.send(Request::new("GET", "/w/acme/books/accounts"));
        assert_eq!(closed.status, 403);
        assert!(
            closed.text().contains("href=\"/w/acme/team/devices\""),
            "{}",
            closed.text()
        );
        let page = viewer.send(Request::new("GET", "/w/acme/team/devices"));
        assert!(page.text().contains("Bring it along"), "{}", page.text());
        // A client that keeps no cookie is nothing that could be known again.
        viewer.refused("team.register_known_device", json!({"name": "curl"}), 409);

        let before = records(&instance, Some("acme"));
        let id = bring(&viewer, 'a');
        assert_eq!(records(&instance, Some("acme")), before + 1);
        assert_eq!(reads(&viewer, &secret('a')), 403, "it only waits");
        viewer.refused("team.approve_known_device", json!({"id": id}), 403);
        owner.ok("team.approve_known_device", json!({"id": id}));
        assert_eq!(
            last_record(&instance)["operation"],
            "team.approve_known_device"
        );
        assert_eq!(reads(&viewer, &secret('a')), 200);

        for other in [secret('b'), secret('A'), "a".repeat(63), String::new()] {
            assert_eq!(reads(&viewer, &other), 403, "{other}");
        }
        assert_eq!(reads(&token, &secret('a')), 403, "a token is no browser");
        let grace = another_viewer(&instance);
        assert_eq!(reads(&grace, &secret('a')), 403, "it is the Viewer's alone");

        owner.ok("team.remove_known_device", json!({"id": id}));
        assert_eq!(reads(&viewer, &secret('a')), 403);
        let told = owner.ok("team.list_access_changes", json!({}));
        let news = told["changes"].as_array().unwrap().iter();
        assert_eq!(
            news.filter(|it| it["kind"] == "device").count(),
            2,
            "{told}"
        );
    });
}

fn another_viewer(instance: &Instance) -> Caller<'_> {
    let email = "grace@example.com";
    instance.make_person(email);
    let member = json!({"email": email, "role": "Viewer"});
    instance.owner().ok("team.add_member", member);
    instance.sign_in(email, "acme")
}

#[test]
fn nobody_brings_a_device_twice_or_takes_anothers_away() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let (viewer, member) = (instance.member(Role::Viewer), instance.member(Role::Member));
        let own = bring(&viewer, 'a');
        let named = json!({"name": "Again"});
        let again = from(&viewer, &secret('a'), "team.register_known_device", &named);
        assert_eq!(again.status, 409, "{}", again.text());
        // The same browser, of two who share it, is two devices.
        bring(&member, 'a');
        member.refused("team.remove_known_device", json!({"id": own}), 403);
        for of in "bcdefghij".chars() {
            bring(&viewer, of);
        }
        let named = json!({"name": "One too many"});
        let more = from(&viewer, &secret('k'), "team.register_known_device", &named);
        assert_eq!(more.status, 409, "{}", more.text());
        viewer.ok("team.remove_known_device", json!({"id": own}));
        let listed = |caller: &Caller<'_>| {
            let list = caller.ok("team.list_known_devices", json!({}));
            list["devices"].as_array().unwrap().len()
        };
        assert_eq!((listed(&viewer), listed(&member)), (9, 1));
        assert_eq!(listed(&instance.member(Role::Admin)), 10);
        instance.owner().ok(
            "team.remove_member",
            json!({"person": person(&instance, "viewer@example.com")}),
        );
        assert_eq!(
            listed(&instance.member(Role::Admin)),
            1,
            "whoever leaves takes them along"
        );
    });
}

fn person(instance: &Instance, email: &str) -> Value {
    let members = instance.owner().ok("team.list_members", json!({}));
    let members = members["members"].as_array().unwrap().iter();
    members.clone().find(|it| it["email"] == email).unwrap()["person"].clone()
}

#[test]
fn nobody_locks_themselves_out_by_a_device_and_an_unknown_one_shows_little() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let (owner, viewer) = (by_password(&instance, OWNER), instance.member(Role::Viewer));
        bring(&viewer, 'v');
        let said = owner.refused("team.set_policy", asked_of(Role::Owner), 409);
        assert!(said.contains("bar you at once"), "{said}");
        let preview = json!({"roles": ["Viewer"], "rule": {"kind": "device"}});
        let shown = owner.ok("team.preview_policy", preview);
        assert_eq!(shown["members"][0]["meets"], false, "{shown}");

        let own = bring(&owner, 'o');
        owner.ok("team.approve_known_device", json!({"id": own}));
        let set = from(
            &owner,
            &secret('o'),
            "team.set_policy",
            &asked_of(Role::Owner),
        );
        assert_eq!(set.status, 200, "{}", set.text());
        owner.refused("team.list_policies", json!({}), 403);
        let seen = |secret: &str| {
            let list = from(&owner, secret, "team.list_known_devices", &json!({}));
            list.json()["devices"].as_array().unwrap().len()
        };
        assert_eq!((seen(&secret('o')), seen(&secret('x'))), (2, 1));
        // Whoever sits at the server comes from no browser and is let in.
        instance.local("acme").ok("team.list_policies", json!({}));
    });
}

#[test]
fn a_browser_gets_its_secret_once_somebody_is_signed_in() {
    let instance = with_books(On::Embedded);
    let device = |answer: &Answer| {
        let set = answer
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie");
        set.map(|(_, value)| value.clone())
            .find(|value| value.starts_with("__Host-daybook-device="))
    };
    let visited = instance.anonymous().send(Request::new("GET", "/sign-in"));
    assert_eq!(device(&visited), None, "visitors are not known again");
    let viewer = instance.member(Role::Viewer);
    let page = || Request::new("GET", "/w/acme/books/accounts");
    let set = device(&viewer.send(page())).expect("a device");
    for part in [
        "; Path=/",
        "; Secure",
        "; HttpOnly",
        "; SameSite=Lax",
        "; Max-Age=34560000",
    ] {
        assert!(set.contains(part), "{set}");
    }
    let secret = set.split([';', '=']).nth(1).unwrap();
    assert_eq!(secret.len(), 64, "{secret}");
    assert_eq!(device(&viewer.send(with_device(page(), secret))), None);
    let held = daybook_testkit::files_holding(instance.folder(), &[secret]);
    assert_eq!(held, Vec::<String>::new());
}
