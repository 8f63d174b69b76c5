//! An Owner asks a second factor of a role, and whoever lacks one finds the way.

use daybook_kernel::Role;
use daybook_testkit::{PASSWORD, until};
use serde_json::json;

use crate::scene::{company, looks_well, signed_in};

#[test]
fn a_closed_workspace_shows_the_way_to_a_second_factor() {
    let instance = company();
    let viewer = instance.colleague(Role::Viewer);
    until("the workspace knows of its members", || {
        let coverage = instance.owner().ok("team.show_factor_coverage", json!({}));
        let members = coverage["members"].as_array().unwrap();
        members.iter().all(|it| it["second_factor"] == false)
    });
    let browser = signed_in(&instance);
    browser.open("/w/acme/team/members");
    browser.link("Security").click();
    browser.titled("Security");
    browser.says("0 of 2 have a second factor.");
    looks_well(&browser);
    browser.link("Ask it of a role").click();
    browser.find("main [name=name]").fill("Two factors");
    browser.find("main [name=role_Viewer]").click();
    browser.find("main .buttons .button.primary").click();
    browser.find("#preview .button.primary").click();
    browser.says("Policy Two factors holds.");
    browser.find(".rail form .button").click();
    browser.titled("Sign in");

    browser.open("/w/acme/books/reports");
    browser.sign_in(&viewer, PASSWORD);
    browser.titled("Add a second factor first");
    browser.says("Two factors");
    looks_well(&browser);
    browser.link("Add a second factor").click();
    browser.titled("Security");
}
