//! A file is asked for, the factor is shown, and the file comes.

use daybook_testkit::PASSWORD;
use daybook_testkit::browser::Scripts;
use jiff::SignedDuration;

use crate::scene::{company, looks_well, signed_in};

#[test]
fn the_books_leave_once_it_is_shown_who_takes_them() {
    let instance = company();
    let browser = signed_in(&instance);
    for scripts in [Scripts::On, Scripts::Off] {
        browser.scripts(scripts);
        instance.clock.advance(SignedDuration::from_mins(11));
        browser.open("/w/acme/books/reports");
        browser.link("All of the books as a file").click();
        browser.titled("Export");
        if scripts == Scripts::On {
            looks_well(&browser);
        }
        browser.find("main [name=format] [value=beancount]").click();
        browser.find("main .buttons .button.primary").click();
        browser.titled("Confirm that it is you");
        browser.find("[name=password]").fill(PASSWORD);
        browser.find(".button.primary").click();
        browser.titled("Your file");
        let link = browser.link("Take the file").property("href");
        let asked = "/w/acme/download/books.export_journal?format=beancount";
        assert!(link.ends_with(asked), "{link}");
        browser.link("Back to the workspace").click();
        browser.titled("Home");
    }
    browser.has_no_complaints();
}
