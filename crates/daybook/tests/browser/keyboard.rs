//! Everything by keyboard, as somebody works who keeps books all day.

use daybook_testkit::browser::{Browser, key};

use crate::scene::{company, entries, signed_in};

#[test]
fn an_entry_is_written_by_keys_alone() {
    let instance = company();
    let number = entries(&instance) + 1;
    let browser = signed_in(&instance);
    browser.open("/w/acme/books/entries");
    browser.keys("n");
    browser.titled("New entry");

    // To the first field, on through the head to the first account.
    browser.find("#f-date").type_in("");
    press(&browser, key::ENTER, 1);
    browser.keys("Printer");
    press(&browser, key::ENTER, 2);
    assert_eq!(focus(&browser), "lines[0].account");

    // The account by the beginning of its name, the net of a gross amount.
    browser.keys("cos");
    browser.find(".complete [role=option]");
    press(&browser, key::ENTER, 1);
    assert_eq!(typed(&browser, "lines[0].account"), "6000 Costs");
    press(&browser, key::ENTER, 1);
    assert_eq!(focus(&browser), "lines[0].debit");
    browser.keys("1200/1.19");
    press(&browser, key::ENTER, 1);
    assert_eq!(typed(&browser, "lines[0].debit"), "1008.40");
    browser.find_path("//output[contains(., 'to credit')]");

    // On to the next line: the bank, and whatever balances.
    press(&browser, key::ENTER, 1);
    press(&browser, key::TAB, 1);
    assert_eq!(focus(&browser), "lines[1].account");
    browser.keys("1200");
    press(&browser, key::ENTER, 2);
    browser.keys("=");
    assert_eq!(typed(&browser, "lines[1].credit"), "1008.40");
    browser.find_path("//output[normalize-space()='Balanced']");

    // What is typed survives a reload.
    browser.reload();
    browser.find(".draft");
    assert_eq!(typed(&browser, "description"), "Printer");
    assert_eq!(typed(&browser, "lines[1].credit"), "1008.40");

    browser.find("#f-description").type_in("");
    browser.control(key::ENTER);
    browser.titled(&format!("Entry {number}"));
    assert_eq!(entries(&instance), number);
    browser.open("/w/acme/books/entries/new");
    browser.titled("New entry");
    assert_eq!(
        typed(&browser, "description"),
        "",
        "a draft outlived its entry"
    );
    browser.has_no_complaints();
}

#[test]
fn places_rows_and_the_palette_are_at_the_keys() {
    let instance = company();
    let browser = signed_in(&instance);
    browser.keys("gr");
    browser.titled("Reports");

    browser.keys("?");
    browser.find_path("//dialog[@open]//h2[.='Keys of this page']");
    press(&browser, key::ESCAPE, 1);
    browser.find_path("/html[not(.//dialog[@open])]");

    browser.keys("gb");
    browser.titled("Entries");
    browser.keys("/");
    browser.find(".filters input:focus");
    browser.keys("n");
    browser.titled("Entries");
    press(&browser, key::ESCAPE, 1);

    browser.control('k');
    browser.find("dialog[open] input:focus");
    browser.keys("accou");
    press(&browser, key::ENTER, 1);
    browser.titled("Accounts");

    // Down twice and up once is the first row's neighbour.
    browser.keys("jjk");
    let row = browser.find("[data-row][aria-current] .row-link").text();
    assert_eq!(row, "1000 Cash");
    press(&browser, key::ENTER, 1);
    browser.titled("1000 Cash");
    browser.has_no_complaints();
}

fn press(browser: &Browser, key: char, times: usize) {
    browser.keys(&String::from(key).repeat(times));
}

fn focus(browser: &Browser) -> String {
    browser.focused().property("name")
}

fn typed(browser: &Browser, name: &str) -> String {
    browser
        .find(&format!("main [name='{name}']"))
        .property("value")
}

#[test]
fn a_register_opens_an_entry_beside_it() {
    let instance = company();
    let browser = signed_in(&instance);
    browser.open("/w/acme/books/entries");
    browser.keys("j");
    let number = browser.find("[data-row][aria-current] .row-link").text();
    press(&browser, key::ENTER, 1);
    browser.find_path(&format!("//aside[contains(., 'Entry {number}')]"));
    assert!(
        browser
            .path()
            .ends_with(&format!("/books/entries/{number}"))
    );
    press(&browser, key::ESCAPE, 1);
    browser.find_path("/html[not(.//aside)]");
    assert!(browser.path().ends_with("/books/entries"));
    let row = browser.find("[data-row][aria-current] .row-link").text();
    assert_eq!(row, number, "the place in the register is lost");
    browser.has_no_complaints();
}
