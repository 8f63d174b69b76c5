//! Grants between workspaces: who gives them, what they open, and what both
//! logs tell of each use.

use daybook_kernel::Role;
use daybook_testkit::{Answer, Caller, Instance, On, Request, for_both_stores, until};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::scene::{entry, records, with_books};

pub const PARTNER: &str = "partner@example.com";
const CLERK: &str = "clerk@example.com";
const BOOKS: &str = "books.trial_balance";

/// The company `acme` with books, the practice `curie` with its Owner and a
/// clerk, and the practice's code.
fn scene(on: On) -> (Instance, String) {
    let instance = with_books(on);
    instance.owner().ok(
        "books.post_entry",
        entry("2026-03-01", "Sale", "1000", "4000", "5.00"),
    );
    instance.make_person(PARTNER);
    instance.make_person(CLERK);
    let made = instance.make_workspace("curie", PARTNER);
    let clerk = json!({"email": CLERK, "role": "Member"});
    instance
        .local_as(PARTNER, "curie")
        .ok("team.add_member", clerk);
    let code = made["id"].as_str().unwrap().to_owned();
    (instance, code)
}

/// A scene in which `acme` grants `curie` to read its books.
pub fn granted(on: On) -> (Instance, String) {
    let (instance, code) = scene(on);
    let grant = offer(
        &instance.member(Role::Owner),
        &code,
        &in_days(&instance, 90),
    );
    arrived(&instance, &grant);
    instance
        .sign_in(PARTNER, "curie")
        .ok("team.accept_grant", json!({"grant": grant}));
    (instance, grant)
}

fn offer(owner: &Caller<'_>, code: &str, last_day: &str) -> String {
    let offered = owner.ok("team.offer_grant", terms(code, last_day));
    offered["grant"].as_str().unwrap().to_owned()
}

fn terms(code: &str, last_day: &str) -> Value {
    json!({"practice": code, "scope": "books.read", "purpose": "Annual accounts", "until": last_day})
}

fn in_days(instance: &Instance, days: i64) -> String {
    let at = instance.engine().now() + SignedDuration::from_hours(24 * days);
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

fn arrived(instance: &Instance, grant: &str) {
    until("the offer arrives", || {
        state(&instance.local_as(PARTNER, "curie"), "received", grant) == "offered"
    });
}

/// How a grant stands at one side.
fn state(caller: &Caller<'_>, side: &str, grant: &str) -> String {
    let listed = caller.ok("team.list_grants", json!({}));
    let listed = listed[side].as_array().unwrap();
    let found = listed.iter().find(|it| it["grant"] == grant);
    found.map_or_else(String::new, |it| it["state"].as_str().unwrap().to_owned())
}

/// Waits until both sides have been told.
pub fn settled(instance: &Instance, grant: &str, how: &str) {
    until("both sides know", || {
        state(&instance.owner(), "given", grant) == how
            && state(&instance.local_as(PARTNER, "curie"), "received", grant) == how
    });
}

fn logs(instance: &Instance) -> [i64; 2] {
    ["acme", "curie"].map(|it| records(instance, Some(it)))
}

fn last(instance: &Instance, by: &str, workspace: &str) -> Value {
    let last = "SELECT max(seq) FROM audit_records
                WHERE operation <> 'trust.show_activity' OR outcome = 'refused'";
    let seq = instance.peek(Some(workspace), last);
    instance
        .local_as(by, workspace)
        .ok("trust.show_activity", json!({"seq": seq}))
}

#[test]
fn a_grant_opens_the_books_until_it_ends_and_both_logs_tell_of_each_use() {
    for_both_stores(|on| {
        let (instance, code) = scene(on);
        let clerk = instance.sign_in(CLERK, "curie~acme");
        let partner = instance.sign_in(PARTNER, "curie");
        // Without a grant there is nothing: what does not exist looks the same.
        let nowhere = clerk.at("curie~nosuch").refused(BOOKS, json!({}), 404);
        assert_eq!(clerk.refused(BOOKS, json!({}), 404), nowhere);

        let owner = instance.member(Role::Owner);
        let grant = offer(&owner, &code, &in_days(&instance, 90));
        arrived(&instance, &grant);
        let said = clerk.refused(BOOKS, json!({}), 403);
        assert!(said.contains("waits for an Owner"), "{said}");
        partner.ok("team.accept_grant", json!({"grant": grant}));
        settled(&instance, &grant, "accepted");

        // Its books are read; nothing is written, and nothing else is read.
        assert_eq!(used(&instance, &clerk, BOOKS, json!({})), 200);
        let sale = entry("2026-03-02", "Sale", "1000", "4000", "7.00");
        assert_eq!(used(&instance, &clerk, "books.post_entry", sale), 403);
        assert_eq!(used(&instance, &clerk, "team.list_members", json!({})), 403);
        assert_eq!(
            used(&instance, &clerk, "trust.list_activity", json!({})),
            403
        );
        assert_eq!(
            instance.peek(Some("acme"), "SELECT count(*) FROM entries"),
            1
        );

        owner.ok("team.revoke_grant", json!({"grant": grant}));
        assert_eq!(clerk.call(BOOKS, json!({})).status, 403);
        settled(&instance, &grant, "revoked");
        assert_eq!(used(&instance, &clerk, BOOKS, json!({})), 403);
        assert_eq!(
            used(&instance, &clerk, "books.show_standing", json!({})),
            403
        );
    });
}

/// Calls an operation abroad: each call leaves one record in both logs, and they
/// tell of the same request.
fn used(instance: &Instance, clerk: &Caller<'_>, operation: &str, input: Value) -> u16 {
    let [acme, curie] = logs(instance);
    let answer = clerk.call(operation, input);
    assert_eq!(
        logs(instance),
        [acme + 1, curie + 1],
        "{operation}: {}",
        answer.text()
    );
    let there = last(instance, "owner@example.com", "acme");
    let here = last(instance, PARTNER, "curie");
    let outcome = if answer.status == 200 {
        "allowed"
    } else {
        "refused"
    };
    for record in [&there, &here] {
        assert_eq!(record["outcome"], outcome, "{record}");
        assert_eq!(record["actor_email"], CLERK, "{record}");
    }
    assert_eq!(there["request"], here["request"]);
    assert_eq!(there["operation"], operation);
    assert_eq!(there["actor_kind"], "guest");
    assert_eq!(here["operation"], "team.visit_company");
    assert_eq!(here["target_kind"], "ReceivedGrant");
    let (there, here) = (there["after"].to_string(), here["after"].to_string());
    assert!(
        there.contains("curie") && there.contains("grant"),
        "{there}"
    );
    assert!(here.contains("acme") && here.contains(operation), "{here}");
    answer.status
}

#[test]
fn a_grant_expires_after_its_last_day() {
    for_both_stores(|on| {
        let (instance, grant) = granted(on);
        settled(&instance, &grant, "accepted");
        let clerk = || instance.local_as(CLERK, "curie~acme");
        instance.clock.advance(SignedDuration::from_hours(24 * 90));
        clerk().ok(BOOKS, json!({}));
        instance.clock.advance(SignedDuration::from_hours(24));
        let said = clerk().refused(BOOKS, json!({}), 403);
        assert!(said.contains("expired"), "{said}");
        let listed = instance.owner().ok("team.list_grants", json!({}));
        assert_eq!(listed["given"][0]["expired"], true);
        // What is offered too long ago is not accepted any more.
        instance.local_as(PARTNER, "curie").refused(
            "team.accept_grant",
            json!({"grant": grant}),
            409,
        );
    });
}

#[test]
fn a_grant_takes_both_owners_with_a_fresh_factor() {
    for_both_stores(|on| {
        let (instance, code) = scene(on);
        let last_day = in_days(&instance, 30);
        let admin = instance.member(Role::Admin);
        admin.refused("team.offer_grant", terms(&code, &last_day), 403);
        let owner = instance.sign_in_anew("owner@example.com", "acme");
        instance.clock.advance(SignedDuration::from_mins(11));
        let stale = owner.refused("team.offer_grant", terms(&code, &last_day), 403);
        assert!(stale.contains("step_up_required"), "{stale}");
        let grant = offer(&instance.owner(), &code, &last_day);
        arrived(&instance, &grant);
        let partner = instance.sign_in_anew(PARTNER, "curie");
        let clerk = instance.sign_in_anew(CLERK, "curie");
        instance.clock.advance(SignedDuration::from_mins(11));
        let accepting = json!({"grant": grant});
        let stale = partner.refused("team.accept_grant", accepting.clone(), 403);
        assert!(stale.contains("step_up_required"), "{stale}");
        clerk.refused("team.accept_grant", accepting.clone(), 403);
        // The company cannot accept for the practice, nor the practice revoke for it.
        instance
            .owner()
            .refused("team.accept_grant", accepting.clone(), 404);
        instance
            .local_as(PARTNER, "curie")
            .refused("team.revoke_grant", accepting, 404);
        clerk.at("curie~acme").refused(BOOKS, json!({}), 403);
    });
}

#[test]
fn a_practice_code_is_no_oracle() {
    for_both_stores(|on| {
        let (instance, code) = scene(on);
        let owner = instance.owner();
        let last_day = in_days(&instance, 30);
        let plain = |mut offered: Value, code: &str| {
            for field in ["grant", "offered_at"] {
                offered[field] = Value::Null;
            }
            offered.to_string().replace(code, "the code")
        };
        let unknown = "ab".repeat(16);
        let known = owner.ok("team.offer_grant", terms(&code, &last_day));
        let nobody = owner.ok("team.offer_grant", terms(&unknown, &last_day));
        assert_eq!(plain(known.clone(), &code), plain(nobody, &unknown));
        arrived(&instance, known["grant"].as_str().unwrap());
        // Nor does the list tell, as long as nobody has accepted.
        let listed = owner.ok("team.list_grants", json!({}))["given"].clone();
        let [one, other] = [&listed[0], &listed[1]];
        assert_eq!(
            plain(one.clone(), one["other"].as_str().unwrap()),
            plain(other.clone(), other["other"].as_str().unwrap())
        );
        let own = owner.ok("team.list_grants", json!({}))["code"].clone();
        for (code, last_day) in [
            (own.as_str().unwrap(), last_day.as_str()),
            ("curie", &last_day),
            (&code, &in_days(&instance, 366)),
            (&code, &in_days(&instance, -1)),
            (&code, "soon"),
        ] {
            owner.refused("team.offer_grant", terms(code, last_day), 422);
        }
        owner.ok("team.offer_grant", terms(&code, &in_days(&instance, 365)));
    });
}

#[test]
fn whoever_leaves_the_practice_reads_no_company_any_more() {
    for_both_stores(|on| {
        let (instance, _) = granted(on);
        let clerk = instance.sign_in(CLERK, "curie~acme");
        let partner = instance.local_as(PARTNER, "curie");
        clerk.ok(BOOKS, json!({}));
        let members = partner.ok("team.list_members", json!({}));
        let members = members["members"].as_array().unwrap();
        let member = members.iter().find(|it| it["email"] == CLERK).unwrap();
        let person = json!({"person": member["person"]});
        let reads = || {
            instance
                .sign_in_anew(CLERK, "curie~acme")
                .call(BOOKS, json!({}))
                .status
        };
        partner.ok("team.suspend_member", person.clone());
        assert_eq!(reads(), 403);
        partner.ok("team.reinstate_member", person.clone());
        assert_eq!(reads(), 200);
        let mut viewer = person.clone();
        viewer["role"] = json!("Viewer");
        partner.ok("team.change_role", viewer);
        assert_eq!(reads(), 403);
        partner.ok("team.remove_member", person);
        let stranger = instance.sign_in_anew(CLERK, "curie~acme");
        let said = stranger.refused(BOOKS, json!({}), 404);
        for nowhere in ["nosuch~acme", "curie~nosuch", "acme", "nosuch"] {
            assert_eq!(
                stranger.at(nowhere).refused(BOOKS, json!({}), 404),
                said,
                "{nowhere}"
            );
        }
    });
}

#[test]
fn a_practice_gives_a_grant_back_at_once() {
    for_both_stores(|on| {
        let (instance, grant) = granted(on);
        let clerk = instance.local_as(CLERK, "curie~acme");
        clerk.ok(BOOKS, json!({}));
        settled(&instance, &grant, "accepted");
        let partner = instance.local_as(PARTNER, "curie");
        partner.ok("team.return_grant", json!({"grant": grant}));
        let said = clerk.refused(BOOKS, json!({}), 403);
        assert!(said.contains("given this grant back"), "{said}");
        settled(&instance, &grant, "returned");
        partner.refused("team.return_grant", json!({"grant": grant}), 409);
        partner.refused("team.accept_grant", json!({"grant": grant}), 409);
        clerk.refused(BOOKS, json!({}), 403);
    });
}

#[test]
fn every_change_of_a_grant_is_published_on_both_sides() {
    for_both_stores(|on| {
        let (instance, grant) = granted(on);
        settled(&instance, &grant, "accepted");
        instance
            .owner()
            .ok("team.revoke_grant", json!({"grant": grant}));
        settled(&instance, &grant, "revoked");
        let published = |caller: &Caller<'_>| -> Vec<String> {
            let listed = caller.ok("team.list_access_changes", json!({}));
            let listed = listed["changes"].as_array().unwrap().iter();
            let grants = listed.filter(|it| it["kind"] == "grant");
            let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
            let told = grants.map(|it| {
                let parts = ["actor", "subject", "old", "new"];
                parts.map(|name| text(it, name)).join(" | ")
            });
            told.collect()
        };
        let day = in_days(&instance, 90);
        let terms = format!("books.read until {day}");
        // Every member reads them.
        let there = published(&instance.member(Role::Viewer));
        assert_eq!(there.len(), 3, "{there:?}");
        assert_eq!(there[0], format!("owner@example.com | curie | {terms} | "));
        assert_eq!(there[1], format!("{PARTNER} | curie | offered | {terms}"));
        assert!(
            there[2].ends_with(&format!(" | offered: {terms}")),
            "{}",
            there[2]
        );
        let here = published(&instance.local_as(CLERK, "curie"));
        assert_eq!(
            here,
            [
                format!("owner@example.com | acme | {terms} | "),
                format!("{PARTNER} | acme |  | {terms}"),
            ]
        );
    });
}

#[test]
fn what_one_of_the_logs_cannot_tell_is_not_read() {
    for_both_stores(|on| {
        let (instance, grant) = granted(on);
        settled(&instance, &grant, "accepted");
        let clerk = instance.local_as(CLERK, "curie~acme");
        for workspace in ["acme", "curie"] {
            let tamper = |how: &str| instance.tamper(Some(workspace), how).unwrap();
            tamper("ALTER TABLE audit_records RENAME TO hidden");
            let answer = clerk.call(BOOKS, json!({}));
            assert_eq!(answer.status, 503, "{workspace}: {}", answer.text());
            assert!(!answer.text().contains("5.00"), "{}", answer.text());
            let page = page(&instance, "/w/curie~acme/books/reports/trial-balance");
            assert_eq!(page.status, 503, "{workspace}: {}", page.text());
            tamper("ALTER TABLE hidden RENAME TO audit_records");
            clerk.ok(BOOKS, json!({}));
        }
    });
}

fn page(instance: &Instance, path: &str) -> Answer {
    let clerk = instance.sign_in(CLERK, "curie");
    clerk.send(Request::new("GET", path))
}

#[test]
fn policies_of_either_side_bar_a_guest() {
    for_both_stores(|on| {
        let (instance, _) = granted(on);
        let clerk = instance.sign_in(CLERK, "curie~acme");
        clerk.ok(BOOKS, json!({}));
        let policy = json!({"name": "From the office", "roles": ["Member"],
            "rule": {"kind": "addresses", "networks": ["10.0.0.0/8"]}});
        for side in [instance.owner(), instance.local_as(PARTNER, "curie")] {
            let set = side.ok("team.set_policy", policy.clone());
            let said = clerk.refused(BOOKS, json!({}), 403);
            assert!(said.contains("From the office"), "{said}");
            side.ok("team.remove_policy", json!({"id": set["id"]}));
            clerk.ok(BOOKS, json!({}));
        }
    });
}

#[test]
fn a_grant_holds_queries_of_its_books_and_nothing_else() {
    for_both_stores(|on| {
        let (instance, _) = granted(on);
        let clerk = instance.local_as(CLERK, "curie~acme");
        let before = instance.peek(Some("acme"), "SELECT count(*) FROM entries");
        let mut read = 0;
        for operation in instance.engine().registry().operations() {
            let name = operation.spec.name;
            if !operation.in_workspace() {
                continue;
            }
            let grants =
                daybook_kernel::Authorizer::grants_allowed(instance.engine().authorizer(), name);
            let answer = clerk.call(name, (operation.example)());
            assert!(answer.status < 500, "{name}: {}", answer.text());
            if grants.is_empty() {
                assert_eq!(answer.status, 403, "{name}: {}", answer.text());
                continue;
            }
            assert!(
                !operation.is_command() && name.starts_with("books."),
                "{name}"
            );
            assert_ne!(answer.status, 403, "{name}: {}", answer.text());
            read += 1;
        }
        assert!(read > 10, "{read}");
        assert_eq!(
            instance.peek(Some("acme"), "SELECT count(*) FROM entries"),
            before
        );
        // A token is bound to its own workspace, whatever that was granted.
        let token = instance.local_as(PARTNER, "curie").token(&["*"]);
        token.ok("team.list_companies", json!({}));
        token.at("curie~acme").refused(BOOKS, json!({}), 401);
    });
}

#[test]
fn the_practice_page_shows_every_company_as_it_stands() {
    for_both_stores(|on| {
        let (instance, grant) = granted(on);
        // The word of it has a record of its own, which is not to be taken for a use.
        settled(&instance, &grant, "accepted");
        let owner = instance.owner();
        owner.ok(
            "books.lock_period",
            json!({"through": "2026-01-31", "reason": "Filed"}),
        );
        let [acme, curie] = logs(&instance);
        let shown = page(&instance, "/w/curie/practice");
        assert_eq!(shown.status, 200, "{}", shown.text());
        for part in ["acme", "2026-03-01", "2026-01-31", "/w/curie~acme/"] {
            assert!(shown.text().contains(part), "{part}: {}", shown.text());
        }
        assert_eq!(logs(&instance), [acme + 1, curie + 1]);
        let there = last(&instance, "owner@example.com", "acme");
        assert_eq!(there["operation"], "books.show_standing");

        // Each question of a page of the company stands in both logs.
        let [acme, curie] = logs(&instance);
        let report = page(&instance, "/w/curie~acme/books/reports/trial-balance");
        assert_eq!(report.status, 200, "{}", report.text());
        assert!(
            report.text().contains("You read here for curie"),
            "{}",
            report.text()
        );
        assert!(!report.text().contains("/w/acme"), "{}", report.text());
        let [there, here] = logs(&instance);
        assert_eq!((there - acme, here - curie), (1, 1));
        assert_eq!(page(&instance, "/w/curie~acme/team/members").status, 403);
        let [refused, told] = logs(&instance);
        assert_eq!((refused - there, told - here), (1, 1));
        let record = last(&instance, "owner@example.com", "acme");
        assert_eq!(record["operation"], "team.list_members");
        assert_eq!(record["outcome"], "refused");
    });
}

#[test]
fn thirty_companies_are_asked_at_once() {
    const COMPANIES: usize = 30;
    let (instance, code) = scene(On::Embedded);
    let partner = instance.local_as(PARTNER, "curie");
    let last_day = in_days(&instance, 90);
    for number in 0..COMPANIES {
        let slug = format!("company-{number:02}");
        instance.make_workspace(&slug, "owner@example.com");
        let owner = instance.local(&slug);
        let grant = offer(&owner, &code, &last_day);
        arrived(&instance, &grant);
        partner.ok("team.accept_grant", json!({"grant": grant}));
    }
    let first = page(&instance, "/w/curie/practice");
    assert_eq!(first.status, 200, "{}", first.text());
    let read = |number: usize| {
        let slug = format!("company-{number:02}");
        instance.peek(
            Some(&slug),
            "SELECT count(*) FROM audit_records WHERE operation = 'books.show_standing'",
        )
    };
    let visits = "SELECT count(*) FROM audit_records WHERE operation = 'team.visit_company'";
    assert_eq!(instance.peek(Some("curie"), visits), 30);
    assert!((0..COMPANIES).all(|it| read(it) == 1));
    // One that cannot be read keeps no other from being shown.
    let broken = "ALTER TABLE audit_records RENAME TO hidden";
    instance.tamper(Some("company-07"), broken).unwrap();
    let shown = page(&instance, "/w/curie/practice");
    assert_eq!(shown.status, 200, "{}", shown.text());
    assert_eq!(shown.text().matches("No entry yet").count(), COMPANIES - 1);
    assert_eq!(shown.text().matches("Not to be read").count(), 1);
    assert_eq!(instance.peek(Some("curie"), visits), 30 + 29);
}

#[test]
fn rows_leave_a_company_behind_a_fresh_factor() {
    for_both_stores(|on| {
        let (instance, grant) = granted(on);
        settled(&instance, &grant, "accepted");
        let clerk = instance.sign_in_anew(CLERK, "curie~acme");
        let rows = || {
            let path = format!("/api/v1/curie~acme/{BOOKS}?format=csv");
            clerk.send(Request::new("GET", &path))
        };
        let [acme, curie] = logs(&instance);
        let fresh = rows();
        assert_eq!(fresh.status, 200, "{}", fresh.text());
        assert!(fresh.text().contains("1000,Cash"), "{}", fresh.text());
        assert_eq!(logs(&instance), [acme + 1, curie + 1]);
        instance.clock.advance(SignedDuration::from_mins(11));
        let stale = rows();
        assert_eq!(stale.status, 403, "{}", stale.text());
        assert!(
            stale.text().contains("step_up_required"),
            "{}",
            stale.text()
        );
        assert_eq!(logs(&instance), [acme + 2, curie + 2]);
    });
}
