//! The door as a browser meets it.

use daybook_testkit::PASSWORD;
use daybook_testkit::browser::Browser;
use serde_json::{Value, json};

use crate::scene::{OWNER, company, entries, signed_in};

#[test]
fn the_right_password_leads_to_where_one_was_heading() {
    let instance = company();
    let browser = Browser::start(instance.address());
    assert_eq!(browser.open("/w/acme/books/reports/trial-balance"), 401);
    browser.titled("Sign in");
    browser.sign_in(OWNER, "not my password");
    browser.find(".fault-summary");
    assert_eq!(session(&browser), None);

    browser.sign_in(OWNER, PASSWORD);
    browser.find("body.shell");
    // The first page after signing in may carry a word of advice.
    let path = browser.path();
    let place = path.split('?').next();
    assert_eq!(place, Some("/w/acme/books/reports/trial-balance"));
    let cookie = session(&browser).unwrap();
    for (attribute, value) in [
        ("path", json!("/")),
        ("httpOnly", json!(true)),
        ("secure", json!(true)),
        ("sameSite", json!("Strict")),
    ] {
        assert_eq!(cookie[attribute], value, "{attribute}");
    }
    assert_eq!(browser.execute("return document.cookie", &[]), "");
    browser.has_no_complaints();
}

#[test]
fn a_form_of_another_session_is_refused() {
    let instance = company();
    let before = entries(&instance);
    let browser = signed_in(&instance);
    browser.open("/w/acme/books/entries/5");
    browser.execute(FORGE, &[]);
    browser.find("#reverse [name=reason]").fill("Forged");
    browser.find("#reverse .button").click();
    browser.titled("Not allowed");
    assert_eq!(browser.status(), 403);
    assert_eq!(entries(&instance), before);
}

#[test]
fn a_foreign_workspace_is_not_found() {
    let instance = company();
    instance.make_person("stranger@example.com");
    instance.make_workspace("globex", "stranger@example.com");
    let browser = signed_in(&instance);
    for path in ["/w/globex", "/w/globex/books/entries", "/w/nobody"] {
        assert_eq!(browser.open(path), 404, "{path}");
        browser.titled("Not found");
    }
}

const FORGE: &str = "for (const field of document.querySelectorAll('main [name=csrf]')) field.value = '0'.repeat(64)";

#[test]
fn signing_out_ends_the_session_for_the_back_button_too() {
    let instance = company();
    let browser = signed_in(&instance);
    browser.open("/w/acme/books/entries");
    browser.find(".rail form .button").click();
    browser.titled("Sign in");
    assert_eq!(session(&browser), None);
    browser.back();
    browser.titled("Sign in");
    assert!(!browser.execute(TEXT, &[]).to_string().contains("Invoice"));
    browser.has_no_complaints();
}

const TEXT: &str = "return document.body.innerText";

/// The cookie of the session; that of the forms is for whoever is not signed in too.
fn session(browser: &Browser) -> Option<Value> {
    let cookies = browser.cookies();
    let mut all = cookies.as_array()?.iter();
    all.find(|it| it["name"] == "__Host-daybook").cloned()
}
