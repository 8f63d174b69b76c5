//! Alerts: what looks like somebody at work on the accounts, told to the operator
//! once a day, and to whom it is about on their own page.

use daybook_kernel::Error;
use daybook_testkit::{Instance, On, PASSWORD, for_both_stores};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::guessing::from;
use crate::scene::{instance, records};

const OWNER: &str = "owner@example.com";
const WRONG: &str = "not the right password";
const SPRAYER: &str = "192.0.2.66";

/// The alerts that the operator has not seen.
pub fn unseen(instance: &Instance) -> Vec<Value> {
    listed(instance, json!({}))
}

fn listed(instance: &Instance, input: Value) -> Vec<Value> {
    let listed = instance.operator().ok("identity.list_alerts", input);
    listed["alerts"].as_array().unwrap().clone()
}

/// What the metrics tell of a kind.
fn figure(instance: &Instance, kind: &str) -> i64 {
    let counts = instance.engine().alert_counts().unwrap();
    counts.iter().find(|(name, _)| *name == kind).unwrap().1
}

/// Somebody of the hundreds of accounts that are tried, most of which are not there.
fn account(at: usize) -> String {
    format!("account{at}@example.com")
}

fn is_wrong(tried: &Result<Vec<u8>, Error>) -> bool {
    let is_throttled = matches!(
        tried,
        Err(Error::Refused(daybook_kernel::Refusal::TooMany { .. }))
    );
    tried.is_err() && !is_throttled
}

#[test]
fn one_wrong_password_at_each_of_two_hundred_accounts_is_an_alert() {
    for_both_stores(|on| {
        // Each is hashed, which takes its time: the whole of it on one store.
        let accounts = match on {
            On::Embedded => 200,
            On::Postgres => 20,
        };
        let mut instance = instance(on);
        instance.make_person(&account(3));
        for at in 0..9 {
            assert!(is_wrong(&from(&instance, SPRAYER, &account(at), WRONG)));
        }
        assert_eq!(unseen(&instance), Vec::<Value>::new());
        for at in 9..accounts {
            assert!(is_wrong(&from(&instance, SPRAYER, &account(at), WRONG)));
        }
        let seen = unseen(&instance);
        let [alert] = seen.as_slice() else {
            panic!("{seen:?}");
        };
        assert_eq!(alert["kind"], "password_spraying");
        assert_eq!(alert["address"], SPRAYER);
        assert_eq!(alert["times"], accounts - 9);
        assert_eq!(alert["email"], "");
        assert_eq!(figure(&instance, "password_spraying"), 1);
        // It outlives the process, and is gone once it was seen.
        instance.restart();
        assert_eq!(unseen(&instance), seen);
        let before = records(&instance, None);
        let own = json!({"id": alert["id"]});
        instance
            .operator()
            .ok("identity.acknowledge_alert", own.clone());
        assert_eq!(records(&instance, None), before + 1);
        instance
            .operator()
            .refused("identity.acknowledge_alert", own, 404);
        assert_eq!(unseen(&instance), Vec::<Value>::new());
        assert_eq!(listed(&instance, json!({"seen": true})).len(), 1);
        assert_eq!(figure(&instance, "password_spraying"), 0);
        // Another day is another alert.
        instance.clock.advance(SignedDuration::from_hours(24));
        for at in 0..10 {
            assert!(is_wrong(&from(&instance, SPRAYER, &account(at), WRONG)));
        }
        assert_eq!(unseen(&instance).len(), 1);
    });
}

#[test]
fn as_it_comes_one_burst_is_seen_though_most_of_it_is_throttled() {
    for_both_stores(|on| {
        let instance = crate::guessing::as_it_comes(on);
        let wrong = (0..200)
            .filter(|at| is_wrong(&from(&instance, SPRAYER, &account(*at), WRONG)))
            .count();
        // Buckets fill by the clock on the wall, so a slow machine lets one more by.
        assert!((10..20).contains(&wrong), "{wrong}");
        assert_eq!(unseen(&instance)[0]["kind"], "password_spraying");
    });
}

#[test]
fn an_office_that_mistypes_is_no_alert() {
    for_both_stores(|on| {
        let instance = instance(on);
        for at in 0..12 {
            instance.make_person(&account(at));
            assert!(is_wrong(&from(&instance, SPRAYER, &account(at), WRONG)));
            let right = from(&instance, SPRAYER, &account(at), PASSWORD);
            assert!(right.is_ok());
        }
        assert_eq!(unseen(&instance), Vec::<Value>::new());
        // Who comes in from elsewhere does not cover for whoever tries here.
        for at in 0..9 {
            assert!(is_wrong(&from(&instance, SPRAYER, &account(at), WRONG)));
        }
        assert!(from(&instance, "198.51.100.1", &account(0), PASSWORD).is_ok());
        assert!(is_wrong(&from(&instance, SPRAYER, &account(9), WRONG)));
        assert_eq!(unseen(&instance).len(), 1);
    });
}

#[test]
fn fifty_accounts_from_ten_networks_are_an_alert() {
    for_both_stores(|on| {
        let instance = instance(on);
        let try_at = |at: usize| {
            let address = format!("2001:db8:{}::1", at / 5);
            assert!(is_wrong(&from(&instance, &address, &account(at), WRONG)));
        };
        (0..49).for_each(try_at);
        assert_eq!(unseen(&instance), Vec::<Value>::new());
        try_at(49);
        let seen = unseen(&instance);
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!(seen[0]["kind"], "password_stuffing");
        // An hour later nothing is left of it.
        instance.clock.advance(SignedDuration::from_mins(61));
        try_at(50);
        assert_eq!(instance.peek(None, "SELECT count(*) FROM guess_spread"), 1);
    });
}

#[test]
fn ten_wrong_passwords_at_one_account_are_throttled_and_told() {
    for_both_stores(|on| {
        let instance = instance(on);
        let minute = || instance.clock.advance(SignedDuration::from_mins(1));
        for email in [OWNER, "nobody@example.com"] {
            for at in 0..10 {
                minute();
                let address = format!("198.51.100.{at}");
                assert!(is_wrong(&from(&instance, &address, email, WRONG)), "{at}");
            }
            let throttled = from(&instance, "203.0.113.1", email, PASSWORD);
            assert!(throttled.is_err() && !is_wrong(&throttled));
            assert_eq!(unseen(&instance).len(), usize::from(email != OWNER));
            minute();
            assert!(is_wrong(&from(&instance, "203.0.113.1", email, WRONG)));
        }
        let seen = unseen(&instance);
        let told = |at: usize| (seen[at]["kind"].as_str(), seen[at]["email"].as_str());
        let kind = Some("password_guessing");
        assert_eq!(seen.len(), 2, "{seen:?}");
        assert_eq!([told(0), told(1)], [(kind, Some("")), (kind, Some(OWNER))]);
        // Once it has cooled down, the right one works; and its owner is told.
        minute();
        assert!(from(&instance, "203.0.113.2", OWNER, PASSWORD).is_ok());
        let owner = instance.sign_in_anew(OWNER, "acme");
        let security = owner.ok("identity.show_security", json!({}));
        let notices = security["notices"].as_array().unwrap();
        let tried = notices.iter().filter(|it| it["kind"] == "password_tries");
        assert_eq!(tried.count(), 1, "{security}");
        // An outsider cannot have letters sent.
        let letters = instance.letters();
        let about = letters
            .iter()
            .filter(|it| it["subject"] != "A new sign-in to your Daybook account");
        assert_eq!(about.count(), 0, "{letters:?}");
    });
}
