//! Another e-mail address for an account: proved by a code, told to the old one,
//! and taken back by whoever reads that one's mail.

use std::sync::atomic::{AtomicUsize, Ordering};

use daybook_kernel::Role;
use daybook_testkit::{Caller, Instance, PASSWORD, for_both_stores, until};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::factors::{by_password, going_on};
use crate::scene::{instance, records};

const NEW: &str = "vera@example.org";
const OTHER_PASSWORD: &str = "a pony stapled nothing right";

fn ask(caller: &Caller<'_>, address: &str) -> Value {
    caller.ok(
        "identity.request_email_change",
        json!({"new_email": address}),
    )
}

/// The code in the newest of so many letters.
fn code(instance: &Instance, to: &str, letters: usize) -> Value {
    let letter = instance.letter(to, letters);
    let is_code = |word: &str| word.len() == 8 && word.bytes().all(|it| it.is_ascii_digit());
    let words = letter.split(|c: char| !c.is_ascii_alphanumeric());
    let found = words.clone().find(|word| is_code(word));
    json!({"code": found.unwrap_or_else(|| panic!("no code in {letter}"))})
}

/// A colleague who asked for the new address, where they were before, and the code.
fn asked(instance: &Instance) -> (Caller<'_>, String, Value) {
    let old = instance.colleague(Role::Viewer);
    let viewer = by_password(instance, &old);
    ask(&viewer, NEW);
    (viewer, old, code(instance, NEW, 1))
}

fn signs_in(instance: &Instance, email: &str, password: &str) -> bool {
    let input = json!({"email": email, "password": password});
    instance.anonymous().call("identity.sign_in", input).status == 200
}

fn members(instance: &Instance) -> String {
    instance
        .owner()
        .ok("team.list_members", json!({}))
        .to_string()
}

#[test]
fn an_account_moves_to_the_address_whose_code_is_shown() {
    for_both_stores(|on| {
        let instance = instance(on);
        let old = instance.colleague(Role::Viewer);
        let elsewhere = by_password(&instance, &old);
        let viewer = by_password(&instance, &old);
        let token = viewer.token(&["*"]);
        ask(&viewer, NEW);
        let code = code(&instance, NEW, 1);
        viewer.refused(
            "identity.confirm_email_change",
            json!({"code": "00000000"}),
            403,
        );
        assert!(signs_in(&instance, &old, PASSWORD), "nothing moved yet");
        let before = records(&instance, None);
        let moved = going_on(
            &instance,
            &viewer,
            "identity.confirm_email_change",
            code.clone(),
        );
        assert_eq!(records(&instance, None), before + 1);
        viewer.refused("identity.show_security", json!({}), 401);
        elsewhere.refused("identity.show_security", json!({}), 401);
        let shown = moved.ok("identity.show_security", json!({}));
        assert_eq!(shown["email"], NEW);
        moved.refused("identity.confirm_email_change", code, 403);
        assert!(signs_in(&instance, NEW, PASSWORD));
        assert!(!signs_in(&instance, &old, PASSWORD));
        until("the workspace knows the new address", || {
            let members = members(&instance);
            members.contains(NEW) && !members.contains(&old)
        });
        token.ok("team.list_members", json!({}));
        let told = instance.letter(&old, 1);
        assert!(
            told.contains("moved to the address vera@example.org"),
            "{told}"
        );
    });
}

#[test]
fn whoever_reads_the_old_mail_takes_the_account_back() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (viewer, old, code) = asked(&instance);
        let taken = going_on(&instance, &viewer, "identity.confirm_email_change", code);
        // Nobody else gets the old address meanwhile.
        let squatter = json!({"email": old.to_uppercase(), "password": PASSWORD});
        let said = instance
            .operator()
            .refused("identity.create_person", squatter, 422);
        assert!(said.contains("already has this address"), "{said}");
        instance.clock.advance(SignedDuration::from_hours(71));
        let link = instance.link(&old, 1);
        let back = json!({"token": link, "new_password": OTHER_PASSWORD});
        instance
            .anonymous()
            .ok("identity.reset_password", back.clone());
        taken.refused("identity.show_security", json!({}), 401);
        assert!(signs_in(&instance, &old, OTHER_PASSWORD));
        assert!(!signs_in(&instance, NEW, OTHER_PASSWORD));
        assert!(!signs_in(&instance, NEW, PASSWORD));
        until("the workspace knows the old address again", || {
            members(&instance).contains(&old)
        });
        instance
            .anonymous()
            .refused("identity.reset_password", back, 403);
    });
}

#[test]
fn an_address_that_is_somebodys_is_told_to_them_alone() {
    for_both_stores(|on| {
        let instance = instance(on);
        let old = instance.colleague(Role::Viewer);
        let viewer = by_password(&instance, &old);
        let free = ask(&viewer, NEW);
        let taken = ask(&viewer, "  Owner@EXAMPLE.com ");
        assert_eq!(free, taken, "the same words");
        let told = instance.letter("Owner@EXAMPLE.com", 1);
        assert!(told.contains("It is yours already"), "{told}");
        for code in ["00000000", "12345678"] {
            let input = json!({"code": code});
            viewer.refused("identity.confirm_email_change", input, 403);
        }
        let own = json!({"new_email": old.to_uppercase()});
        viewer.refused("identity.request_email_change", own, 422);
        // Two who want the same address: the second is told no more than of a wrong code.
        let member = by_password(&instance, &instance.colleague(Role::Member));
        instance.clock.advance(SignedDuration::from_secs(1));
        ask(&member, NEW);
        let first = code(&instance, NEW, 2);
        instance.clock.advance(SignedDuration::from_secs(1));
        ask(&viewer, NEW);
        let second = code(&instance, NEW, 3);
        going_on(&instance, &member, "identity.confirm_email_change", first);
        let said = viewer.refused("identity.confirm_email_change", second, 403);
        let wrong = json!({"code": "00000000"});
        let wrong = viewer.refused("identity.confirm_email_change", wrong, 403);
        assert_eq!(said, wrong);
        let more = json!({"new_email": "more@example.org"});
        viewer.refused("identity.request_email_change", more, 429);
    });
}

#[test]
fn a_code_is_good_for_ten_minutes_and_five_tries() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (viewer, _, old) = asked(&instance);
        instance.clock.advance(SignedDuration::from_mins(10));
        viewer.refused("identity.confirm_email_change", old, 403);
        let step = json!({"password": PASSWORD});
        let viewer = going_on(&instance, &viewer, "identity.step_up", step);
        ask(&viewer, NEW);
        let right = code(&instance, NEW, 2);
        for _ in 0..5 {
            let wrong = json!({"code": "00000000"});
            viewer.refused("identity.confirm_email_change", wrong, 403);
        }
        viewer.refused("identity.confirm_email_change", right, 403);
    });
}

#[test]
fn of_fifty_who_show_a_code_at_once_one_wins() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (viewer, _, code) = asked(&instance);
        let won = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..50 {
                let (viewer, code, won) = (&viewer, code.clone(), &won);
                scope.spawn(move || {
                    let answer = viewer.call("identity.confirm_email_change", code);
                    assert!(
                        [200, 401, 403].contains(&answer.status),
                        "{}",
                        answer.text()
                    );
                    if answer.status == 200 {
                        won.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(won.load(Ordering::SeqCst), 1);
        assert!(signs_in(&instance, NEW, PASSWORD));
    });
}
