//! A fresh factor before what is grave.

use daybook_kernel::{Exposure, Role, StepUp};
use daybook_testkit::{Answer, Caller, Instance, On, PASSWORD, Request, for_both_stores};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::factors::{by_password, going_on, set_up_app, token_of};
use crate::scene::{instance, with_books};

const OWNER: &str = "owner@example.com";

fn is_asked_for(answer: &Answer) -> bool {
    let is = answer.status == 403 && answer.json()["code"] == "step_up_required";
    assert!(
        is || !answer.text().contains("step_up_required"),
        "{}",
        answer.text()
    );
    is
}

#[test]
fn every_grave_operation_asks_for_a_fresh_factor() {
    for_both_stores(|on| {
        let instance = with_books(on);
        let grave: Vec<(&str, Value)> = instance
            .engine()
            .registry()
            .operations()
            .filter(|it| it.spec.step_up == StepUp::Fresh && it.spec.exposure != Exposure::Local)
            .map(|it| (it.spec.name, (it.example)()))
            .collect();
        assert!(grave.len() > 5, "{grave:?}");
        let owner = by_password(&instance, OWNER);
        let stale = |caller: &Caller<'_>, expected: bool| {
            for (name, input) in &grave {
                let answer = caller.call(name, input.clone());
                // An operation that aims at nothing that is there is not found first.
                let seen = is_asked_for(&answer);
                assert!(
                    seen == expected || answer.status == 404,
                    "{name}: {} {}",
                    answer.status,
                    answer.text()
                );
                if expected && answer.status == 404 {
                    assert!(input.to_string().len() > 2, "{name} has no target");
                }
            }
        };
        instance.clock.advance(SignedDuration::from_mins(11));
        stale(&owner, true);
        let fresh = going_on(
            &instance,
            &owner,
            "identity.step_up",
            json!({"password": PASSWORD}),
        );
        owner.refused("books.journal", json!({}), 401);
        let asked = fresh.call(
            "team.create_api_token",
            json!({"name": "Nightly", "scopes": ["*"]}),
        );
        assert_eq!(asked.status, 200, "{}", asked.text());
        instance.clock.advance(SignedDuration::from_mins(11));
        stale(&fresh, true);
    });
}

#[test]
fn the_factor_that_is_asked_for_is_the_best_one_there_is() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = by_password(&instance, OWNER);
        owner.refused(
            "identity.step_up",
            json!({"password": "not the password"}),
            403,
        );
        let (_, owner) = set_up_app(&instance, &owner);
        let said = owner.refused("identity.step_up", json!({"password": PASSWORD}), 422);
        assert!(said.contains("second factor"), "{said}");
        let codes = owner.ok("identity.make_recovery_codes", json!({}));
        going_on(
            &instance,
            &owner,
            "identity.step_up",
            json!({"code": codes["codes"][0]}),
        );
    });
}

/// A form as a browser sends it.
fn send(instance: &Instance, caller: &Caller<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = caller.form_token(caller.secret());
    let mut pairs = vec![("csrf", csrf.as_str())];
    pairs.extend(fields);
    let body: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    let mut request = Request::new("POST", path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", &format!("https://{}", instance.address()));
    request.body = body.join("&").into_bytes();
    caller.send(request)
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// The hidden field of a page, as the browser would send it.
fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page
        .split(&start)
        .nth(1)
        .unwrap_or_else(|| panic!("no {name} in {page}"));
    let value = rest.split('"').next().unwrap();
    value
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[test]
fn a_form_waits_for_the_factor_and_loses_nothing() {
    for_both_stores(|on| {
        let instance = instance(on);
        instance.member(Role::Viewer);
        let owner = by_password(&instance, OWNER);
        instance.clock.advance(SignedDuration::from_mins(11));
        let path = "/w/acme/do/team.create_api_token";
        let typed = [
            ("page", "/w/acme/team/tokens"),
            ("name", "Night & <day> \"job\""),
            ("scopes[0]", "books.*"),
            ("expires_in_days", "30"),
        ];
        let asked = send(&instance, &owner, path, &typed);
        assert_eq!(asked.status, 403, "{}", asked.text());
        let page = asked.text();
        assert!(page.contains("Confirm that it is you"), "{page}");
        let carried = hidden(&page, "carried");
        let again = |password: &str| {
            let fields = [
                ("page", "/w/acme/team/tokens"),
                ("carried", carried.as_str()),
                ("password", password),
            ];
            send(&instance, &owner, path, &fields)
        };
        // A wrong factor asks again, with everything still there.
        let wrong = again("not the password");
        assert_eq!(wrong.status, 403);
        assert_eq!(hidden(&wrong.text(), "carried"), carried);
        let done = again(PASSWORD);
        assert_eq!(done.status, 200, "{}", done.text());
        assert!(done.text().contains("Your new token"), "{}", done.text());
        // The browser goes on under the new token.
        let renewed = instance.cookie(&token_of(&done), "acme");
        let tokens = renewed.ok("team.list_api_tokens", json!({}));
        assert_eq!(tokens["tokens"][0]["name"], "Night & <day> \"job\"");
        owner.refused("team.list_api_tokens", json!({}), 401);
    });
}

#[test]
fn a_token_cannot_step_up() {
    let instance = instance(On::Embedded);
    let token = instance.owner().token(&["*"]);
    token.refused("identity.step_up", json!({"password": PASSWORD}), 401);
}
