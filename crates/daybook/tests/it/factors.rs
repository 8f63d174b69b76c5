//! Factors beyond the password, as people set them up and show them.

use std::sync::atomic::{AtomicUsize, Ordering};

use daybook_kernel::Clock as _;
use daybook_testkit::{
    Answer, Authenticator, Caller, Instance, On, PASSWORD, SITE_ORIGIN, files_holding,
    for_both_stores, totp,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::alerts::unseen;
use crate::scene::{instance, records};

const OWNER: &str = "owner@example.com";

/// The token that an answer gives to the browser: in its cookie, and nowhere else.
pub fn token_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = answer.session().expect("a session");
    let cookie = answer.session_cookie().unwrap_or_default();
    for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!answer.text().contains(&token), "{}", answer.text());
    let others = answer.headers.iter().filter(|(_, value)| value != cookie);
    for (name, value) in others {
        assert!(!value.contains(&token), "{name}: {value}");
    }
    token
}

/// Signs in by password, in a browser of its own.
pub fn by_password<'i>(instance: &'i Instance, email: &str) -> Caller<'i> {
    let input = json!({"email": email, "password": PASSWORD});
    let answer = instance.anonymous().call("identity.sign_in", input);
    instance.cookie(&token_of(&answer), "acme")
}

/// The same browser after an operation that gives its session a new token.
pub fn going_on<'i>(
    instance: &'i Instance,
    caller: &Caller<'i>,
    operation: &str,
    input: Value,
) -> Caller<'i> {
    let answer = caller.call(operation, input);
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text());
    instance.cookie(&token_of(&answer), "acme")
}

pub fn code(instance: &Instance, secret: &str) -> Value {
    json!({"code": totp(secret, instance.clock.now())})
}

fn wait(instance: &Instance, seconds: i64) {
    instance.clock.advance(SignedDuration::from_secs(seconds));
}

/// Sets up an authenticator app; the clock stands at the next step afterwards.
pub fn set_up_app<'i>(instance: &'i Instance, caller: &Caller<'i>) -> (String, Caller<'i>) {
    let started = caller.ok("identity.start_totp", json!({}));
    let secret = started["secret"].as_str().unwrap().to_owned();
    let uri = started["uri"].as_str().unwrap();
    assert!(
        uri.starts_with("otpauth://totp/Daybook:owner%40example.com?secret="),
        "{uri}"
    );
    let code = code(instance, &secret);
    let caller = going_on(instance, caller, "identity.confirm_totp", code);
    wait(instance, 30);
    (secret, caller)
}

pub fn add_passkey<'i>(instance: &'i Instance, caller: &Caller<'i>) -> (Authenticator, Caller<'i>) {
    let mut device = Authenticator::at(SITE_ORIGIN);
    let asked = caller.ok("identity.start_passkey", json!({}));
    let passkey = device.make(&asked["options"]);
    let input = json!({"challenge": asked["challenge"], "passkey": passkey, "name": "Laptop"});
    let caller = going_on(instance, caller, "identity.add_passkey", input);
    (device, caller)
}

/// What a visitor shows to sign in with this device.
fn shown_at_the_door(instance: &Instance, device: &mut Authenticator) -> Value {
    let asked = instance
        .anonymous()
        .ok("identity.start_passkey_sign_in", json!({}));
    let passkey = device.show(&asked["options"]);
    json!({"challenge": asked["challenge"], "passkey": passkey})
}

#[test]
fn a_password_without_the_code_opens_no_session() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (secret, _) = set_up_app(&instance, &by_password(&instance, OWNER));
        let halfway = by_password(&instance, OWNER);
        for operation in [
            "books.journal",
            "identity.list_workspaces",
            "identity.show_security",
        ] {
            let said = halfway.refused(operation, json!({}), 401);
            assert!(
                said.contains("second_factor_required"),
                "{operation}: {said}"
            );
        }
        let factors = halfway.ok("identity.show_factors", json!({}));
        assert_eq!(
            (&factors["app"], &factors["password"]),
            (&json!(true), &json!(false))
        );
        let whole = going_on(
            &instance,
            &halfway,
            "identity.prove_second_factor",
            code(&instance, &secret),
        );
        whole.ok("books.journal", json!({}));
        whole.ok("identity.show_security", json!({}));
        // The token from before is dead.
        halfway.refused("identity.show_factors", json!({}), 401);
    });
}

#[test]
fn a_code_is_good_once_and_one_step_either_side() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (secret, _) = set_up_app(&instance, &by_password(&instance, OWNER));
        let now = code(&instance, &secret);
        let sessions = [(); 2].map(|()| by_password(&instance, OWNER));
        going_on(
            &instance,
            &sessions[0],
            "identity.prove_second_factor",
            now.clone(),
        );
        sessions[1].refused("identity.prove_second_factor", now.clone(), 403);
        // A code of the step before the one that was used is used up too.
        wait(&instance, 30);
        sessions[1].refused("identity.prove_second_factor", now, 403);
        let early =
            json!({"code": totp(&secret, instance.clock.now() + SignedDuration::from_secs(30))});
        let late =
            json!({"code": totp(&secret, instance.clock.now() + SignedDuration::from_secs(60))});
        sessions[1].refused("identity.prove_second_factor", late, 403);
        going_on(
            &instance,
            &sessions[1],
            "identity.prove_second_factor",
            early,
        );
    });
}

#[test]
fn wrong_codes_are_counted_locked_and_told() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (secret, owner) = set_up_app(&instance, &by_password(&instance, OWNER));
        let wrong = || json!({"code": "aaaa-aaaa-aaaa-aaaa"});
        for _ in 0..2 {
            let guesser = by_password(&instance, OWNER);
            for _ in 0..5 {
                guesser.refused("identity.prove_second_factor", wrong(), 403);
            }
            // The operator knows with the fifth.
            let alerts = unseen(&instance);
            assert_eq!(alerts.len(), 1, "{alerts:?}");
            assert_eq!(alerts[0]["kind"], "second_factor_guessing");
            assert_eq!(alerts[0]["email"], OWNER);
            // The challenge is over, for the right code too.
            let answer = guesser.call("identity.prove_second_factor", code(&instance, &secret));
            assert_eq!(answer.status, 429, "{}", answer.text());
            assert!(answer.header("retry-after").is_some());
        }
        // And the account: one counter over all sessions and factors.
        let another = by_password(&instance, OWNER);
        another.refused(
            "identity.prove_second_factor",
            code(&instance, &secret),
            429,
        );
        let seen = owner.ok("identity.show_security", json!({}));
        let notices = seen["notices"].as_array().unwrap();
        assert_eq!(notices.len(), 1, "{seen}");
        assert_eq!(notices[0]["kind"], "second_factor_tries");
        assert_eq!(instance.peek(None, "SELECT count(*) FROM mails"), 1);
        // It ends.
        wait(&instance, 15 * 60 + 1);
        let later = by_password(&instance, OWNER);
        going_on(
            &instance,
            &later,
            "identity.prove_second_factor",
            code(&instance, &secret),
        );
    });
}

#[test]
fn four_wrong_codes_and_a_right_one_are_no_alert() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (secret, _) = set_up_app(&instance, &by_password(&instance, OWNER));
        let clumsy = by_password(&instance, OWNER);
        for _ in 0..4 {
            let wrong = json!({"code": "aaaa-aaaa-aaaa-aaaa"});
            clumsy.refused("identity.prove_second_factor", wrong, 403);
        }
        let right = code(&instance, &secret);
        going_on(&instance, &clumsy, "identity.prove_second_factor", right);
        assert_eq!(unseen(&instance), Vec::<Value>::new());
    });
}

#[test]
fn a_recovery_code_works_once_and_tells_its_owner() {
    for_both_stores(|on| {
        let instance = instance(on);
        let signed_in = by_password(&instance, OWNER);
        let said = signed_in.refused("identity.make_recovery_codes", json!({}), 409);
        assert!(said.contains("Set one up first"), "{said}");
        let (_, owner) = set_up_app(&instance, &signed_in);
        let made = owner.ok("identity.make_recovery_codes", json!({}));
        let codes = made["codes"].as_array().unwrap().clone();
        assert_eq!(codes.len(), 10);
        let shouted = codes[0].as_str().unwrap().to_uppercase().replace('-', " ");
        let halfway = by_password(&instance, OWNER);
        let whole = going_on(
            &instance,
            &halfway,
            "identity.prove_second_factor",
            json!({"code": shouted}),
        );
        let seen = whole.ok("identity.show_security", json!({}));
        assert_eq!(seen["recovery_codes_left"], 9);
        assert_eq!(seen["notices"][0]["kind"], "recovery_code_used");
        let again = by_password(&instance, OWNER);
        again.refused(
            "identity.prove_second_factor",
            json!({"code": codes[0]}),
            403,
        );
        // New ones end the old ones.
        whole.ok("identity.make_recovery_codes", json!({}));
        again.refused(
            "identity.prove_second_factor",
            json!({"code": codes[1]}),
            403,
        );
        whole.ok("identity.forget_notices", json!({}));
        assert_eq!(
            whole.ok("identity.show_security", json!({}))["notices"],
            json!([])
        );
    });
}

#[test]
fn of_fifty_uses_at_once_one_wins() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (secret, owner) = set_up_app(&instance, &by_password(&instance, OWNER));
        let made = owner.ok("identity.make_recovery_codes", json!({}));
        for shown in [code(&instance, &secret), json!({"code": made["codes"][3]})] {
            // Past the counter of tries.
            let sessions: Vec<_> = (0..10).map(|_| by_password(&instance, OWNER)).collect();
            let won = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for turn in 0..50 {
                    let (session, shown, won) = (&sessions[turn % 10], shown.clone(), &won);
                    scope.spawn(move || {
                        let answer = session.call("identity.prove_second_factor", shown);
                        assert!(
                            [200, 401, 403, 429].contains(&answer.status),
                            "{}",
                            answer.text()
                        );
                        if answer.status == 200 {
                            won.fetch_add(1, Ordering::SeqCst);
                        }
                    });
                }
            });
            assert_eq!(won.load(Ordering::SeqCst), 1, "{shown}");
            wait(&instance, 15 * 60 + 1);
        }
    });
}

#[test]
fn a_passkey_signs_in_by_itself_and_stands_in_for_a_second_factor() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (mut device, owner) = add_passkey(&instance, &by_password(&instance, OWNER));
        let shown = shown_at_the_door(&instance, &mut device);
        let visitor = instance.anonymous();
        let whole = going_on(
            &instance,
            &visitor,
            "identity.sign_in_with_passkey",
            shown.clone(),
        );
        whole.ok("books.journal", json!({}));
        let seen = owner.ok("identity.show_security", json!({}));
        assert_eq!(seen["passkeys"][0]["name"], "Laptop");
        assert!(seen["passkeys"][0]["last_used_at"].is_string(), "{seen}");
        // The answer to a question is good once.
        let said = visitor.refused("identity.sign_in_with_passkey", shown, 403);
        assert!(said.contains("a question is good once"), "{said}");
        // After a password it is the second factor.
        let halfway = by_password(&instance, OWNER);
        let asked = halfway.ok("identity.start_passkey_proof", json!({}));
        let passkey = device.show(&asked["options"]);
        let shown = json!({"challenge": asked["challenge"], "passkey": passkey});
        let proved = going_on(&instance, &halfway, "identity.prove_second_factor", shown);
        proved.ok("books.journal", json!({}));
    });
}

#[test]
fn a_question_is_for_one_browser_one_purpose_and_five_minutes() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (mut device, owner) = add_passkey(&instance, &by_password(&instance, OWNER));
        let visitor = instance.anonymous();
        let late = shown_at_the_door(&instance, &mut device);
        wait(&instance, 5 * 60 + 1);
        visitor.refused("identity.sign_in_with_passkey", late, 403);
        // A question put to one session is not answered by another, nor at the door.
        let (mine, yours) = (by_password(&instance, OWNER), by_password(&instance, OWNER));
        let asked = mine.ok("identity.start_passkey_proof", json!({}));
        let passkey = device.show(&asked["options"]);
        let shown = json!({"challenge": asked["challenge"], "passkey": passkey});
        yours.refused("identity.prove_second_factor", shown.clone(), 403);
        visitor.refused("identity.sign_in_with_passkey", shown.clone(), 403);
        // Nor is an answer that was given at another origin of the same site.
        let mut elsewhere = device.taken_to("https://blog.books.example.com");
        let asked = visitor.ok("identity.start_passkey_sign_in", json!({}));
        let passkey = elsewhere.show(&asked["options"]);
        let foreign = json!({"challenge": asked["challenge"], "passkey": passkey});
        visitor.refused("identity.sign_in_with_passkey", foreign, 403);
        going_on(&instance, &mine, "identity.prove_second_factor", shown);
        drop(owner);
    });
}

#[test]
fn a_counter_that_goes_backwards_is_refused_and_told() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (mut device, owner) = add_passkey(&instance, &by_password(&instance, OWNER));
        let mut copy = device.clone();
        let visitor = instance.anonymous();
        for _ in 0..2 {
            let shown = shown_at_the_door(&instance, &mut device);
            going_on(&instance, &visitor, "identity.sign_in_with_passkey", shown);
        }
        let shown = shown_at_the_door(&instance, &mut copy);
        let said = visitor.refused("identity.sign_in_with_passkey", shown, 403);
        assert!(said.contains("counter went backwards"), "{said}");
        let seen = owner.ok("identity.show_security", json!({}));
        assert_eq!(seen["notices"][0]["kind"], "passkey_count_fell", "{seen}");
        let alerts = unseen(&instance);
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        assert_eq!(alerts[0]["kind"], "passkey_copied");
        assert_eq!(alerts[0]["email"], OWNER);
    });
}

#[test]
fn passkeys_are_renamed_and_removed_by_their_owner_alone() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (mut device, owner) = add_passkey(&instance, &by_password(&instance, OWNER));
        owner.ok("identity.make_recovery_codes", json!({}));
        let id = owner.ok("identity.show_security", json!({}))["passkeys"][0]["id"].clone();
        instance.make_person("grace@example.com");
        let grace = by_password(&instance, "grace@example.com");
        grace.refused(
            "identity.rename_passkey",
            json!({"id": id, "name": "Mine"}),
            404,
        );
        grace.refused("identity.remove_passkey", json!({"id": id}), 404);
        owner.ok(
            "identity.rename_passkey",
            json!({"id": id, "name": "Phone"}),
        );
        // The same device is not added twice.
        let asked = owner.ok("identity.start_passkey", json!({}));
        let excluded = asked["options"]["excludeCredentials"].as_array().unwrap();
        assert_eq!(excluded.len(), 1);
        owner.ok("identity.remove_passkey", json!({"id": id}));
        let shown = shown_at_the_door(&instance, &mut device);
        instance
            .anonymous()
            .refused("identity.sign_in_with_passkey", shown, 403);
        // Nothing is left for the recovery codes to stand in for.
        let seen = owner.ok("identity.show_security", json!({}));
        assert_eq!(seen["recovery_codes_left"], 0);
        by_password(&instance, OWNER).ok("books.journal", json!({}));
    });
}

#[test]
fn factors_stand_still_for_a_day_after_a_reset_without_one() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (_, owner) = set_up_app(&instance, &by_password(&instance, OWNER));
        let until = instance.clock.now().as_millisecond() + 24 * 3_600_000;
        let freeze = format!("UPDATE people SET factors_frozen_until_ms = {until}");
        instance.tamper(None, &freeze).unwrap();
        for operation in [
            "identity.start_totp",
            "identity.remove_totp",
            "identity.make_recovery_codes",
            "identity.start_passkey",
        ] {
            let said = owner.refused(operation, json!({}), 409);
            assert!(
                said.contains("can be changed again from"),
                "{operation}: {said}"
            );
        }
        assert!(owner.ok("identity.show_security", json!({}))["frozen_until"].is_string());
    });
}

#[test]
fn each_step_with_a_factor_is_one_record() {
    for_both_stores(|on| {
        let instance = instance(on);
        let caller = by_password(&instance, OWNER);
        let before = records(&instance, None);
        let (secret, owner) = set_up_app(&instance, &caller);
        assert_eq!(records(&instance, None), before + 2);
        owner.ok("identity.make_recovery_codes", json!({}));
        assert_eq!(records(&instance, None), before + 3);
        let halfway = by_password(&instance, OWNER);
        halfway.refused("identity.prove_second_factor", json!({"code": "zzzz"}), 403);
        let proved = going_on(
            &instance,
            &halfway,
            "identity.prove_second_factor",
            code(&instance, &secret),
        );
        assert_eq!(records(&instance, None), before + 6);
        proved.ok("identity.remove_totp", json!({}));
        assert_eq!(records(&instance, None), before + 7);
    });
}

#[test]
fn no_secret_of_a_factor_lies_in_clear() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (secret, owner) = set_up_app(&instance, &by_password(&instance, OWNER));
        let made = owner.ok("identity.make_recovery_codes", json!({}));
        let codes = made["codes"].as_array().unwrap().iter();
        let codes: Vec<&str> = codes.map(|code| code.as_str().unwrap()).collect();
        let bare: Vec<String> = codes.iter().map(|code| code.replace('-', "")).collect();
        let mut texts = vec![secret.as_str()];
        texts.extend(&codes);
        texts.extend(bare.iter().map(String::as_str));
        assert_eq!(
            files_holding(instance.folder(), &texts),
            Vec::<String>::new()
        );
        if on == On::Postgres {
            let cluster = daybook_testkit::Cluster::shared();
            let mut client = cluster.client(instance.database().unwrap());
            client.batch_execute("CHECKPOINT").unwrap();
            assert_eq!(
                files_holding(cluster.folder(), &texts),
                Vec::<String>::new()
            );
        }
    });
}

#[test]
fn whoever_has_no_second_factor_is_reminded_until_they_put_it_off() {
    for_both_stores(|on| {
        let instance = instance(on);
        let owner = by_password(&instance, OWNER);
        let reminded =
            |caller: &Caller<'_>| caller.ok("identity.show_factors", json!({}))["remind"].clone();
        assert_eq!(reminded(&owner), true);
        owner.ok("identity.dismiss_reminder", json!({}));
        assert_eq!(reminded(&owner), false);
        instance
            .clock
            .advance(SignedDuration::from_hours(24 * 30 + 1));
        let owner = by_password(&instance, OWNER);
        assert_eq!(reminded(&owner), true);
        let (_, owner) = set_up_app(&instance, &owner);
        assert_eq!(reminded(&owner), false);
    });
}
