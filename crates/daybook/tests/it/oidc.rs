//! Signing in by an identity provider: a real one, on loopback, which tells the
//! truth or, where a story wants it, lies.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use daybook_testkit::{
    Answer, Caller, IdentityProvider, Instance, On, Request, for_both_stores, parameter,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::factors::{by_password, set_up_app};
use crate::scene::{instance, records};

const OWNER: &str = "owner@example.com";
pub const LINKS: &str = "SELECT count(*) FROM oidc_links";
const SESSIONS: &str = "SELECT count(*) FROM sessions";

/// An instance that knows these providers.
fn with_providers(on: On, names: &[&str]) -> (Instance, Vec<IdentityProvider>) {
    let mut instance = instance(on);
    let started = names
        .iter()
        .map(|name| IdentityProvider::start(&[name], &instance.clock));
    let providers: Vec<IdentityProvider> = started.collect();
    instance.reach_out(IdentityProvider::reached(&providers));
    for provider in &providers {
        provider.control(&account("ada-1", true));
    }
    (instance, providers)
}

pub fn with_one(on: On) -> (Instance, IdentityProvider) {
    let (instance, mut providers) = with_providers(on, &["one"]);
    (instance, providers.remove(0))
}

fn account(subject: &str, verified: bool) -> Value {
    json!({
        "account": subject,
        "claims": {"email": OWNER, "email_verified": verified, "name": "Ada"},
        "lie": "",
        "declines": false,
    })
}

/// A browser on its way: where it was sent, and the cookie that it keeps.
pub struct Sent {
    pub address: String,
    pub browser: String,
}

pub fn set(answer: &Answer, name: &str) -> Option<String> {
    let named = |(header, value): &(String, String)| {
        let value = value.strip_prefix(name)?.strip_prefix('=')?;
        (header == "set-cookie").then(|| value.split(';').next().unwrap().to_owned())
    };
    answer.headers.iter().find_map(named)
}

pub fn goes_on_to(answer: &Answer) -> String {
    let refresh = answer.header("refresh").unwrap_or_default();
    refresh
        .strip_prefix("0; url=")
        .unwrap_or_else(|| panic!("{}", answer.text()))
        .to_owned()
}

/// Presses the button at the door, or at the page of linked accounts.
fn press(instance: &Instance, who: Option<&Caller<'_>>, provider: &str) -> Answer {
    let path = format!("/sign-in/with/{provider}");
    let form = |csrf: &str, deed: &str| {
        let mut request = Request::new("POST", &path);
        request.body = format!("csrf={csrf}&deed={deed}&next=/w/acme/").into_bytes();
        request.header("content-type", "application/x-www-form-urlencoded")
    };
    if let Some(caller) = who {
        let csrf = caller.form_token(caller.secret());
        return caller.send(form(&csrf, "link"));
    }
    let door = instance.anonymous().send(Request::new("GET", "/sign-in"));
    assert!(
        door.text()
            .contains(&format!("Continue with Provider {provider}")),
        "{}",
        door.text()
    );
    let csrf = set(&door, "__Host-daybook-csrf").expect("a form's cookie");
    let request = form(&csrf, "")
        .header("cookie", &format!("__Host-daybook-csrf={csrf}"))
        .header("sec-fetch-site", "same-origin");
    instance.anonymous().send(request)
}

fn leave(instance: &Instance, who: Option<&Caller<'_>>, provider: &str) -> Sent {
    let answer = press(instance, who, provider);
    assert_eq!(answer.status, 200, "{}", answer.text());
    Sent {
        address: goes_on_to(&answer),
        browser: set(&answer, "__Host-daybook-oidc").expect("the browser's cookie"),
    }
}

/// The provider sends the browser back, with that cookie and no other.
pub fn come_back(instance: &Instance, path: &str, browser: &str) -> Answer {
    let request = Request::new("GET", path)
        .header("cookie", &format!("__Host-daybook-oidc={browser}"))
        .header("sec-fetch-site", "cross-site");
    instance.anonymous().send(request)
}

pub fn go_there_and_back(
    instance: &Instance,
    provider: &IdentityProvider,
    who: Option<&Caller<'_>>,
) -> Answer {
    let sent = leave(instance, who, &provider.described().id);
    come_back(instance, &provider.visit(&sent.address), &sent.browser)
}

/// Links the account that the provider speaks of; answers with the same browser.
pub fn link<'i>(
    instance: &'i Instance,
    provider: &IdentityProvider,
    who: &Caller<'i>,
) -> Caller<'i> {
    let answer = go_there_and_back(instance, provider, Some(who));
    assert_eq!(answer.status, 200, "{}", answer.text());
    instance.cookie(&answer.session().expect("a new token"), "acme")
}

/// Refused, in words, with one record and nothing opened.
#[track_caller]
pub fn refused(instance: &Instance, back: impl FnOnce() -> Answer) -> String {
    let before = (
        instance.peek(None, SESSIONS),
        instance.peek(None, LINKS),
        records(instance, None),
    );
    let answer = back();
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.session().is_none());
    let after = (
        instance.peek(None, SESSIONS),
        instance.peek(None, LINKS),
        records(instance, None),
    );
    assert_eq!(after, (before.0, before.1, before.2 + 1));
    let last = "SELECT count(*) FROM audit_records WHERE operation = 'identity.finish_oidc'
        AND outcome = 'refused' AND seq = (SELECT max(seq) FROM audit_records)";
    assert_eq!(instance.peek(None, last), 1);
    answer.text()
}

/// The same, from the door to the provider and back.
#[track_caller]
fn refused_on_return(instance: &Instance, provider: &IdentityProvider) -> String {
    let sent = leave(instance, None, &provider.described().id);
    let back = provider.visit(&sent.address);
    refused(instance, || come_back(instance, &back, &sent.browser))
}

#[test]
fn a_provider_is_asked_for_address_and_profile_and_nothing_else() {
    let (instance, provider) = with_one(On::Embedded);
    let sent = leave(&instance, None, "one");
    assert!(
        sent.address
            .starts_with(&format!("{}/auth?", provider.issuer()))
    );
    let asked = |name: &str| parameter(&sent.address, name).unwrap_or_default();
    let scopes = asked("scope");
    let scopes: BTreeSet<&str> = scopes.split(' ').collect();
    assert_eq!(scopes, ["openid", "email", "profile"].into());
    assert_eq!(asked("response_type"), "code");
    assert_eq!(asked("client_id"), "daybook");
    assert_eq!(
        asked("redirect_uri"),
        "https://books.example.com/sign-in/with/one/back"
    );
    assert_eq!(asked("code_challenge_method"), "S256");
    assert_eq!(asked("code_challenge").len(), 43);
    for (name, length) in [("state", 64), ("nonce", 64)] {
        assert_eq!(asked(name).len(), length, "{name}");
        let again = leave(&instance, None, "one");
        assert_ne!(
            parameter(&again.address, name).unwrap(),
            asked(name),
            "{name}"
        );
    }
    // What is kept here is neither the state nor the nonce nor the cookie.
    for secret in [asked("state"), asked("nonce"), sent.browser] {
        assert!(daybook_testkit::files_holding(instance.folder(), &[&secret]).is_empty());
    }
}

#[test]
fn a_linked_account_signs_in() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        let before = by_password(&instance, OWNER);
        let linked = link(&instance, &provider, &before);
        // The session goes on under another token.
        assert_ne!(linked.secret(), before.secret());
        before.refused("identity.list_sessions", json!({}), 401);
        let links = linked.ok("identity.list_oidc_links", json!({}));
        assert_eq!(links["links"][0]["issuer"], provider.issuer());
        assert_eq!(links["links"][0]["account"], OWNER);

        let counted = records(&instance, None);
        let answer = go_there_and_back(&instance, &provider, None);
        assert_eq!(answer.status, 200, "{}", answer.text());
        // One record of leaving, one of coming back.
        assert_eq!(records(&instance, None), counted + 2);
        let cookie = answer.session_cookie().expect("a session").to_owned();
        assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
        let token = answer.session().unwrap();
        assert!(!answer.text().contains(&token));
        assert!(goes_on_to(&answer).starts_with("/w/acme/"));
        assert_eq!(set(&answer, "__Host-daybook-oidc").as_deref(), Some(""));
        let opened = instance.cookie(&token, "acme");
        opened.ok("team.list_members", json!({}));
        let known = "SELECT count(*) FROM audit_records WHERE operation = 'identity.finish_oidc'
            AND actor IS NOT NULL AND outcome = 'allowed' AND target_kind = 'Session'";
        assert_eq!(instance.peek(None, known), 1);

        // The browser's earlier session ends with the new one, by the API too.
        let again = leave_signed_in(&instance, &opened);
        let back = provider.visit(&again.address);
        let answer = instance
            .anonymous()
            .call("identity.finish_oidc", shown(&back, &again.browser));
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["linked"], false);
        assert!(
            !answer
                .text()
                .contains(&answer.session().expect("a session"))
        );
        opened.refused("identity.list_sessions", json!({}), 401);
    });
}

/// What a program shows that takes the browser's part.
fn shown(back: &str, browser: &str) -> Value {
    let said = |name: &str| parameter(back, name).unwrap_or_default();
    json!({
        "provider": "one",
        "state": said("state"),
        "code": said("code"),
        "iss": said("iss"),
        "browser": browser,
    })
}

/// Leaves for a sign-in from a browser that has a session.
fn leave_signed_in(instance: &Instance, who: &Caller<'_>) -> Sent {
    let started = who.ok(
        "identity.start_oidc",
        json!({"provider": "one", "next": "/"}),
    );
    assert!(instance.peek(None, "SELECT count(*) FROM oidc_flows") > 0);
    Sent {
        address: started["address"].as_str().unwrap().to_owned(),
        browser: started["browser"].as_str().unwrap().to_owned(),
    }
}

#[test]
fn fifty_answers_at_once_open_one_session() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        link(&instance, &provider, &by_password(&instance, OWNER));
        let sent = leave(&instance, None, "one");
        let back = provider.visit(&sent.address);
        let opened = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..50 {
                scope.spawn(|| {
                    let answer = come_back(&instance, &back, &sent.browser);
                    let count = usize::from(answer.session().is_some());
                    opened.fetch_add(count, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(opened.into_inner(), 1);
    });
}

#[test]
fn a_provider_may_change_its_keys() {
    let (instance, provider) = with_one(On::Embedded);
    link(&instance, &provider, &by_password(&instance, OWNER));
    let provider = provider.with_new_keys(&instance.clock);
    provider.control(&account("ada-1", true));
    // What was known of its keys is minutes old.
    let answer = go_there_and_back(&instance, &provider, None);
    assert!(answer.session().is_some(), "{}", answer.text());
}

#[test]
fn a_browser_goes_on_to_addresses_of_ours_alone() {
    let (instance, _provider) = with_one(On::Embedded);
    for elsewhere in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "w/acme",
    ] {
        let input = json!({"provider": "one", "next": elsewhere});
        let said = instance
            .anonymous()
            .refused("identity.start_oidc", input, 422);
        assert!(
            said.contains("no address of this site"),
            "{elsewhere}: {said}"
        );
    }
    let unknown = json!({"provider": "three", "next": "/"});
    instance
        .anonymous()
        .refused("identity.start_oidc", unknown, 422);
}

#[test]
fn a_second_factor_is_owed_after_a_provider_too() {
    let (instance, provider) = with_one(On::Embedded);
    let owner = link(&instance, &provider, &by_password(&instance, OWNER));
    set_up_app(&instance, &owner);
    let answer = go_there_and_back(&instance, &provider, None);
    assert!(
        goes_on_to(&answer).starts_with("/sign-in/second-factor"),
        "{}",
        answer.text()
    );
    let halfway = instance.cookie(&answer.session().unwrap(), "acme");
    halfway.refused("team.list_members", json!({}), 401);
}

#[test]
fn what_is_not_an_answer_to_our_question_is_refused() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        let owner = link(&instance, &provider, &by_password(&instance, OWNER));
        let visit = |sent: &Sent| provider.visit(&sent.address);
        let leave = || leave(&instance, None, "one");

        // Another state, another browser, none at all.
        let sent = leave();
        let back = visit(&sent);
        let state = parameter(&back, "state").unwrap();
        let other = back.replace(&state, &"0".repeat(64));
        refused(&instance, || come_back(&instance, &other, &sent.browser));
        refused(&instance, || come_back(&instance, &back, &"0".repeat(64)));
        refused(&instance, || come_back(&instance, &back, ""));
        // None of these used it up; whoever it belongs to does, and once.
        assert!(
            come_back(&instance, &back, &sent.browser)
                .session()
                .is_some()
        );
        let said = refused(&instance, || come_back(&instance, &back, &sent.browser));
        assert!(said.contains("was used already"), "{said}");

        // The same code under another state.
        let code = parameter(&back, "code").unwrap();
        let sent = leave();
        let fresh = visit(&sent);
        let reused = fresh.replace(&parameter(&fresh, "code").unwrap(), &code);
        let said = refused(&instance, || come_back(&instance, &reused, &sent.browser));
        assert!(said.contains("its code is not good"), "{said}");

        // Another nonce in the question.
        let mut sent = leave();
        let nonce = parameter(&sent.address, "nonce").unwrap();
        sent.address = sent.address.replace(&nonce, &"0".repeat(64));
        let back = visit(&sent);
        let said = refused(&instance, || come_back(&instance, &back, &sent.browser));
        assert!(said.contains("it answers another question"), "{said}");

        // Another challenge: the code is for somebody else's verifier.
        let mut sent = leave();
        let challenge = parameter(&sent.address, "code_challenge").unwrap();
        sent.address = sent.address.replace(&challenge, &"A".repeat(43));
        let back = visit(&sent);
        refused(&instance, || come_back(&instance, &back, &sent.browser));

        // Too late.
        let sent = leave();
        let back = visit(&sent);
        instance.clock.advance(SignedDuration::from_mins(10));
        refused(&instance, || come_back(&instance, &back, &sent.browser));
        owner.ok("identity.list_sessions", json!({}));
    });
}

#[test]
fn a_provider_that_lies_is_not_believed() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        link(&instance, &provider, &by_password(&instance, OWNER));
        for (lie, said) in [
            ("signature", "its signature is not good"),
            ("claims", "its signature is not good"),
            ("none", "not taken"),
            ("shared", "its signature is not good"),
            ("issuer", "another provider answered"),
            ("audience", "it is meant for another"),
            ("audiences", "it is meant for another"),
            ("party", "it is meant for another"),
            ("expired", "it is out of date"),
            ("old", "it is out of date"),
            ("early", "it is out of date"),
            ("nobody", "it names nobody"),
        ] {
            provider.control(&json!({"lie": lie}));
            let told = refused_on_return(&instance, &provider);
            assert!(told.contains(said), "{lie}: {told}");
        }
        provider.control(&account("ada-1", false));
        let told = refused_on_return(&instance, &provider);
        assert!(told.contains("not verified"), "{told}");
        provider.control(&json!({"account": "ada-1", "declines": true}));
        let told = refused_on_return(&instance, &provider);
        assert!(told.contains("did not confirm"), "{told}");
        provider.control(&account("ada-1", true));
        provider.control(&json!({"lie": "truth"}));
        assert!(
            go_there_and_back(&instance, &provider, None)
                .session()
                .is_some()
        );
    });
}

#[test]
fn two_providers_are_not_mixed_up() {
    for_both_stores(|on| {
        let (instance, providers) = with_providers(on, &["one", "two"]);
        let [one, two] = providers.as_slice() else {
            panic!("two providers");
        };
        let owner = link(&instance, one, &by_password(&instance, OWNER));
        link(&instance, two, &owner);

        // The question was for one; two answers it, at its own way back or at one's.
        let sent = leave(&instance, None, "one");
        let other = leave(&instance, None, "two");
        let back = two.visit(&other.address);
        let (state, others) = (parameter(&sent.address, "state"), parameter(&back, "state"));
        let swapped = back.replace(&others.unwrap(), &state.unwrap());
        refused(&instance, || come_back(&instance, &swapped, &sent.browser));
        let redirected = swapped.replace("/with/two/", "/with/one/");
        let said = refused(&instance, || {
            come_back(&instance, &redirected, &sent.browser)
        });
        assert!(said.contains("another provider answered"), "{said}");
        // The code never went to the other one.
        let asked = one.control(&json!({}));
        let tokens = asked
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| *it == "POST /token");
        assert_eq!(tokens.count(), 1);

        // An answer that does not say whose it is, where the provider always does.
        let sent = leave(&instance, None, "one");
        let back = one.visit(&sent.address);
        let (without, _) = back.split_once("&iss=").expect("whose answer it is");
        let said = refused(&instance, || come_back(&instance, without, &sent.browser));
        assert!(said.contains("another provider answered"), "{said}");
    });
}

/// Somebody who knows an address makes an account under it, and waits for its
/// owner to come by a provider. Neither gets the other's.
#[test]
fn an_account_is_never_found_by_its_address() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        // The provider vouches for the owner's address, under an account that nobody linked.
        let known = refused_on_return(&instance, &provider);
        provider.control(&json!({
            "account": "x",
            "claims": {"email": "nobody@example.com", "email_verified": true},
        }));
        let unknown = refused_on_return(&instance, &provider);
        let told = |page: &str| page.split("<main").nth(1).unwrap().to_owned();
        assert_eq!(told(&known), told(&unknown));
        assert!(known.contains("No account here is linked"), "{known}");

        // What one has linked, another cannot.
        provider.control(&account("ada-1", true));
        link(&instance, &provider, &by_password(&instance, OWNER));
        instance.make_person("eve@example.com");
        let eve = by_password(&instance, "eve@example.com");
        let sent = leave(&instance, Some(&eve), "one");
        let back = provider.visit(&sent.address);
        let said = refused(&instance, || come_back(&instance, &back, &sent.browser));
        assert!(said.contains("somebody else"), "{said}");
        assert_eq!(instance.peek(None, LINKS), 1);
    });
}

#[test]
fn a_link_is_made_by_its_owner_alone() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        let start = json!({"provider": "one"});
        instance
            .anonymous()
            .refused("identity.start_oidc_link", start.clone(), 401);
        let owner = by_password(&instance, OWNER);

        // The session ended while the browser was away.
        let sent = leave(&instance, Some(&owner), "one");
        let back = provider.visit(&sent.address);
        owner.ok("identity.sign_out", json!({}));
        refused(&instance, || come_back(&instance, &back, &sent.browser));

        // A factor that is not fresh.
        let owner = by_password(&instance, OWNER);
        instance.clock.advance(SignedDuration::from_mins(11));
        let said = owner.refused("identity.start_oidc_link", start, 403);
        assert!(said.contains("step_up_required"), "{said}");
        let page = press(&instance, Some(&owner), "one");
        assert_eq!(page.status, 403);
        assert!(
            page.text().contains("Confirm that it is you"),
            "{}",
            page.text()
        );
        assert_eq!(instance.peek(None, LINKS), 0);
    });
}

#[test]
fn an_account_that_is_unlinked_opens_nothing() {
    for_both_stores(|on| {
        let (instance, provider) = with_one(on);
        let owner = link(&instance, &provider, &by_password(&instance, OWNER));
        let page = owner.send(Request::new("GET", "/account/security/providers"));
        assert!(
            page.text().contains("Unlink") && page.text().contains(OWNER),
            "{}",
            page.text()
        );
        let links = owner.ok("identity.list_oidc_links", json!({}));
        let id = links["links"][0]["id"].clone();
        instance.make_person("eve@example.com");
        by_password(&instance, "eve@example.com").refused(
            "identity.unlink_oidc",
            json!({"id": id}),
            404,
        );
        owner.ok("identity.unlink_oidc", json!({"id": id}));
        refused_on_return(&instance, &provider);
        owner.refused("identity.unlink_oidc", json!({"id": id}), 404);
    });
}

#[test]
fn a_provider_that_is_away_leaves_nothing_half_done() {
    for_both_stores(|on| {
        let (mut instance, mut provider) = with_one(on);
        link(&instance, &provider, &by_password(&instance, OWNER));
        let sent = leave(&instance, None, "one");
        let back = provider.visit(&sent.address);
        provider.stop();
        let said = refused(&instance, || come_back(&instance, &back, &sent.browser));
        assert!(said.contains("cannot be asked just now"), "{said}");
        // What it said of itself a moment ago is not asked again; after a restart it is.
        instance.reach_out(IdentityProvider::reached(&[provider]));
        let page = press(&instance, None, "one");
        assert_eq!(page.status, 403);
        assert!(
            page.text().contains("cannot be asked just now"),
            "{}",
            page.text()
        );
        assert_eq!(instance.peek(None, "SELECT count(*) FROM oidc_flows"), 0);
        let owner = by_password(&instance, OWNER);
        owner.ok("team.list_members", json!({}));
    });
}
