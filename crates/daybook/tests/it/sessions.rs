//! Sessions: what the browser holds, how long it is good, and that another
//! token takes its place whenever something is shown or changes.

use daybook_kernel::Clock as _;
use daybook_testkit::{
    Answer, Caller, Cluster, Instance, On, PASSWORD, Request, files_holding, for_both_stores,
};
use jiff::{SignedDuration, ToSpan as _};
use serde_json::{Value, json};

use crate::factors::token_of;
use crate::scene::instance;

const OWNER: &str = "owner@example.com";
const GRACE: &str = "grace@example.com";

pub const DESK: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
pub const PHONE: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

fn sign_in(instance: &Instance, email: &str) -> Answer {
    let input = json!({"email": email, "password": PASSWORD});
    instance.anonymous().call("identity.sign_in", input)
}

/// The token of the Owner's session in a browser.
pub fn with_browser(instance: &Instance, agent: &str) -> String {
    let body = json!({"email": OWNER, "password": PASSWORD}).to_string();
    let request = Request::new("POST", "/api/v1/identity.sign_in")
        .json(body.as_bytes())
        .header("user-agent", agent);
    let answer: Answer = request.send(instance.address()).into();
    answer.session().unwrap()
}

fn session(instance: &Instance, email: &str) -> String {
    let answer = sign_in(instance, email);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.session().unwrap()
}

/// A request of a session that costs little.
fn ask(instance: &Instance, token: &str) -> Answer {
    let caller = instance.cookie(token, "acme");
    caller.call("identity.list_sessions", json!({}))
}

/// The same, and what it leaves behind is written: the store's clock is the
/// story's, which may jump by days before a note of use is.
fn used(instance: &Instance, token: &str) -> Answer {
    let answer = ask(instance, token);
    if answer.status == 200 {
        let now = instance.clock.now().as_millisecond();
        until(
            instance,
            "SELECT max(last_used_at_ms) FROM sessions",
            |it| it >= now - 60_000,
        );
    }
    answer
}

/// Waits for what nobody answers for; half a minute is more than it takes.
fn until(instance: &Instance, sql: &str, is_so: impl Fn(i64) -> bool) {
    for _ in 0..6_000 {
        if is_so(instance.peek(None, sql)) {
            return;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
    panic!("{sql}: it never was so");
}

/// Records of the instance's log, as the operator exports them.
pub fn instance_log(instance: &Instance) -> Vec<Value> {
    let desk = instance.engine().desk(None).unwrap();
    let mut out = Vec::new();
    desk.database
        .read(|store| daybook_engine::audit::export(store, &mut out).map(|_| ()))
        .unwrap();
    let text = String::from_utf8(out).unwrap();
    text.lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line.get("operation").is_some() || line.get("record").is_some())
        .collect()
}

#[test]
fn a_session_travels_in_a_host_cookie_and_nowhere_else() {
    for_both_stores(|on| {
        let instance = instance(on);
        let answer = sign_in(&instance, OWNER);
        let cookie = answer.session_cookie().unwrap().to_owned();
        let token = answer.session().unwrap();
        let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
        let wanted = [
            "Path=/",
            "Secure",
            "HttpOnly",
            "SameSite=Strict",
            "Max-Age=691200",
        ];
        assert_eq!(attributes, wanted);
        assert!(cookie.starts_with("__Host-daybook="));
        // 256 bits of it are the secret.
        assert_eq!(token.len(), 32 + 64);
        let elsewhere = |answer: &Answer| {
            let headers = answer.headers.iter();
            let others = headers.filter(|(_, value)| !value.starts_with("__Host-daybook="));
            others.map(|(_, value)| value.as_str()).collect::<String>() + &answer.text()
        };
        assert!(!elsewhere(&answer).contains(&token), "{}", answer.text());
        let caller = instance.cookie(&token, "acme");
        let input = json!({"current": PASSWORD, "new": "plinth otter vague seven"});
        let changed = caller.call("identity.change_password", input);
        assert_eq!(changed.status, 200, "{}", changed.text());
        let next = changed.session().unwrap();
        assert_ne!(next, token);
        assert!(!elsewhere(&changed).contains(&next));
        let out = instance
            .cookie(&next, "acme")
            .call("identity.sign_out", json!({}));
        assert_eq!(out.status, 200, "{}", out.text());
    });
}

#[test]
fn the_store_keeps_a_keyed_hash_and_no_token() {
    for_both_stores(|on| {
        let instance = instance(on);
        let token = session(&instance, OWNER);
        assert_eq!(ask(&instance, &token).status, 200);
        let vault = instance.engine().desk(None).unwrap();
        let vault = &vault.database.opening.vault;
        let hash = vault.keyed_hash("sessions.token", token.as_bytes());
        let other = vault.keyed_hash("sessions.another", token.as_bytes());
        let kept = kept_hash(&instance);
        assert_eq!(kept, hash);
        assert_ne!(kept, other);
        let secret = &token[32..];
        let texts = [token.as_str(), secret];
        assert_eq!(
            files_holding(instance.folder(), &texts),
            Vec::<String>::new()
        );
        if on == On::Postgres {
            let mut client = Cluster::shared().client(instance.database().unwrap());
            client.batch_execute("CHECKPOINT").unwrap();
            let found = files_holding(Cluster::shared().folder(), &texts);
            assert_eq!(found, Vec::<String>::new());
        }
    });
}

fn kept_hash(instance: &Instance) -> Vec<u8> {
    match instance.database() {
        None => instance
            .embedded(None)
            .query_row("SELECT token_hash FROM sessions", [], |row| row.get(0))
            .unwrap(),
        Some(database) => Cluster::shared()
            .client(database)
            .query_one("SELECT token_hash FROM daybook_instance.sessions", &[])
            .unwrap()
            .get(0),
    }
}

#[test]
fn a_session_ends_a_week_after_its_last_request() {
    for_both_stores(|on| {
        let instance = instance(on);
        let idle = |after: SignedDuration| {
            let token = session(&instance, OWNER);
            assert_eq!(used(&instance, &token).status, 200);
            instance.clock.advance(after);
            used(&instance, &token).status
        };
        assert_eq!(idle(hours(7 * 24) - minutes(1)), 200);
        assert_eq!(idle(hours(7 * 24) + minutes(1)), 401);
        // The last request counts, not the last time that the cookie was given.
        let token = session(&instance, OWNER);
        instance.clock.advance(hours(23));
        assert_eq!(used(&instance, &token).status, 200);
        instance.clock.advance(hours(6 * 24 + 23));
        assert_eq!(used(&instance, &token).status, 200);
    });
}

#[test]
fn an_expiry_is_in_the_log_though_nobody_asked() {
    for_both_stores(|on| {
        let instance = instance(on);
        session(&instance, OWNER);
        instance.clock.advance(hours(7 * 24) + minutes(1));
        let expired =
            "SELECT count(*) FROM audit_records WHERE operation = 'identity.expire_session'";
        // Housekeeping comes by every few seconds.
        until(&instance, expired, |seen| seen > 0);
        assert_eq!(instance.peek(None, expired), 1);
        // Whose it was and from where it was used, as for a session that one ends.
        let log = instance_log(&instance);
        let told = log.iter().map(Value::to_string);
        let told: Vec<String> = told
            .filter(|it| it.contains("identity.expire_session"))
            .collect();
        for word in [OWNER, "127.0.0.1", "allowed", "not used"] {
            assert!(told[0].contains(word), "{word}: {}", told[0]);
        }
    });
}

#[test]
fn the_cookie_is_given_anew_each_day_of_use() {
    for_both_stores(|on| {
        let instance = instance(on);
        let token = session(&instance, OWNER);
        instance.clock.advance(hours(1));
        assert_eq!(used(&instance, &token).session_cookie(), None);
        instance.clock.advance(hours(25));
        let again = used(&instance, &token);
        let cookie = again.session_cookie().unwrap();
        assert!(cookie.contains("Max-Age=691200"), "{cookie}");
        assert_eq!(again.session().unwrap(), token);
        // Pages do it as the API does.
        instance.clock.advance(hours(25));
        let page = Request::new("GET", "/account/sessions");
        let page: Answer = instance.cookie(&token, "acme").send(page);
        let refreshed = instance.clock.now().as_millisecond();
        until(
            &instance,
            "SELECT max(refreshed_at_ms) FROM sessions",
            |it| it == refreshed,
        );
        assert_eq!((page.status, page.session()), (200, Some(token.clone())));
        instance.clock.advance(hours(2));
        assert_eq!(used(&instance, &token).session_cookie(), None);
    });
}

#[test]
fn a_session_in_daily_use_ends_after_30_days() {
    for_both_stores(|on| {
        let instance = instance(on);
        let token = session(&instance, OWNER);
        // A browser that forgets its cookie when it is told to.
        let mut forgets_at = instance.clock.now() + 192.hours();
        for day in 1..=31 {
            instance.clock.advance(hours(24));
            let answer = used(&instance, &token);
            let expected = if day < 30 { 200 } else { 401 };
            assert_eq!(answer.status, expected, "day {day}");
            assert!(day >= 30 || instance.clock.now() < forgets_at, "day {day}");
            if answer.session_cookie().is_some() {
                forgets_at = instance.clock.now() + 192.hours();
            }
        }
    });
}

/// Showing oneself again gives another token, and no more time.
#[test]
fn a_session_that_is_renewed_each_day_ends_after_30_days_too() {
    for_both_stores(|on| {
        let instance = instance(on);
        let mut token = session(&instance, OWNER);
        for day in 1..30 {
            instance.clock.advance(hours(24));
            let caller = instance.cookie(&token, "acme");
            let stepped = caller.call("identity.step_up", json!({"password": PASSWORD}));
            assert_eq!(stepped.status, 200, "day {day}: {}", stepped.text());
            token = stepped.session().unwrap();
        }
        instance.clock.advance(hours(24) - minutes(1));
        assert_eq!(ask(&instance, &token).status, 200);
        instance.clock.advance(minutes(1));
        assert_eq!(ask(&instance, &token).status, 401);
    });
}

#[test]
fn the_token_before_is_dead_once_something_was_shown() {
    for_both_stores(|on| {
        let instance = instance(on);
        let first = session(&instance, OWNER);
        // Signing in again in the same browser.
        let caller = instance.cookie(&first, "acme");
        let input = json!({"email": OWNER, "password": PASSWORD});
        let again = caller.call("identity.sign_in", input);
        let second = token_of(&again);
        assert_eq!(ask(&instance, &first).status, 401);
        // Showing the password once more.
        let caller = instance.cookie(&second, "acme");
        let stepped = caller.call("identity.step_up", json!({"password": PASSWORD}));
        let third = token_of(&stepped);
        assert_eq!(ask(&instance, &second).status, 401);
        // Another password.
        let other = session(&instance, OWNER);
        let caller = instance.cookie(&third, "acme");
        let input = json!({"current": PASSWORD, "new": "plinth otter vague seven"});
        let changed = caller.call("identity.change_password", input);
        let fourth = token_of(&changed);
        for dead in [&third, &other] {
            assert_eq!(ask(&instance, dead).status, 401);
        }
        assert_eq!(ask(&instance, &fourth).status, 200);
    });
}

#[test]
fn rights_and_workspaces_that_change_change_the_token() {
    for_both_stores(|on| {
        let instance = instance(on);
        let grace = instance.make_person(GRACE);
        let owner = instance.owner();
        owner.ok("team.add_member", json!({"email": GRACE, "role": "Member"}));
        instance.make_workspace("second", GRACE);
        let open = |token: &str, path: &str| {
            let page = Request::new("GET", path).header("sec-fetch-mode", "navigate");
            instance.cookie(token, "acme").send(page)
        };
        let first = session(&instance, GRACE);
        let answer: Answer = open(&first, "/w/acme/");
        assert_eq!((answer.status, answer.session()), (200, None));
        owner.ok(
            "team.change_role",
            json!({"person": grace, "role": "Viewer"}),
        );
        until(&instance, "SELECT max(rotation_due) FROM sessions", |it| {
            it == 1
        });
        let answer = open(&first, "/w/acme/");
        assert_eq!(answer.status, 200);
        let second = answer.session().unwrap();
        assert_eq!(ask(&instance, &first).status, 401);
        let answer = open(&second, "/w/acme/team/members");
        assert_eq!(answer.session(), None, "nothing has changed");
        let answer = open(&second, "/w/second/");
        let third = answer.session().unwrap();
        assert_eq!(ask(&instance, &second).status, 401);
        assert_eq!(ask(&instance, &third).status, 200);
        // A form that was open before is of the same session still.
        let caller = instance.cookie(&third, "acme");
        assert_eq!(caller.form_token(&first), caller.form_token(&third));
    });
}

#[test]
fn a_link_in_a_letter_finds_whoever_is_signed_in() {
    let instance = instance(On::Embedded);
    let open = |site: &str| {
        let page = Request::new("GET", "/w/acme/books/entries?from=letter");
        let page = page.header("sec-fetch-mode", "navigate");
        page.header("sec-fetch-site", site).send(instance.address())
    };
    // The browser keeps a strict cookie back, and shows it when the page opens
    // itself once more.
    let answer = open("cross-site");
    assert_eq!(answer.status, 401);
    let again = answer.header("refresh");
    assert_eq!(again, Some("0; url=/w/acme/books/entries?from=letter"));
    assert_eq!(open("same-origin").header("refresh"), None);
}

#[test]
fn nobody_is_served_with_a_token_that_is_dead() {
    for_both_stores(|on| {
        let instance = instance(on);
        let before = session(&instance, OWNER);
        let caller = instance.cookie(&before, "acme");
        let after = std::sync::Mutex::new(None);
        let barrier = std::sync::Barrier::new(51);
        std::thread::scope(|scope| {
            for _ in 0..50 {
                scope.spawn(|| {
                    barrier.wait();
                    // While it changes, either may come first.
                    let status = ask(&instance, &before).status;
                    assert!(matches!(status, 200 | 401), "{status}");
                    if after.lock().unwrap().is_some() {
                        assert_eq!(ask(&instance, &before).status, 401);
                    }
                });
            }
            barrier.wait();
            let stepped = caller.call("identity.step_up", json!({"password": PASSWORD}));
            *after.lock().unwrap() = stepped.session();
            // From the answer on, none of fifty is.
            std::thread::scope(|late| {
                for _ in 0..50 {
                    late.spawn(|| assert_eq!(ask(&instance, &before).status, 401));
                }
            });
        });
        let after = after.into_inner().unwrap().unwrap();
        assert_eq!(ask(&instance, &after).status, 200);
    });
}

#[test]
fn one_sees_where_one_is_signed_in_and_ends_it() {
    for_both_stores(|on| {
        let instance = instance(on);
        let from = |agent: &str| with_browser(&instance, agent);
        let (desk, pocket) = (from(DESK), from(PHONE));
        let caller = instance.cookie(&desk, "acme");
        let list = || ask(&instance, &desk).json()["sessions"].clone();
        let sessions = list();
        let listed: Vec<(&str, bool)> = sessions
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                assert_eq!(it["address"], "127.0.0.1");
                (it["device"].as_str().unwrap(), it["is_this_one"] == true)
            })
            .collect();
        assert_eq!(listed.len(), 2);
        assert!(listed.contains(&("Firefox on Linux", true)), "{listed:?}");
        assert!(
            listed.contains(&("Safari on an iPhone", false)),
            "{listed:?}"
        );
        let other = sessions
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["is_this_one"] == false);
        caller.ok(
            "identity.revoke_session",
            json!({"id": other.unwrap()["id"]}),
        );
        assert_eq!(ask(&instance, &pocket).status, 401);
        assert_eq!(list().as_array().unwrap().len(), 1);
        // All others at once.
        let (one, two) = (from(PHONE), from(PHONE));
        caller.ok("identity.revoke_sessions", json!({"which": "others"}));
        for (token, status) in [(&one, 401), (&two, 401), (&desk, 200)] {
            assert_eq!(ask(&instance, token).status, status);
        }
        caller.ok("identity.revoke_sessions", json!({}));
        assert_eq!(ask(&instance, &desk).status, 401);
        // Somebody else's session is none.
        let own = from(DESK);
        instance.make_person(GRACE);
        let grace = instance.cookie(&session(&instance, GRACE), "acme");
        let id = &ask(&instance, &own).json()["sessions"][0]["id"];
        grace.refused("identity.revoke_session", json!({"id": id}), 404);
    });
}

#[test]
fn signing_in_and_out_leaves_one_record_each() {
    for_both_stores(|on| {
        let instance = instance(on);
        let before = instance_log(&instance).len();
        let with_agent = |caller: &Caller<'_>, operation: &str, input: Value| {
            let (request, _) = caller.request(operation, &input);
            caller.send(request.header("user-agent", "Firefox/140.0"))
        };
        let try_in = |password: &str| {
            let input = json!({"email": OWNER, "password": password});
            with_agent(&instance.anonymous(), "identity.sign_in", input)
        };
        assert_eq!(try_in("not the right password").status, 403);
        let token = try_in(PASSWORD).session().unwrap();
        let caller = instance.cookie(&token, "acme");
        let sign_out = || with_agent(&caller, "identity.sign_out", json!({})).status;
        assert_eq!(sign_out(), 200);
        // What is over is not ended once more, and leaves nothing.
        assert_eq!((sign_out(), ask(&instance, &token).status), (401, 401));
        let log = instance_log(&instance);
        let told: Vec<String> = log[before..].iter().map(Value::to_string).collect();
        assert_eq!(told.len(), 3, "{told:#?}");
        let owner = instance.peek(None, "SELECT count(*) FROM people");
        assert_eq!(owner, 1);
        let kinds = [
            ("identity.sign_in", "refused"),
            ("identity.sign_in", "allowed"),
            ("identity.sign_out", "allowed"),
        ];
        for (record, (operation, outcome)) in told.iter().zip(kinds) {
            let at = format!("\"at_ms\":{}", instance.clock.now().as_millisecond());
            for word in [operation, outcome, OWNER, "127.0.0.1", "Firefox/140.0", &at] {
                assert!(record.contains(word), "{word}: {record}");
            }
        }
    });
}
