//! A member brings a browser along and comes in once it is let in.

use daybook_kernel::Role;
use daybook_testkit::PASSWORD;
use daybook_testkit::browser::Scripts;
use serde_json::json;

use crate::scene::{company, looks_well_scriptless, signed_in};

#[test]
fn a_browser_is_brought_along_and_let_in() {
    let instance = company();
    let viewer = instance.colleague(Role::Viewer);
    let browser = signed_in(&instance);
    browser.open("/w/acme/team/policies?kind=device#new");
    browser.find("main [name=name]").fill("Our devices");
    browser.find("main [name=role_Viewer]").click();
    browser.find("main .buttons .button.primary").click();
    browser.says("Is asked for it, and has none: closed until then");
    browser.find("#preview .button.primary").click();
    browser.says("Policy Our devices holds.");
    browser.find(".rail form .button").click();
    browser.titled("Sign in");

    browser.scripts(Scripts::Off);
    browser.open("/w/acme/books/accounts");
    browser.sign_in(&viewer, PASSWORD);
    browser.titled("This browser is not known here");
    looks_well_scriptless(&browser);
    browser.link("Bring this browser along").click();
    browser.titled("Devices");
    looks_well_scriptless(&browser);
    browser.find("main [name=name]").fill("Front desk");
    browser.find("main .button.primary").click();
    browser.says("Front desk waits to be let in.");
    browser.open("/w/acme/books/accounts");
    browser.titled("This browser is not known here");

    let owner = instance.owner();
    let devices = owner.ok("team.list_known_devices", json!({}));
    let waiting = devices["devices"][0]["id"].clone();
    owner.ok("team.approve_known_device", json!({"id": waiting}));
    browser.open("/w/acme/books/accounts");
    browser.titled("Accounts");
    browser.open("/w/acme/team/devices");
    browser.says("This browser is a known device.");
    looks_well_scriptless(&browser);
}
