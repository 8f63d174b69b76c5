//! Where people sign in from: seen by them, told when it is new, ended at once.

use daybook_kernel::Origin;
use daybook_testkit::{Instance, Opening, PASSWORD, Relayed, Request, for_both_stores};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::factors::{by_password, set_up_app};
use crate::guessing::come;
use crate::scene::instance;
use crate::sessions::{DESK, PHONE, with_browser};

const OWNER: &str = "owner@example.com";
const NEW_PASSWORD: &str = "plinth otter vague seven";
const SUBJECT: &str = "A new sign-in to your Daybook account";

/// Signs in from an address, by the engine's own door.
fn from(instance: &Instance, address: &str, agent: &str) {
    as_with(instance, address, agent, PASSWORD);
}

fn as_with(instance: &Instance, address: &str, agent: &str, password: &str) {
    let origin = Origin {
        device: None,
        address: address.to_owned(),
        agent: agent.to_owned(),
    };
    come(instance, OWNER, password, origin).unwrap();
}

/// How many letters told of a new place.
fn told(instance: &Instance) -> usize {
    let letters = instance.letters();
    letters.iter().filter(|it| it["subject"] == SUBJECT).count()
}

#[test]
fn two_browsers_are_listed_and_what_is_ended_is_out_at_once() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (desk, phone) = (
            with_browser(&instance, DESK),
            with_browser(&instance, PHONE),
        );
        let ask = |token: &str| {
            let caller = instance.cookie(token, "acme");
            caller.call("identity.list_sessions", json!({}))
        };
        // Both are warm: whatever could be remembered of them is.
        assert_eq!((ask(&desk).status, ask(&phone).status), (200, 200));
        let listed = ask(&desk).json()["sessions"].clone();
        let row = |device: &str| -> Value {
            let rows = listed.as_array().unwrap().iter();
            rows.filter(|row| row["device"] == device)
                .cloned()
                .collect::<Value>()
        };
        for device in ["Firefox on Linux", "Safari on an iPhone"] {
            let rows = row(device);
            assert_eq!(rows.as_array().unwrap().len(), 1, "{listed}");
            assert_eq!(rows[0]["address"], "127.0.0.1");
            assert!(rows[0]["last_used_at"].as_str().unwrap().starts_with("20"));
        }
        let page = Request::new("GET", "/account/sessions");
        let page = instance.cookie(&desk, "acme").send(page).text();
        for shown in ["Firefox on Linux", "Safari on an iPhone", "127.0.0.1"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        let id = row("Safari on an iPhone")[0]["id"].clone();
        let own = instance.cookie(&desk, "acme");
        own.ok("identity.revoke_session", json!({"id": id}));
        assert_eq!(ask(&phone).status, 401);
        assert_eq!(ask(&desk).status, 200);
        assert_eq!(ask(&phone).status, 401);
    });
}

#[test]
fn a_sign_in_from_a_new_place_is_told_once() {
    for_both_stores(|on| {
        let mut instance = instance(on);
        from(&instance, "192.0.2.1", DESK);
        from(&instance, "192.0.2.200", DESK);
        assert_eq!(told(&instance), 0);
        // Another browser, and then another network.
        from(&instance, "192.0.2.1", PHONE);
        assert_eq!(told(&instance), 1);
        instance.restart();
        from(&instance, "192.0.2.1", PHONE);
        assert_eq!(told(&instance), 1);
        from(&instance, "198.51.100.7", DESK);
        from(&instance, "198.51.100.8", DESK);
        assert_eq!(told(&instance), 2);
        // After 90 days a place is new again.
        instance.clock.advance(SignedDuration::from_hours(60 * 24));
        from(&instance, "192.0.2.1", DESK);
        instance.clock.advance(SignedDuration::from_hours(60 * 24));
        from(&instance, "192.0.2.1", DESK);
        assert_eq!(told(&instance), 2);
        from(&instance, "198.51.100.7", DESK);
        assert_eq!(told(&instance), 3);
        let owner = instance.sign_in_anew(OWNER, "acme");
        let seen = owner.ok("identity.show_security", json!({}));
        assert!(seen.to_string().contains("new_place"), "{seen}");
    });
}

#[test]
fn with_a_new_password_every_place_is_new() {
    for_both_stores(|on| {
        let instance = instance(on);
        let own = by_password(&instance, OWNER);
        from(&instance, "203.0.113.9", PHONE);
        assert_eq!(told(&instance), 1);
        let input = json!({"current": PASSWORD, "new": NEW_PASSWORD});
        own.ok("identity.change_password", input);
        // Whoever changes it is no news to themselves.
        assert_eq!(told(&instance), 1);
        as_with(&instance, "203.0.113.9", PHONE, NEW_PASSWORD);
        assert_eq!(told(&instance), 2);
    });
}

#[test]
fn the_letter_of_a_sign_in_says_where_and_what_to_do_and_holds_no_secret() {
    for_both_stores(|on| {
        let relay = Relayed::start(Opening::Wrapped);
        let instance = instance(on);
        set_up_app(&instance, &by_password(&instance, OWNER));
        let token = with_browser(&instance, PHONE);
        // What a client calls itself is no part of our letters.
        let luring = "Call 555-0100 at once or visit evil.example";
        from(&instance, "not an address, evil.example", luring);
        relay.mailer().carry_due(instance.engine()).unwrap();
        let mails = relay.mails();
        let mails: Vec<_> = mails.iter().filter(|it| it.subject == SUBJECT).collect();
        assert_eq!(mails.len(), 2);
        for mail in &mails {
            assert_eq!(mail.to, OWNER);
            for body in [&mail.text, &mail.html] {
                for said in [
                    "The second factor had not been shown yet",
                    "change your password",
                ] {
                    assert!(body.contains(said), "{said}: {body}");
                }
                for kept in ["evil.example", "555", &token, &token[..32], PASSWORD] {
                    assert!(!body.contains(kept), "{kept}: {body}");
                }
                assert!(body.contains("/account/sessions"), "{body}");
            }
        }
        let of = |said: &str| mails.iter().filter(|it| it.text.contains(said)).count();
        assert_eq!(
            of("with Safari on an iPhone, from the address 127.0.0.1"),
            1
        );
        assert_eq!(
            of("with a program that we do not know, from the address unknown"),
            1
        );
    });
}
