//! An Owner freezes the workspace, deletes it and takes it back, without a script.

use daybook_testkit::browser::Scripts;

use crate::scene::{company, looks_well_scriptless, signed_in};

#[test]
fn a_workspace_is_frozen_deleted_and_taken_back_without_a_script() {
    let instance = company();
    let browser = signed_in(&instance);
    browser.scripts(Scripts::Off);
    browser.open("/w/acme/settings");
    browser.says("No limit is set");
    browser.find("#freeze .button").click();
    browser.says("The workspace is frozen.");
    browser.titled("Settings");
    looks_well_scriptless(&browser);
    browser.open("/?switch");
    browser.says("Frozen");
    browser.open("/w/acme/settings");
    browser.find("#freeze .button").click();
    browser.says("The workspace is not frozen any more");

    browser.find("#delete summary").click();
    browser.find("#delete [name=address]").fill("globex");
    browser.find("#delete form .button").click();
    browser.says("This is not the address of this workspace");
    looks_well_scriptless(&browser);
    browser.find("#delete [name=address]").fill("acme");
    browser.find("#delete form .button").click();
    browser.says("Gone on");
    looks_well_scriptless(&browser);
    browser.open("/w/acme/books/accounts");
    browser.says("This workspace is deleted and will be gone on");
    browser.open("/?switch");
    browser.find("a.workspace").click();
    browser.titled("Deleted");
    looks_well_scriptless(&browser);
    browser.find("main form .button").click();
    browser.titled("Your workspaces");
    browser.find("a.workspace").click();
    browser.open("/w/acme/books/accounts");
    browser.titled("Accounts");
}
