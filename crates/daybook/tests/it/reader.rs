//! What a reader is told around a deed: how it is undone, how far it has come, and figures as
//! they write them.

use daybook_kernel::ports::Progress as _;
use daybook_kernel::{RequestId, Role};
use daybook_testkit::{Answer, Caller, Instance, On, Request, for_both_stores};
use serde_json::{Value, json};

use crate::scene::{entry, with_books};

fn page(caller: &Caller<'_>, path: &str, language: &str) -> String {
    let request = Request::new("GET", path).header("accept-language", language);
    let answer = caller.send(request);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

/// Sends a form as a page of this session would.
fn form(caller: &Caller<'_>, operation: &str, fields: &[(&str, &str)], language: &str) -> Answer {
    let csrf = caller.form_token(caller.secret());
    let mut body = format!("csrf={csrf}");
    for (name, value) in fields {
        let value = value.bytes().map(|byte| format!("%{byte:02X}"));
        body.push_str(&format!("&{name}={}", value.collect::<String>()));
    }
    let mut request = Request::new("POST", &format!("/w/acme/do/{operation}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept-language", language);
    request.body = body.into_bytes();
    caller.send(request)
}

/// The value of a hidden field in the form that posts to an operation.
fn carried(html: &str, operation: &str, name: &str) -> String {
    let form = html
        .split("<form")
        .find(|it| it.contains(&format!("/do/{operation}\"")))
        .unwrap();
    let field = form
        .split(&format!("name=\"{name}\" value=\""))
        .nth(1)
        .unwrap();
    field.split('"').next().unwrap().replace("&quot;", "\"")
}

#[test]
fn a_deed_says_what_happened_and_takes_itself_back() {
    for_both_stores(|on: On| {
        let instance = with_books(on);
        let owner = owner(&instance);
        let path = "/w/acme/books/accounts/1000";
        let shown = page(&owner, path, "");
        let after = carried(&shown, "books.close_account", "after");
        let fields = [
            ("account", "1000"),
            ("page", path),
            ("next", path),
            ("after", &after),
        ];
        let went = form(&owner, "books.close_account", &fields, "");
        assert_eq!(went.status, 303, "{}", went.text());
        let next = went.header("location").unwrap().to_owned();

        let told = page(&owner, &next, "");
        assert!(told.contains("Account 1000 is closed."), "{told}");
        let notice = told.split("class=\"notice good\"").nth(1).unwrap();
        assert!(
            notice.contains("/w/acme/do/books.reopen_account") && notice.contains("data-key=\"u\"")
        );
        // It is of whoever did it, and an address that names none says nothing.
        let other = instance.member(Role::Admin);
        assert!(!page(&other, &next, "").contains("is closed."));
        assert!(
            !page(&owner, &format!("{path}?done=books.close_account"), "")
                .contains("class=\"notice")
        );

        let after = carried(notice, "books.reopen_account", "after");
        let fields = [
            ("account", "1000"),
            ("page", path),
            ("next", path),
            ("after", &after),
            ("undoing", "yes"),
        ];
        let went = form(&owner, "books.reopen_account", &fields, "");
        assert_eq!(went.status, 303, "{}", went.text());
        let told = page(&owner, went.header("location").unwrap(), "");
        assert!(told.contains("Account 1000 is open again."), "{told}");

        // Again it fails, and the page says so where the notice stood.
        let again = form(&owner, "books.reopen_account", &fields, "");
        assert_eq!(again.status, 422);
        assert!(again.text().contains("notice wrong"), "{}", again.text());
    });
}

#[test]
fn whoever_may_not_undo_is_not_offered_it() {
    let instance = with_books(On::Embedded);
    let viewer = instance.member(Role::Viewer);
    let after = json!({"said": "x", "undo": {"operation": "books.reopen_account", "input": {"account": "1000"}, "said": "y"}});
    let fields = [
        ("account", "1000"),
        ("page", "/w/acme/books/accounts"),
        ("after", &after.to_string()),
    ];
    let went = form(&viewer, "books.close_account", &fields, "");
    assert_eq!(went.status, 403, "{}", went.text());
}

#[test]
fn figures_follow_the_reader_and_what_they_type_is_read_so() {
    for_both_stores(|on: On| {
        let instance = with_books(on);
        let owner = owner(&instance);
        owner.ok(
            "books.post_entry",
            entry("2026-01-31", "Sale", "1000", "4000", "1234567.80"),
        );
        let path = "/w/acme/books/entries";
        for (language, amount, date) in [
            ("de-DE,de;q=0.9,en;q=0.5", "1.234.567,80", ">31.01.2026<"),
            ("en-US", "1,234,567.80", ">Jan 31, 2026<"),
            ("de-CH", "1\u{2019}234\u{2019}567.80", ">31.01.2026<"),
            ("xx", "1\u{202f}234\u{202f}567.80", ">31 Jan 2026<"),
        ] {
            let shown = page(&owner, path, language);
            assert!(
                shown.contains(amount) && shown.contains(date),
                "{language}: {shown}"
            );
        }
        // A filter is read as it is typed; so is an entry.
        let found = page(&owner, &format!("{path}?amount=1.234.567%2C80"), "de");
        assert!(found.contains(">31.01.2026<"), "{found}");
        let fields = |amount: &'static str| {
            [
                ("date", "2026-02-01"),
                ("description", "Chairs"),
                ("page", "/w/acme/books/entries/new"),
                ("next", "/w/acme/books/entries/{number}"),
                ("lines[0].account", "6000"),
                ("lines[0].debit", amount),
                ("lines[1].account", "1000"),
                ("lines[1].credit", "1234.5"),
            ]
        };
        let went = form(&owner, "books.post_entry", &fields("1.234,50"), "de");
        assert_eq!(went.status, 303, "{}", went.text());
        let shown = owner.ok("books.show_entry", json!({"number": 2}));
        assert!(shown.to_string().contains("1234.50"), "{shown}");
        // What comes back with a fault is what was typed.
        let back = form(&owner, "books.post_entry", &fields("1.235,50"), "de");
        assert_eq!(back.status, 422);
        assert!(
            back.text().contains("value=\"1.235,50\""),
            "{}",
            back.text()
        );
        // The API takes the decimal point alone.
        let comma = entry("2026-02-02", "Chairs", "6000", "1000", "1,50");
        owner.refused("books.post_entry", comma, 422);
    });
}

#[test]
fn progress_is_seen_by_those_who_may_do_the_work_and_by_no_other_workspace() {
    for_both_stores(|on: On| {
        let instance = with_books(on);
        let engine = instance.engine();
        let acme = engine
            .workspaces()
            .unwrap()
            .into_iter()
            .find(|it| it.slug == "acme");
        let reporter = engine.progress().reporter(
            RequestId::from_bytes([7; 16]),
            Some(acme.unwrap().id),
            "books.import_journal",
            engine.now(),
        );
        reporter.report(3_000, 12_000);
        let work = seen(&owner(&instance), 200);
        assert_eq!(work[0]["operation"], "books.import_journal");
        assert_eq!(
            (&work[0]["done"], &work[0]["total"]),
            (&json!(3_000), &json!(12_000))
        );
        assert!(work[0]["started_at"].is_string());
        assert_eq!(seen(&instance.member(Role::Viewer), 200), json!([]));
        assert_eq!(
            seen(&owner(&instance).token(&["books.list_entries"]), 200),
            json!([])
        );
        seen(&instance.anonymous(), 401);

        instance.make_person("ada@example.com");
        instance.make_workspace("other", "ada@example.com");
        let ada = instance.sign_in("ada@example.com", "other");
        let elsewhere = ada.send(Request::new("GET", "/api/v1/other/progress"));
        assert_eq!(elsewhere.json(), json!([]));
        seen(&ada, 404);

        reporter.report(0, 0);
        assert!(seen(&owner(&instance), 200)[0]["total"].is_null());
        drop(reporter);
        assert_eq!(seen(&owner(&instance), 200), json!([]));
    });
}

fn seen(caller: &Caller<'_>, status: u16) -> Value {
    let answer = caller.send(Request::new("GET", "/api/v1/acme/progress"));
    assert_eq!(answer.status, status, "{}", answer.text());
    answer.json()
}

#[test]
fn a_long_import_has_an_address_that_follows_it_and_leads_on() {
    let instance = with_books(On::Embedded);
    let owner = owner(&instance);
    // On a quiet machine six thousand end before anybody is told where to follow them.
    let journal = long_journal(24_000);
    let fields = [
        ("files[0].name", "long.journal"),
        ("files[0].text", &journal),
        ("page", "/w/acme/books/imports"),
        ("next", "/w/acme/books/imports"),
        (
            "after",
            r#"{"meanwhile":"Importing 24000 entries","said":"New entries: {entries}."}"#,
        ),
    ];
    let went = form(&owner, "books.import_journal", &fields, "");
    assert_eq!(went.status, 303, "{}", went.text());
    let follow = went.header("location").unwrap().to_owned();
    assert!(follow.starts_with("/w/acme/under-way/"), "{follow}");
    // It is nobody else's.
    let other = instance.member(Role::Admin);
    assert_eq!(other.send(Request::new("GET", &follow)).status, 404);
    let end = loop {
        let answer = owner.send(Request::new("GET", &follow));
        if answer.status == 303 {
            break answer.header("location").unwrap().to_owned();
        }
        let shown = answer.text();
        assert_eq!(answer.status, 200, "{shown}");
        assert!(
            shown.contains("Importing 24000 entries") && shown.contains("http-equiv=\"refresh\"")
        );
    };
    assert!(page(&owner, &end, "").contains("New entries: 24000."));
    // Coming back leads to the same end, and nothing was done twice.
    assert_eq!(owner.send(Request::new("GET", &follow)).status, 303);
    assert_eq!(entries(&instance), 24_000);
}

#[test]
fn what_is_wrong_with_a_long_import_is_told_on_its_page() {
    let instance = with_books(On::Embedded);
    let owner = owner(&instance);
    let journal = format!(
        "{}2026-13-45 No such day\n    A    1.00 EUR\n    B\n",
        long_journal(6_000)
    );
    let fields = [
        ("files[0].name", "long.journal"),
        ("files[0].text", journal.as_str()),
        ("page", "/w/acme/books/imports"),
        ("next", "/w/acme/books/imports"),
    ];
    let mut answer = form(&owner, "books.import_journal", &fields, "");
    while let Some(next) = answer.header("location").map(str::to_owned) {
        answer = owner.send(Request::new("GET", &next));
        let follows = answer.status == 200;
        answer = if follows {
            owner.send(Request::new("GET", &next))
        } else {
            answer
        };
        if answer.status == 200 {
            answer.headers.push(("location".to_owned(), next));
        }
    }
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(
        answer.text().contains("long.journal:24001: "),
        "{}",
        answer.text().split("<main").nth(1).unwrap_or_default()
    );
    assert_eq!(entries(&instance), 0);
}

fn long_journal(entries: usize) -> String {
    let entry = |at: usize| {
        format!(
            "2026-01-{:02} Coffee {at}\n    Expenses:Coffee    {at}.50 EUR\n    Assets:Bank\n\n",
            1 + at % 28
        )
    };
    (1..=entries).map(entry).collect()
}

fn entries(instance: &Instance) -> i64 {
    instance.peek(Some("acme"), "SELECT count(*) FROM entries")
}

/// The Owner at a browser.
fn owner(instance: &Instance) -> Caller<'_> {
    instance.sign_in("owner@example.com", "acme")
}
