//! What was done is taken back by one key, and long work is followed.

use daybook_testkit::PASSWORD;
use daybook_testkit::browser::{Browser, Scripts, key};

use crate::scene::{OWNER, company, entries, signed_in};

#[test]
fn the_key_u_takes_back_what_was_done() {
    let instance = company();
    let browser = signed_in(&instance);
    browser.open("/w/acme/books/accounts/1000");
    browser
        .find_path("//button[normalize-space()='Close account']")
        .click();
    browser.find_path("//div[contains(@class,'notice')][contains(.,'Account 1000 is closed.')]");
    browser.keys("u");
    browser
        .find_path("//div[contains(@class,'notice')][contains(.,'Account 1000 is open again.')]");

    // A posted entry asks why, once, and is reversed.
    let before = entries(&instance);
    browser.open("/w/acme/books/entries/new");
    for (name, text) in [
        ("description", "Chairs"),
        ("lines[0].account", "6000 Costs"),
        ("lines[0].debit", "1,300.50"),
        ("lines[1].account", "1200 Bank"),
        ("lines[1].credit", "1,300.50"),
    ] {
        browser.find(&format!("main [name='{name}']")).fill(text);
    }
    browser.control(key::ENTER);
    browser.titled(&format!("Entry {}", before + 1));
    browser.keys("u");
    browser.find(".undo input[name=reason]:focus");
    browser.keys("Sent back");
    browser.keys(&String::from(key::ENTER));
    browser.titled(&format!("Entry {}", before + 2));
    browser.says(&format!("Entry {} is reversed by this one.", before + 1));
    assert!(browser.axe().is_empty());
    browser.has_no_complaints();
}

#[test]
fn a_long_import_is_followed_with_and_without_scripts() {
    for scripts in [Scripts::On, Scripts::Off] {
        let instance = company();
        let before = entries(&instance);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("long.journal");
        std::fs::write(&file, journal(ENTRIES)).unwrap();
        let browser = Browser::start(instance.address());
        browser.size(1440, 900);
        browser.scripts(scripts);
        browser.open("/w/acme/books/imports");
        browser.sign_in(OWNER, PASSWORD);
        browser
            .find("#bring input[type=file]")
            .type_in(file.to_str().unwrap());
        browser.find("#bring .button.primary").click();
        browser.find("#preview .button.primary").click();
        browser.titled(&format!("Importing {TOLD} entries"));
        browser.find("#work progress");
        browser.says(&format!("New entries: {ENTRIES}."));
        assert_eq!(entries(&instance), before + ENTRIES);
        browser
            .find(".undo input[name=reason]")
            .fill("The wrong year");
        browser.find(".undo .button").click();
        browser.says(&format!("Entries reversed: {ENTRIES}."));
        browser.has_no_complaints();
    }
}

/// Reading that takes longer than a still page is looked at ends in the preview, which the server
/// answers as a form that came back: the page that follows the reading must take that for an end.
#[test]
fn a_long_reading_ends_in_its_preview() {
    let instance = company();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("longer.journal");
    std::fs::write(&file, journal(ENTRIES_LONG)).unwrap();
    for scripts in [Scripts::On, Scripts::Off] {
        let browser = Browser::start(instance.address());
        browser.size(390, 844);
        browser.scripts(scripts);
        browser.open("/w/acme/books/imports");
        browser.sign_in(OWNER, PASSWORD);
        browser
            .find("#bring input[type=file]")
            .type_in(file.to_str().unwrap());
        browser.find("#bring .button.primary").click();
        browser.titled("Reading the journal");
        assert_eq!(browser.overflow(), None);
        browser.find("#preview");
        browser.says("30,000");
        assert_eq!(browser.overflow(), None);
        browser.has_no_complaints();
    }
}

const ENTRIES: i64 = 8_000;
/// They are read for seconds, and kept by nobody.
const ENTRIES_LONG: i64 = 30_000;
const TOLD: &str = "8,000";

fn journal(entries: i64) -> String {
    let entry = |at: i64| {
        let day = 1 + at % 28;
        format!(
            "2026-03-{day:02} Flowers {at}\n    Expenses:Rooms    {at}.00 EUR\n    Assets:Petty cash\n\n"
        )
    };
    (1..=entries).map(entry).collect::<Vec<_>>().concat()
}
