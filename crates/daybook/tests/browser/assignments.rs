//! An account is assigned, seen by whose it is, and taken back.

use daybook_kernel::Role;
use daybook_testkit::PASSWORD;
use daybook_testkit::browser::{Browser, Scripts, Theme};

use crate::scene::{company, signed_in};

/// What a Member opens day by day.
const PAGES: [&str; 8] = [
    "/w/acme",
    "/w/acme/books/accounts",
    "/w/acme/books/accounts/1200",
    "/w/acme/books/entries",
    "/w/acme/books/entries/31",
    "/w/acme/books/assignments",
    "/w/acme/books/reports/trial-balance",
    "/w/acme/books/reports/balance-sheet",
];

#[test]
fn an_account_is_assigned_seen_and_taken_back() {
    let instance = company();
    let email = instance.colleague(Role::Member);
    let browser = signed_in(&instance);
    let other = Browser::start(instance.address());
    other.size(1440, 900);
    other.open("/w/acme");
    other.sign_in(&email, PASSWORD);
    other.says("Ask an Owner, Admin or Manager to assign you accounts");

    browser.open("/w/acme/team/members");
    browser.link(&email).click();
    browser.link("Assigned accounts").click();
    browser.titled("Assignments");
    browser.says("Nothing assigned, sees nothing");
    browser.execute(
        "document.querySelector('main [name=account]').value = '1200'",
        &[],
    );
    browser.find("main .buttons .button.primary").click();
    browser.says(&format!("Account 1200 is assigned to {email}."));
    // From the account's own page, without scripts.
    browser.scripts(Scripts::Off);
    browser.open("/w/acme/books/accounts/4000");
    browser.says("No Member sees this account.");
    browser.find("#assigned .button.plain").click();
    browser.says(&format!("Account 4000 is assigned to {email}."));
    browser.find("#assigned .button.quiet").click();
    browser.says("Account 4000 is taken back");
    browser.scripts(Scripts::On);

    for path in PAGES {
        for (width, height) in [(1440, 900), (390, 844)] {
            other.size(width, height);
            assert_eq!(other.open(path), 200, "{path}");
            assert_eq!(other.overflow(), None, "{path} at {width}");
            other.says("You see what is assigned to you");
            for theme in [Theme::Light, Theme::Dark] {
                other.theme(theme);
                assert_eq!(other.axe(), Vec::<String>::new(), "{path} {theme:?}");
            }
        }
    }
    assert_eq!(other.open("/w/acme/books/accounts/4000"), 404);
    browser.open("/w/acme/books/assignments");
    browser.find("main .button.quiet").click();
    browser.says("Account 1200 is taken back");
    browser.keys("u");
    browser.says(&format!("Account 1200 is assigned to {email} again."));
    browser.has_no_complaints();
}
