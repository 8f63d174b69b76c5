//! Guessing at passwords: counted in the store, for known and unknown accounts
//! alike, and never so that an outsider locks an owner out for good.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::mpsc::channel;

use daybook_engine::limits::Allowances;
use daybook_engine::{Call, Credential};
use daybook_kernel::operation::Wanted;
use daybook_kernel::{Error, Origin, Refusal};
use daybook_testkit::{Answer, Caller, Instance, On, Options, PASSWORD, Request, for_both_stores};
use jiff::SignedDuration;
use serde_json::json;

use crate::scene::instance;

const OWNER: &str = "owner@example.com";
const NOBODY: &str = "nobody@example.com";
const WRONG: &str = "not the right password";

fn try_one(instance: &Instance, email: &str, password: &str) -> Answer {
    let input = json!({"email": email, "password": password});
    instance.anonymous().call("identity.sign_in", input)
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

fn wait(answer: &Answer) -> u32 {
    assert_eq!(answer.status, 429, "{}", answer.text());
    answer.header("retry-after").unwrap().parse().unwrap()
}

/// As the product comes: ten tries a minute, twenty requests a second.
pub fn as_it_comes(on: On) -> Instance {
    limited(on, Allowances::default())
}

fn limited(on: On, allowances: Allowances) -> Instance {
    let mut instance = instance(on);
    instance.options_mut().allowances = allowances;
    instance.restart();
    instance
}

/// A try from another address, by the engine's own door.
pub fn from(
    instance: &Instance,
    address: &str,
    email: &str,
    password: &str,
) -> Result<Vec<u8>, Error> {
    let origin = Origin {
        device: None,
        address: address.to_owned(),
        agent: "a guesser".to_owned(),
    };
    come(instance, email, password, origin)
}

/// The same, with what the client calls itself.
pub fn come(
    instance: &Instance,
    email: &str,
    password: &str,
    origin: Origin,
) -> Result<Vec<u8>, Error> {
    let engine = instance.engine();
    let operation = engine.registry().operation("identity.sign_in").unwrap();
    let input = json!({"email": email, "password": password});
    let call = Call {
        workspace: None,
        operation,
        input: input.to_string().into_bytes(),
        credential: Credential::Nobody,
        origin: Arc::new(origin),
        request: engine.new_request().unwrap(),
    };
    let (sender, receiver) = channel();
    engine.command(call, Box::new(move |result| sender.send(result).unwrap()));
    receiver.recv().unwrap()
}

fn is_throttled(result: &Result<Vec<u8>, Error>) -> bool {
    matches!(result, Err(Error::Refused(Refusal::TooMany { .. })))
}

#[test]
fn waits_grow_and_the_right_password_works_after_them() {
    for_both_stores(|on| {
        let mut instance = instance(on);
        for _ in 0..5 {
            assert_eq!(try_one(&instance, OWNER, WRONG).status, 403);
        }
        // Five are free; from the sixth on each costs twice the wait before.
        for expected in [1, 2, 4, 8] {
            assert_eq!(try_one(&instance, OWNER, WRONG).status, 403);
            assert_eq!(wait(&try_one(&instance, OWNER, WRONG)), expected);
            // The right one waits too, and trying it makes no difference.
            assert_eq!(wait(&try_one(&instance, OWNER, PASSWORD)), expected);
            instance.restart();
            assert_eq!(wait(&try_one(&instance, OWNER, PASSWORD)), expected);
            instance.clock.advance(seconds(i64::from(expected)));
        }
        assert_eq!(try_one(&instance, OWNER, PASSWORD).status, 200);
        // It clears the account: five are free again.
        for _ in 0..5 {
            assert_eq!(try_one(&instance, OWNER, WRONG).status, 403);
        }
        assert_eq!(try_one(&instance, OWNER, PASSWORD).status, 200);
    });
}

#[test]
fn after_a_hundred_in_a_row_the_password_is_not_asked_any_more() {
    let instance = instance(On::Embedded);
    for _ in 0..100 {
        assert_eq!(try_one(&instance, OWNER, WRONG).status, 403);
        instance.clock.advance(seconds(15 * 60));
    }
    instance.clock.advance(seconds(24 * 60 * 60));
    assert_eq!(wait(&try_one(&instance, OWNER, PASSWORD)), 900);
    // Somebody else's account is as it was.
    instance.make_person("grace@example.com");
    assert_eq!(
        try_one(&instance, "grace@example.com", PASSWORD).status,
        200
    );
}

#[test]
fn known_unknown_and_locked_answer_with_the_same_bytes() {
    for_both_stores(|on| {
        let instance = instance(on);
        let same = |one: &Answer, two: &Answer| {
            let told = |answer: &Answer| {
                let own = ["x-request-id", "date"];
                let mut headers = answer.headers.clone();
                headers.retain(|(name, _)| !own.contains(&name.as_str()));
                (answer.status, headers, answer.text())
            };
            assert_eq!(told(one), told(two));
        };
        for _ in 0..6 {
            let (known, unknown) = (
                try_one(&instance, OWNER, WRONG),
                try_one(&instance, NOBODY, WRONG),
            );
            assert_eq!(known.status, 403);
            same(&known, &unknown);
        }
        let (known, unknown) = (
            try_one(&instance, OWNER, PASSWORD),
            try_one(&instance, NOBODY, PASSWORD),
        );
        assert_eq!(known.status, 429);
        same(&known, &unknown);
    });
}

#[test]
fn fifty_tries_at_once_count_as_fifty() {
    for_both_stores(|on| {
        let instance = instance(on);
        let statuses = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..50 {
                scope.spawn(|| {
                    let status = try_one(&instance, OWNER, WRONG).status;
                    statuses.lock().unwrap().push(status);
                });
            }
        });
        let statuses = statuses.into_inner().unwrap();
        let count = |wanted: u16| statuses.iter().filter(|it| **it == wanted).count();
        // Five free ones and the one whose failure begins the wait.
        assert_eq!((count(403), count(429)), (6, 44), "{statuses:?}");
        let failures = instance.peek(None, "SELECT max(failures) FROM guess_waits");
        assert_eq!(failures, 6);
    });
}

#[test]
fn ten_tries_a_minute_from_one_address_and_at_one_account() {
    for_both_stores(|on| {
        let mut instance = as_it_comes(on);
        // From one address, at as many accounts as one likes.
        for at in 0..10 {
            let email = format!("{at}@example.com");
            let tried = from(&instance, "192.0.2.1", &email, WRONG);
            assert!(!is_throttled(&tried), "{at}");
        }
        assert!(is_throttled(&from(&instance, "192.0.2.1", OWNER, PASSWORD)));
        instance.restart();
        assert!(is_throttled(&from(&instance, "192.0.2.1", OWNER, PASSWORD)));
        assert!(from(&instance, "192.0.2.2", OWNER, PASSWORD).is_ok());
        // One house on IPv6 is one address.
        for at in 0..10 {
            let (address, email) = (format!("2001:db8::{at}"), format!("six{at}@example.com"));
            assert!(!is_throttled(&from(&instance, &address, &email, WRONG)));
        }
        assert!(is_throttled(&from(
            &instance,
            "2001:db8::ffff",
            NOBODY,
            WRONG
        )));
        assert!(!is_throttled(&from(
            &instance,
            "2001:db8:0:1::1",
            NOBODY,
            WRONG
        )));
        instance.clock.advance(seconds(61));
        assert!(from(&instance, "192.0.2.1", OWNER, PASSWORD).is_ok());
        // At one account, from eleven addresses: right ones count like wrong ones.
        instance.clock.advance(seconds(61));
        for at in 0..10 {
            assert!(from(&instance, &format!("198.51.100.{at}"), OWNER, PASSWORD).is_ok());
        }
        assert!(is_throttled(&from(
            &instance,
            "198.51.100.10",
            OWNER,
            PASSWORD
        )));
        instance.clock.advance(seconds(61));
        assert!(from(&instance, "198.51.100.10", OWNER, PASSWORD).is_ok());
    });
}

#[test]
fn other_routes_do_not_wait_for_guessers() {
    let instance = as_it_comes(On::Embedded);
    for _ in 0..12 {
        try_one(&instance, NOBODY, WRONG);
    }
    let refused = try_one(&instance, NOBODY, WRONG);
    assert!(wait(&refused) <= 60);
    assert_eq!(
        refused.header("ratelimit-policy"),
        Some("\"guess\";q=10;w=60")
    );
    let told = refused.header("ratelimit").unwrap();
    assert!(told.starts_with("\"guess\";r=0;t="), "{told}");
    let page = Request::new("GET", "/sign-in").send(instance.address());
    assert_eq!(page.status, 200);
}

#[test]
fn a_wait_is_in_the_log_once() {
    for_both_stores(|on| {
        let instance = instance(on);
        for _ in 0..6 {
            try_one(&instance, OWNER, WRONG);
        }
        let records = || instance.peek(None, "SELECT count(*) FROM audit_records");
        let before = records();
        for _ in 0..5 {
            assert_eq!(try_one(&instance, OWNER, WRONG).status, 429);
        }
        assert_eq!(records(), before + 1);
    });
}

/// Buckets fill by the clock on the wall, not by the one that stories move.
fn wall_clock() -> std::time::Duration {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap()
}

#[test]
fn twenty_requests_a_second_and_no_more() {
    let instance = as_it_comes(On::Embedded);
    let token = instance.owner().token(&["*"]);
    let burst = |forged: bool| {
        let begun = wall_clock();
        let mut served = 0_u32;
        for at in 0..60 {
            let (mut request, _) = token.request("books.list_accounts", &json!({}));
            if forged {
                request = request.header("x-forwarded-for", &format!("203.0.113.{at}"));
            }
            let answer = token.send(request);
            match answer.status {
                200 => served += 1,
                429 => assert!(wait(&answer) >= 1),
                other => panic!("{other}: {}", answer.text()),
            }
        }
        let passed = wall_clock().saturating_sub(begun);
        (served, passed.as_secs_f64())
    };
    // From its first answer on the token is known, and a second after it the
    // bucket of its person is full.
    while token.call("books.list_accounts", json!({})).status != 200 {}
    std::thread::park_timeout(std::time::Duration::from_millis(1_100));
    for forged in [false, true] {
        let (served, passed) = burst(forged);
        assert!(forged || served >= 20, "{served} in {passed} s");
        let most = 20.0 + 20.0 * passed + 1.0;
        assert!(f64::from(served) <= most, "{served} in {passed} s");
    }
}

#[test]
fn one_person_has_one_bucket_whatever_they_show() {
    let mut allowances = Options::on(On::Embedded).allowances;
    allowances.requests_per_second = NonZeroU32::MIN;
    let instance = limited(On::Embedded, allowances);
    let sessions: Vec<String> = (0..2)
        .map(|_| try_one(&instance, OWNER, PASSWORD).session().unwrap())
        .collect();
    let ask = |token: &str| {
        let caller = instance.cookie(token, "acme");
        caller.call("identity.list_sessions", json!({})).status
    };
    // Until a secret is known to be somebody's, it counts for its network.
    let until_known = |token: &str| {
        (0..200).any(|_| {
            std::thread::park_timeout(std::time::Duration::from_millis(50));
            ask(token) == 200
        })
    };
    assert!(until_known(&sessions[0]) && until_known(&sessions[1]));
    assert!(until_known(&sessions[0]));
    // The bucket of one is empty, and so is that of the other.
    assert_eq!(ask(&sessions[1]), 429);
}

/// A call of a query from any address, by the engine's own door; whether it is
/// answered, as against told to wait.
fn asks_from(instance: &Instance, address: &str, token: &str, workspace: &str) -> bool {
    let engine = instance.engine();
    let origin = Origin {
        address: address.to_owned(),
        agent: "a member".to_owned(),
        device: None,
    };
    let call = Call {
        workspace: Some(workspace.to_owned()),
        operation: engine.registry().operation("team.show_roles").unwrap(),
        input: b"{}".to_vec(),
        credential: Credential::Token(token.to_owned().into()),
        origin: Arc::new(origin),
        request: engine.new_request().unwrap(),
    };
    let (sender, receiver) = channel();
    let answer = move |result: Result<_, Error>| sender.send(result.map(|_| ())).unwrap();
    engine.query(call, Wanted::Json, answer);
    match receiver.recv().unwrap() {
        Ok(()) => true,
        Err(Error::Refused(Refusal::TooMany { .. })) => false,
        Err(error) => panic!("{error:?}"),
    }
}

/// So that buckets of one a second are full again.
fn a_second_later() {
    std::thread::park_timeout(std::time::Duration::from_millis(1_100));
}

/// From now on everybody has one request a second.
fn one_a_second(instance: &mut Instance) {
    instance.options_mut().allowances.requests_per_second = NonZeroU32::MIN;
    instance.restart();
}

fn token_of(caller: &Caller<'_>) -> String {
    caller.token(&["*"]).secret().to_owned()
}

#[test]
fn one_person_has_one_bucket_wherever_they_are() {
    let mut instance = instance(On::Embedded);
    let tokens = [(); 2].map(|()| token_of(&instance.owner()));
    one_a_second(&mut instance);
    let ask = |address: &str, token: usize| asks_from(&instance, address, &tokens[token], "acme");
    // Each secret is known from its first answer on.
    assert!(ask("192.0.2.1", 0) && ask("192.0.2.2", 1));
    a_second_later();
    assert!(ask("192.0.2.3", 0));
    // Another address, the same secret; and another secret of the same person.
    assert!(!ask("192.0.2.4", 0));
    assert!(!ask("192.0.2.5", 1));
    a_second_later();
    assert!(ask("192.0.2.4", 1));
    assert!(!ask("192.0.2.4", 0));
}

#[test]
fn the_members_of_a_workspace_have_ten_times_one_members_limit() {
    const MEMBERS: usize = 14;
    let mut instance = instance(On::Embedded);
    instance.make_workspace("globex", "owner@example.com");
    let elsewhere = token_of(&instance.local("globex"));
    let member = |at: usize| {
        let email = format!("m{at}@example.com");
        instance.make_person(&email);
        let input = json!({"email": email, "role": "Viewer"});
        instance.owner().ok("team.add_member", input);
        token_of(&instance.local_as(&email, "acme"))
    };
    let tokens: Vec<String> = (0..MEMBERS).map(member).collect();
    one_a_second(&mut instance);
    let ask = |at: usize| asks_from(&instance, &format!("198.51.100.{at}"), &tokens[at], "acme");
    let each = || (0..MEMBERS).filter(|at| ask(*at)).count();
    let there = || asks_from(&instance, "203.0.113.1", &elsewhere, "globex");
    // Whoever is not known yet is counted by address alone.
    assert_eq!(each(), MEMBERS);
    assert!(there());
    a_second_later();
    let begun = wall_clock();
    let served = each();
    let passed = wall_clock().saturating_sub(begun).as_secs_f64();
    assert!(served >= 10, "{served}");
    assert!(served < MEMBERS || passed > 0.3, "{served} in {passed} s");
    // The workspace beside it has its own.
    assert!(there());
}

#[test]
fn a_restart_fills_no_bucket() {
    let mut instance = as_it_comes(On::Embedded);
    instance.restart();
    let begun = wall_clock();
    let ask = || {
        instance
            .anonymous()
            .call("identity.sign_in", json!({"email": 1}))
            .status
    };
    let asked: Vec<u16> = (0..3).map(|_| ask()).collect();
    assert!(asked.iter().all(|status| *status != 500));
    let token = instance.owner().token(&["*"]);
    let served = (0..10)
        .filter(|_| token.call("books.list_accounts", json!({})).status == 200)
        .count();
    let passed = wall_clock().saturating_sub(begun);
    let most = 1.0 + 20.0 * passed.as_secs_f64() + 1.0;
    #[expect(clippy::cast_precision_loss, reason = "a count of ten")]
    let served = served as f64;
    assert!(
        served <= most || passed.as_secs_f64() > 1.0,
        "{served} in {passed:?}"
    );
}
