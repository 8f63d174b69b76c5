//! What Owners and Admins hear of trouble at the accounts of their members.

use daybook_kernel::Role;
use daybook_testkit::{Instance, Request, for_both_stores, until};
use serde_json::{Value, json};

use crate::factors::{by_password, code, set_up_app};
use crate::guessing::from;
use crate::scene::{instance, records};

const GRACE: &str = "grace@example.com";
const OWNER: &str = "owner@example.com";
const ATTACKER: &str = "192.0.2.66";

/// `acme` with Grace as a member.
fn scene(on: daybook_testkit::On) -> Instance {
    let instance = instance(on);
    instance.make_person(GRACE);
    let grace = json!({"email": GRACE, "role": "Viewer"});
    instance.owner().ok("team.add_member", grace);
    instance
}

fn unseen(instance: &Instance, workspace: &str, owner: &str) -> Vec<Value> {
    let by = instance.local_as(owner, workspace);
    let listed = by.ok("team.list_member_alerts", json!({}));
    listed["alerts"].as_array().unwrap().clone()
}

fn at_acme(instance: &Instance) -> Vec<Value> {
    unseen(instance, "acme", OWNER)
}

/// Wrong passwords at an account, as often as it takes to be an alert.
fn guess_at(instance: &Instance, email: &str) {
    for _ in 0..12 {
        let wrong = from(instance, ATTACKER, email, "not the right password");
        assert!(wrong.is_err());
        instance.clock.advance(jiff::SignedDuration::from_mins(30));
    }
}

#[test]
fn an_owner_hears_that_passwords_are_tried_at_a_member() {
    for_both_stores(|on| {
        let instance = scene(on);
        instance.make_person("neighbour@example.com");
        instance.make_workspace("globex", "neighbour@example.com");
        guess_at(&instance, GRACE);
        until("the workspace is told", || !at_acme(&instance).is_empty());
        let alerts = at_acme(&instance);
        let [alert] = alerts.as_slice() else {
            panic!("{alerts:?}");
        };
        assert_eq!(alert["kind"], "password_guessing");
        assert_eq!(alert["email"], GRACE);
        // From where is the operator's to know.
        assert!(!alert.to_string().contains(ATTACKER), "{alert}");

        // Neither somebody who is nobody's member nor somebody else's is told here.
        guess_at(&instance, "neighbour@example.com");
        until("the other workspace is told", || {
            !unseen(&instance, "globex", "neighbour@example.com").is_empty()
        });
        assert_eq!(at_acme(&instance).len(), 1);
        assert_eq!(
            unseen(&instance, "globex", "neighbour@example.com")[0]["email"],
            "neighbour@example.com"
        );
    });
}

#[test]
fn an_alert_about_a_member_stands_on_the_page_until_it_is_seen() {
    for_both_stores(|on| {
        let instance = scene(on);
        let page = |role: Role, path: &str| {
            let reader = instance.member(role);
            reader.send(Request::new("GET", &format!("/w/acme/{path}")))
        };
        let quiet = page(Role::Admin, "team/security").text();
        assert!(
            quiet.contains("Nothing is wrong with an account"),
            "{quiet}"
        );
        let says = "An alert about a member waits to be seen.";
        assert!(!page(Role::Admin, "team/members").text().contains(says));

        set_up_app(&instance, &by_password(&instance, OWNER));
        let reset = json!({"email": OWNER, "reason": "Lost her phone"});
        instance.operator().ok("identity.reset_factors", reset);
        until("the workspace is told", || !at_acme(&instance).is_empty());

        assert!(page(Role::Admin, "team/members").text().contains(says));
        assert!(!page(Role::Viewer, "team/members").text().contains(says));
        assert_eq!(page(Role::Viewer, "team/security").status, 403);
        let shown = page(Role::Admin, "team/security").text();
        for word in [
            "Second factors were taken off",
            OWNER,
            "have a second factor",
        ] {
            assert!(shown.contains(word), "{word}: {shown}");
        }

        let admin = instance.member(Role::Admin);
        let own = json!({"id": at_acme(&instance)[0]["id"]});
        instance
            .member(Role::Manager)
            .refused("team.acknowledge_member_alert", own.clone(), 403);
        let before = records(&instance, Some("acme"));
        admin.ok("team.acknowledge_member_alert", own.clone());
        assert_eq!(records(&instance, Some("acme")), before + 1);
        admin.refused("team.acknowledge_member_alert", own, 404);
        assert_eq!(at_acme(&instance), Vec::<Value>::new());
        let count = admin.ok("team.count_member_alerts", json!({}));
        assert_eq!(count["unseen"], 0);
        let all = admin.ok("team.list_member_alerts", json!({"seen": true}));
        assert_eq!(all["alerts"].as_array().unwrap().len(), 1);
        let with_seen = page(Role::Admin, "team/security?seen=1").text();
        assert!(with_seen.contains("Second factors were taken off"));
    });
}

#[test]
fn what_turns_out_to_be_nothing_and_who_has_left_is_no_alert() {
    for_both_stores(|on| {
        let instance = scene(on);
        let (secret, _) = set_up_app(&instance, &by_password(&instance, OWNER));
        let owes = by_password(&instance, OWNER);
        for _ in 0..4 {
            let wrong = json!({"code": "000000"});
            let answer = owes.call("identity.prove_second_factor", wrong);
            assert!(answer.status >= 400, "{}", answer.text());
        }
        // The fifth try would be one too many to be chance, and is right.
        instance.clock.advance(jiff::SignedDuration::from_mins(1));
        owes.ok("identity.prove_second_factor", code(&instance, &secret));
        guess_at(&instance, GRACE);
        until("the workspace is told", || !at_acme(&instance).is_empty());
        let kinds: Vec<Value> = at_acme(&instance)
            .iter()
            .map(|it| it["kind"].clone())
            .collect();
        assert_eq!(kinds, ["password_guessing"]);

        let members = instance.owner().ok("team.list_members", json!({}));
        let grace = members["members"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["email"] == GRACE)
            .unwrap()["person"]
            .clone();
        let gone = json!({"person": grace});
        instance.owner().ok("team.remove_member", gone);
        assert_eq!(at_acme(&instance), Vec::<Value>::new());
        let kept = "SELECT count(*) FROM member_alerts";
        assert_eq!(instance.peek(Some("acme"), kept), 0);
    });
}
