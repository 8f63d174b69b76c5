//! An entry is saved as a template, and the template fills the next one, journal and all.

use daybook_testkit::PASSWORD;
use daybook_testkit::browser::{Browser, Scripts};
use serde_json::json;

use crate::scene::{OWNER, company, entries};

#[test]
fn a_template_fills_the_grid_with_and_without_scripts() {
    let instance = company();
    let lines = json!([{"account": "6000", "debit": "850"}, {"account": "1200", "credit": "850"}]);
    instance.owner().ok(
        "books.post_entry",
        json!({"date": "2026-05-01", "description": "Rent", "journal": "PUR", "lines": lines}),
    );
    let number = entries(&instance);
    for scripts in [Scripts::Off, Scripts::On] {
        let browser = Browser::start(instance.address());
        browser.size(1440, 900);
        browser.scripts(scripts);
        browser.open(&format!("/w/acme/books/entries/{number}"));
        browser.sign_in(OWNER, PASSWORD);
        browser.titled(&format!("Entry {number}"));
        browser.says("PUR Purchases");

        // Each time under a name of its own.
        let name = format!("Rent {scripts:?}");
        browser.find("#template [name=name]").fill(&name);
        browser.find("#template .button").click();
        browser.titled("Templates");
        browser.says(&format!("Template {name} is saved."));
        browser
            .find_path(&format!("//a[normalize-space()='{name}']"))
            .click();
        browser.titled(&format!("New entry: {name}"));
        let value = |field: &str| {
            let found = browser.find(&format!("main [name='{field}']"));
            found.property("value")
        };
        assert_eq!(value("journal"), "PUR");
        assert_eq!(value("description"), "Rent");
        assert_eq!(value("lines[0].account"), "6000");
        assert_eq!(value("lines[0].debit"), "850.00");
        assert_eq!(value("lines[1].credit"), "850.00");
        browser.find("main .buttons .button.primary").click();
        let posted = instance_entry(&browser);
        browser.says("PUR Purchases");
        assert_eq!(posted, entries(&instance));

        // The entry leads to the record that tells of it.
        browser
            .find_path("//a[starts-with(., 'Audit record')]")
            .click();
        browser.says("books.post_entry");
        browser.has_no_complaints();
    }
}

#[test]
fn a_journal_is_opened_renamed_and_closed_on_its_page() {
    let instance = company();
    let browser = crate::scene::signed_in(&instance);
    browser.open("/w/acme/books/journals");
    browser.find("#open [name=code]").fill("shop");
    browser.find("#open [name=name]").fill("Shop");
    browser.find("#open .button").click();
    browser
        .find_path("//a[contains(normalize-space(), 'SHOP Shop')]")
        .click();
    browser.titled("Journal SHOP Shop");
    browser.find("#rename [name=name]").fill("Corner shop");
    browser.find("#rename .button").click();
    browser.titled("Journal SHOP Corner shop");
    browser.keys("u");
    browser.titled("Journal SHOP Shop");
    browser.says("Journal SHOP is named Shop again.");
    browser.find("#state .button").click();
    browser.find_path("//button[normalize-space()='Reopen journal']");
    browser.keys("u");
    browser.says("Journal SHOP is open again.");
    browser.find("#state .button").click();
    browser.says("Journal SHOP is closed.");
    browser.open("/w/acme/books/entries/new");
    browser.find("select[name=journal]");
    browser.find_path("//select[@name='journal'][not(option[@value='SHOP'])]");
    browser.has_no_complaints();
}

fn instance_entry(browser: &Browser) -> i64 {
    let heading = browser
        .find_path("//h1[starts-with(normalize-space(), 'Entry ')]")
        .text();
    heading.trim_start_matches("Entry ").trim().parse().unwrap()
}
