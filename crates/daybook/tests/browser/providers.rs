//! The way to an identity provider and back, in a real browser, which leaves
//! cookies behind when another site sends it and follows no form to one. The
//! instance is at `localhost` and the provider at `127.0.0.1`: two sites.

use daybook::features::{DIRECTORY, FEATURES, SITE};
use daybook_testkit::browser::{Browser, Scripts, Theme};
use daybook_testkit::{IdentityProvider, Instance, On, Options, PASSWORD, Product, Reached};
use jiff::SignedDuration;
use serde_json::json;

use crate::scene::OWNER;

fn with_provider() -> (Instance, IdentityProvider) {
    let product = Product {
        features: &FEATURES,
        directory: DIRECTORY,
        site: SITE,
    };
    let mut options = Options::on(On::Embedded);
    options.reached = Reached::Here;
    let mut instance = Instance::start(product, options);
    let provider = IdentityProvider::start(&["one"], &instance.clock);
    instance.reach_out(IdentityProvider::reached(std::slice::from_ref(&provider)));
    let back = format!("{}/sign-in/with/one/back", instance.engine().site());
    provider.control(&json!({
        "back": back,
        "account": "ada-1",
        "claims": {"email": "ada@elsewhere.example", "email_verified": true},
    }));
    (instance, provider)
}

#[test]
fn an_account_is_linked_and_signs_in_without_scripts() {
    let (instance, _provider) = with_provider();
    let browser = Browser::start(instance.address()).by_name();
    browser.size(1440, 900);
    browser.scripts(Scripts::Off);
    browser.open("/account/security");
    browser.sign_in(OWNER, PASSWORD);
    browser.says("Linked accounts");
    browser.open("/account/security/providers");
    browser.says("None is linked.");
    browser.find("#new .button").click();
    browser.says("ada@elsewhere.example");
    browser.titled("Linked accounts");
    browser.has_no_complaints();

    browser.find(".rail form .button").click();
    browser.titled("Sign in");
    browser
        .find("form[action='/sign-in/with/one'] .button")
        .click();
    // Signed in at once: the session's cookie came along on the last step.
    browser.find("body.shell");
    browser.has_no_complaints();
}

#[test]
fn somebody_invited_comes_in_by_a_provider() {
    const GRACE: &str = "grace@example.com";
    let (instance, provider) = with_provider();
    let input = json!({"email": GRACE, "role": "Viewer"});
    instance.owner().ok("team.invite_member", input);
    provider.control(&json!({
        "account": "grace-1",
        "claims": {"email": GRACE, "email_verified": true},
    }));
    let letter = instance.letter(GRACE, 1);
    let site = instance.engine().site();
    let page = letter
        .split_whitespace()
        .find_map(|it| it.strip_prefix(site));
    let page = page.filter(|it| it.starts_with("/invitation/")).unwrap();

    let browser = Browser::start(instance.address()).by_name();
    for (width, height) in [(1440, 900), (390, 844)] {
        browser.size(width, height);
        for theme in [Theme::Light, Theme::Dark] {
            browser.theme(theme);
            browser.open(page);
            browser.says("by an account elsewhere that has this address");
            assert_eq!(browser.overflow(), None);
            assert_eq!(browser.axe(), Vec::<String>::new());
        }
    }
    browser.scripts(Scripts::Off);
    browser.open(page);
    browser
        .find("form[action='/sign-in/with/one'] .button")
        .click();
    browser.titled("Invitation");
    browser.find(".button.primary").click();
    browser.find("body.shell");
    assert_eq!(browser.path(), "/w/acme/");
    browser.has_no_complaints();
    browser.open("/account/security");
    browser.says("None. What is linked signs you in.");
    // What is grave asks the provider once more, and comes back.
    instance.clock.advance(SignedDuration::from_mins(11));
    browser.open("/step-up?next=/account/security/providers");
    browser.says("Your account has no password.");
    browser
        .find("form[action='/sign-in/with/one'] .button")
        .click();
    browser.titled("Linked accounts");
    browser.has_no_complaints();
}
