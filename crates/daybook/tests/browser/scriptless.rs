//! Without scripts every deed is still possible, by plain forms.

use daybook_testkit::PASSWORD;
use daybook_testkit::browser::{Browser, Scripts};

use crate::scene::{OWNER, company, entries};

#[test]
fn an_entry_is_posted_and_reversed_without_scripts() {
    let instance = company();
    let before = entries(&instance);
    let browser = Browser::start(instance.address());
    browser.size(1440, 900);
    browser.scripts(Scripts::Off);
    assert_eq!(browser.open("/w/acme/books/entries/new"), 401);
    browser.sign_in(OWNER, PASSWORD);
    browser.titled("New entry");
    let rows = browser.execute(ROWS, &[]).as_u64().unwrap();

    // More rows, and what was typed stays.
    fill(&browser, "description", "Chairs");
    line(&browser, 0, "6000 Costs", "debit", "300.00");
    browser.find("button[name=add_rows]").click();
    browser.find_path(&format!("//tr[@data-line][{}]", rows + 6));
    assert_eq!(typed(&browser, "description"), "Chairs");
    assert_eq!(typed(&browser, "lines[0].debit"), "300.00");

    // A fault brings the page back with its sentence and with what was typed.
    line(&browser, 1, "1200", "credit", "299.00");
    browser.find(".buttons .button.primary").click();
    browser.find(".fault-summary");
    assert_eq!(browser.status(), 422);
    browser.says("differ by 1.00 EUR");
    assert_eq!(typed(&browser, "description"), "Chairs");
    assert_eq!(typed(&browser, "lines[0].account"), "6000 Costs");
    assert_eq!(typed(&browser, "lines[1].credit"), "299.00");
    assert_eq!(entries(&instance), before);

    fill(&browser, "lines[1].credit", "300.00");
    browser.find(".buttons .button.primary").click();
    browser.titled(&format!("Entry {}", before + 1));
    browser.says("Chairs");

    // It is reversed for a reason; the notice above offers the same and stays alone.
    browser.find("#reverse [name=reason]").fill("Sent back");
    browser.find("#reverse .button").click();
    browser.titled(&format!("Entry {}", before + 2));
    browser.says(&format!("Entry {}", before + 1));
    assert_eq!(entries(&instance), before + 2);

    browser.find(".rail form .button").click();
    browser.titled("Sign in");
    assert_eq!(browser.open("/w/acme"), 401);
    browser.has_no_complaints();
}

const ROWS: &str = "return document.querySelectorAll('tr[data-line]').length";

fn fill(browser: &Browser, name: &str, text: &str) {
    browser.find(&format!("main [name='{name}']")).fill(text);
}

fn line(browser: &Browser, at: usize, account: &str, side: &str, amount: &str) {
    fill(browser, &format!("lines[{at}].account"), account);
    fill(browser, &format!("lines[{at}].{side}"), amount);
}

fn typed(browser: &Browser, name: &str) -> String {
    browser
        .find(&format!("main [name='{name}']"))
        .property("value")
}
