//! Passkeys and second factors in a real browser, with a virtual device.

use daybook::features::{DIRECTORY, FEATURES, SITE};
use daybook_kernel::Clock as _;
use daybook_testkit::browser::{Browser, Scripts};
use daybook_testkit::{Instance, On, Options, PASSWORD, Product, Reached, totp};
use jiff::SignedDuration;

use crate::scene::OWNER;

/// An instance that takes `localhost` at its port for its own origin.
fn here() -> Instance {
    let product = Product {
        features: &FEATURES,
        directory: DIRECTORY,
        site: SITE,
    };
    let mut options = Options::on(On::Embedded);
    options.reached = Reached::Here;
    Instance::start(product, options)
}

fn browser(instance: &Instance) -> Browser {
    let browser = Browser::start(instance.address()).by_name();
    browser.size(1440, 900);
    browser
}

#[test]
fn a_passkey_is_added_signs_in_and_steps_up() {
    let instance = here();
    let browser = browser(&instance);
    browser.authenticator();
    browser.open("/account/security/passkeys");
    browser.sign_in(OWNER, PASSWORD);
    browser.titled("Passkeys");
    browser.find("main [name=name]").fill("Test device");
    browser.find("[data-passkey]").click();
    browser.says("The passkey is added.");
    browser.says("Test device");
    browser.has_no_complaints();

    browser.find(".rail form .button").click();
    browser.titled("Sign in");
    browser.find("[data-passkey]").click();
    browser.find("body.shell");
    browser.has_no_complaints();

    // Something grave, once the factor is stale: the form waits for the passkey.
    instance.clock.advance(SignedDuration::from_mins(11));
    browser.open("/w/acme/team/tokens");
    browser.find("main [name=name]").fill("Nightly");
    browser.find("main [name='scopes[0]']").fill("books.*");
    browser.find("#new .buttons .button.primary").click();
    browser.titled("Confirm that it is you");
    browser.find("[data-passkey]").click();
    browser.says("Your new token");
    browser.size(390, 844);
    assert_eq!(browser.overflow(), None);
    browser.complaints();
}

#[test]
fn an_app_is_set_up_and_asked_for_without_scripts() {
    let instance = here();
    let browser = browser(&instance);
    browser.scripts(Scripts::Off);
    browser.open("/account/security/app");
    browser.sign_in(OWNER, PASSWORD);
    browser.titled("Authenticator app");
    browser.find("main .button.primary").click();
    browser.find("svg.qr");
    let secret = browser.execute(
        "return document.querySelector('#read code').textContent",
        &[],
    );
    let secret = secret.as_str().unwrap().replace(' ', "");
    let code = |ahead: i64| {
        totp(
            &secret,
            instance.clock.now() + SignedDuration::from_secs(ahead),
        )
    };
    browser.find("main [name=code]").fill(&code(0));
    browser.find("#code .button.primary").click();
    browser.titled("Recovery codes");
    browser.find("main .button.primary").click();
    browser.find("ol.codes li:nth-child(10)");
    browser.size(390, 844);
    assert_eq!(browser.overflow(), None);
    browser.size(1440, 900);
    let first = "return document.querySelector('ol.codes code').textContent";
    let recovery = browser.execute(first, &[]).as_str().unwrap().to_owned();

    for shown in [code(30), recovery] {
        browser.find(".rail form .button").click();
        browser.titled("Sign in");
        browser.open("/w/acme/team/tokens");
        browser.sign_in(OWNER, PASSWORD);
        browser.titled("Your second factor");
        browser.find("main [name=code]").fill("000000");
        browser.find("main .button.primary").click();
        browser.find(".fault-summary");
        browser.find("main [name=code]").fill(&shown);
        browser.find("main .button.primary").click();
        browser.titled("API tokens");
    }
    browser.open("/account/security");
    browser.says("A recovery code was used.");
    browser.says("9 of 10 left.");
    browser.scripts(Scripts::On);
    for path in [
        "security",
        "security/app",
        "security/recovery-codes",
        "security/passkeys",
        "sessions",
    ] {
        browser.open(&format!("/account/{path}"));
        assert_eq!(browser.overflow(), None, "{path}");
        assert_eq!(browser.axe(), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn whoever_has_a_password_alone_is_reminded_once_a_sign_in() {
    let instance = here();
    let browser = browser(&instance);
    browser.open("/w/acme");
    browser.sign_in(OWNER, PASSWORD);
    browser.says("A password alone guards your account.");
    browser.link("Add a second factor").click();
    browser.titled("Security");
    browser
        .find_path("//button[normalize-space()='Not for 30 days']")
        .click();
    browser.says("You will be reminded in 30 days.");
    browser.find(".rail form .button").click();
    browser.titled("Sign in");
    browser.open("/w/acme");
    browser.sign_in(OWNER, PASSWORD);
    browser.find("body.shell");
    let seen = browser.execute("return document.querySelector('.notice') === null", &[]);
    assert_eq!(seen, true);
    browser.has_no_complaints();
}
