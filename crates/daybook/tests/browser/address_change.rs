//! An account moves to another e-mail address.

use daybook_kernel::Role;
use daybook_testkit::PASSWORD;
use daybook_testkit::browser::{Browser, Scripts};

use crate::scene::{company, looks_well_scriptless};

const NEW: &str = "vera@example.org";

#[test]
fn the_code_of_a_letter_moves_the_account() {
    let instance = company();
    let viewer = instance.colleague(Role::Viewer);
    let browser = Browser::start(instance.address());
    browser.size(1440, 900);
    browser.open("/account/security");
    browser.sign_in(&viewer, PASSWORD);
    browser.scripts(Scripts::Off);
    browser.open("/account/security/email");
    browser.titled("Your e-mail address");
    browser.find("main [name=new_email]").fill(NEW);
    browser.find("main .button.primary").click();
    browser.says("A message with a code is on its way to the new address.");
    looks_well_scriptless(&browser);
    let letter = instance.letter(NEW, 1);
    let code = letter.split(|c: char| !c.is_ascii_digit());
    let code = code.clone().find(|it| it.len() == 8).expect("a code");
    browser.find("main [name=code]").fill("00000000");
    browser.find("#code .button.primary").click();
    browser.says("This code is not right");
    browser.open("/account/security/email?sent=yes");
    browser.find("main [name=code]").fill(code);
    browser.find("#code .button.primary").click();
    browser.titled("Security");
    browser.says(NEW);
}
